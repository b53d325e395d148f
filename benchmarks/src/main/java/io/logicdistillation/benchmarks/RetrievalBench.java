package io.logicdistillation.benchmarks;

import io.logicdistillation.functionbase.search.FusedQuery;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The search of the function base in Postgres, beside an exact comparison of all functions of the stage in the same run. One
 * task has 1,000, 10,000 or 100,000 functions; a million are spread over 1,000 tasks. Vectors and words are drawn, see
 * {@link DrawnFunctions}; embedding the state is not part of it. A transaction that only asks for the number 1 is measured between the
 * searches: what it takes, a search takes too, however fast Postgres finds. "Working" is a search's time without what it waited for
 * a core, see {@link CoreWaits}.
 *
 * <p>{@code RetrievalBench --jdbc URL --user NAME [--sizes 1k,10k,100k,1m] [--searches N] [--json]}; the environment's
 * PLATFORM_DB_PASSWORD is the password, and the tables are there.
 */
public final class RetrievalBench {
    private static final int K = 10;
    private static final int WARM_UP = 20;
    private static final int MOST_OF_A_TASK = 100_000;

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
        int tasks = functions > MOST_OF_A_TASK ? 1_000 : 1;
        DrawnFunctions drawn = new DrawnFunctions("bench-" + size, functions / tasks);
        long begun = System.nanoTime();
        List<FusedQuery.Stage> stages = drawn.insert(database, tasks);
        print.accept(new Figure("insert_rate_" + size, functions / ((System.nanoTime() - begun) / 1e9), "functions/s"));
        database.sql("VACUUM ANALYZE").update();
        for (FusedQuery.Question question : questions(drawn, stages, WARM_UP)) {
            nanosOf(question, () -> query.run(database, question));
            nanosOf(question, () -> query.nearest(database, question, true));
        }
        search(size, questions(drawn, stages, searches));
        print.accept(new Figure("vector_index_" + size, indexMegabytes(), "MB"));
        drawn.remove(database);
        // Of what was removed nothing stays behind: cleaning the index up takes longer than making it again.
        database.sql("REINDEX INDEX functions_by_meaning").update();
    }

    /** The searches one after the other, then the comparisons of all: those would drive what a search reads out of Postgres' memory. */
    private void search(String size, List<FusedQuery.Question> questions) {
        Samples ours = new Samples(questions.size());
        Samples working = new Samples(questions.size());
        Samples one = new Samples(questions.size());
        CoreWaits waits = CoreWaits.of(database);
        for (FusedQuery.Question question : questions) {
            long waited = waits.nanos();
            long took = nanosOf(question, () -> query.run(database, question));
            ours.add(took);
            working.add(took - (waits.nanos() - waited));
            one.add(nanosOf(question, () -> database.sql("SELECT 1").query().singleRow()));
        }
        Samples exact = new Samples(questions.size());
        double recall = recall(questions, exact);
        print.accept(new Figure("p50_" + size, ours.percentile(0.5), "ms", exact.percentile(0.5)));
        print.accept(new Figure("p99_" + size, ours.percentile(0.99), "ms", exact.percentile(0.99)));
        if (waits.known()) {
            print("working_", size, working);
        }
        print("exact_", size, exact);
        print("select_1_", size, one);
        print.accept(new Figure("recall10_" + size, recall, "share"));
    }

    private void print(String what, String size, Samples samples) {
        print.accept(new Figure(what + "p50_" + size, samples.percentile(0.5), "ms"));
        print.accept(new Figure(what + "p99_" + size, samples.percentile(0.99), "ms"));
    }

    /** @param exact takes how long the comparisons of all functions took */
    private double recall(List<FusedQuery.Question> questions, Samples exact) {
        double found = 0;
        for (FusedQuery.Question question : questions) {
            List<Long> nearest = new ArrayList<>();
            exact.add(nanosOf(question, () -> nearest.addAll(query.nearest(database, question, true))));
            List<Long> hits = new ArrayList<>();
            nanosOf(question, () -> hits.addAll(first(query.nearest(database, question, false))));
            found += first(nearest).stream().filter(hits::contains).count() / (double) K;
        }
        return found / questions.size();
    }

    private List<FusedQuery.Question> questions(DrawnFunctions drawn, List<FusedQuery.Stage> stages, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> drawn.question(stages.get(i * 31 % stages.size()), K))
                .toList();
    }

    private static List<Long> first(List<Long> rows) {
        return rows.subList(0, Math.min(K, rows.size()));
    }

    /** One transaction of the tenant's, as the service makes one. */
    private long nanosOf(FusedQuery.Question question, Runnable work) {
        long begun = System.nanoTime();
        transactions.executeWithoutResult(status -> {
            database.sql("SELECT set_config('app.tenant', ?, true)")
                    .param(question.stage().tenant())
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
