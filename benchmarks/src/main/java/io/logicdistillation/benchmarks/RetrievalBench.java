package io.logicdistillation.benchmarks;

import io.logicdistillation.functionbase.search.FusedQuery;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The search of the function base in Postgres, beside an exact comparison of all functions of the stage in the same run. One
 * task has 1,000, 10,000 or 100,000 functions; a million are spread over 1,000 tasks. Vectors and words are drawn, see
 * {@link DrawnFunctions}; embedding the state is not part of it.
 *
 * <p>{@code RetrievalBench --jdbc URL --user NAME [--sizes 1k,10k,100k,1m] [--searches N] [--json]}; the environment's
 * PLATFORM_DB_PASSWORD is the password, and the tables are there.
 */
public final class RetrievalBench {
    private static final int K = 10;
    private static final int WARM_UP = 20;

    private final JdbcClient database;
    private final TransactionTemplate transactions;
    private final FusedQuery query = new FusedQuery();
    private final Consumer<Figure> print;

    private RetrievalBench(SingleConnectionDataSource connection, Consumer<Figure> print) {
        this.database = JdbcClient.create(connection);
        this.transactions = new TransactionTemplate(new DataSourceTransactionManager(connection));
        this.print = print;
    }

    public static void main(String[] arguments) throws SQLException {
        List<String> given = List.of(arguments);
        boolean json = given.contains("--json");
        DriverManagerDataSource source = new DriverManagerDataSource(
                option(given, "--jdbc", ""), option(given, "--user", ""), System.getenv("PLATFORM_DB_PASSWORD"));
        int searches = Integer.parseInt(option(given, "--searches", "300"));
        SingleConnectionDataSource connection = new SingleConnectionDataSource(source.getConnection(), true);
        try {
            RetrievalBench bench = new RetrievalBench(
                    connection, figure -> System.out.println(json ? figure.asJson() : figure.asText()));
            for (String size : option(given, "--sizes", "1k,10k,100k,1m").split(",")) {
                bench.measure(size, searches);
            }
        } finally {
            connection.destroy();
        }
    }

    private static String option(List<String> given, String name, String otherwise) {
        int at = given.indexOf(name);
        return at < 0 || at + 1 == given.size() ? otherwise : given.get(at + 1);
    }

    private void measure(String size, int searches) {
        int functions = Integer.parseInt(size.replace("k", "000").replace("m", "000000"));
        int tasks = functions > 100_000 ? 1_000 : 1;
        DrawnFunctions drawn = new DrawnFunctions("bench-" + size, functions / tasks);
        long begun = System.nanoTime();
        List<Long> snapshots = drawn.insert(database, tasks);
        print.accept(new Figure("insert_rate_" + size, functions / ((System.nanoTime() - begun) / 1e9), "functions/s"));
        database.sql("VACUUM ANALYZE").update();
        Samples ours = new Samples(searches);
        Samples exact = new Samples(searches);
        double found = 0;
        for (int i = -WARM_UP; i < searches; i++) {
            FusedQuery.Question question = drawn.question(snapshots.get(Math.floorMod(i * 31, snapshots.size())), K);
            long fused = nanosOf(drawn.tenant(), () -> query.run(database, question));
            List<Long> there = new ArrayList<>();
            long all = nanosOf(drawn.tenant(), () -> there.addAll(query.nearest(database, question, true)));
            Set<Long> hit = new HashSet<>();
            nanosOf(drawn.tenant(), () -> hit.addAll(first(query.nearest(database, question, false))));
            if (i >= 0) {
                ours.add(fused);
                exact.add(all);
                found += first(there).stream().filter(hit::contains).count() / (double) K;
            }
        }
        print.accept(new Figure("p50_" + size, ours.percentile(0.5), "ms", exact.percentile(0.5)));
        print.accept(new Figure("p99_" + size, ours.percentile(0.99), "ms", exact.percentile(0.99)));
        print.accept(new Figure("exact_p50_" + size, exact.percentile(0.5), "ms"));
        print.accept(new Figure("recall10_" + size, found / searches, "share"));
        print.accept(new Figure("vector_index_" + size, indexMegabytes(), "MB"));
        drawn.remove(database);
    }

    private static List<Long> first(List<Long> rows) {
        return rows.subList(0, Math.min(K, rows.size()));
    }

    /** One transaction of the tenant's, as the service makes one. */
    private long nanosOf(String tenant, Runnable work) {
        long begun = System.nanoTime();
        transactions.executeWithoutResult(status -> {
            database.sql("SELECT set_config('app.tenant', ?, true)")
                    .param(tenant)
                    .query(String.class)
                    .single();
            work.run();
        });
        return System.nanoTime() - begun;
    }

    private double indexMegabytes() {
        return database.sql("SELECT pg_relation_size('functions_by_meaning')")
                        .query(Long.class)
                        .single()
                / 1e6;
    }
}
