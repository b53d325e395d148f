package io.logicdistillation.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import tools.jackson.databind.JsonNode;

/**
 * Decisions of a running inference-service for tasks with few and with many functions, one after the other in turns, beside those for the
 * smallest. Functions are drawn (see {@link DrawnFunctions}) and put into the function base's tables; words are new at every decision, so
 * each is searched for; nobody taught a student for them, so the general one decides, which reads every candidate. "First" is a task's first
 * decision, for which the service fetches the whole snapshot.
 *
 * <p>{@code BaseSizeBench --url ADDRESS --pid PID --jdbc URL --user NAME --sizes 10,1k,100k [--json]}; the environment's PLATFORM_DB_PASSWORD is the
 * password of the function base's database.
 */
public final class BaseSizeBench {
    /** Whose general student decides. */
    private static final String TENANT = "default";

    private static final int WARM_UP = 5;
    private static final int DECISIONS = 40;

    private final Service service;
    private final Consumer<Figure> print;
    private final List<Base> bases = new ArrayList<>();

    private BaseSizeBench(List<String> given) {
        this.service = new Service(given);
        boolean json = given.contains("--json");
        this.print = figure -> System.out.println(json ? figure.asJson() : figure.asText());
    }

    /** A task and how long its decisions took. */
    private record Base(String size, DrawnFunctions drawn, Samples whole, Samples beside) {
        static Base of(String size) {
            int functions = Integer.parseInt(size.replace("k", "000"));
            return new Base(
                    size, new DrawnFunctions(TENANT, functions), new Samples(DECISIONS), new Samples(DECISIONS));
        }

        String task() {
            return "drawn-" + size;
        }
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        BaseSizeBench bench = new BaseSizeBench(given);
        SingleConnectionDataSource connection = new SingleConnectionDataSource(
                new DriverManagerDataSource(
                                Service.option(given, "--jdbc"),
                                Service.option(given, "--user"),
                                System.getenv("PLATFORM_DB_PASSWORD"))
                        .getConnection(),
                true);
        try {
            for (String size : Service.option(given, "--sizes").split(",")) {
                Base base = Base.of(size);
                base.drawn().serve(JdbcClient.create(connection), base.task());
                bench.bases.add(base);
            }
            JdbcClient.create(connection).sql("VACUUM ANALYZE").update();
        } finally {
            connection.destroy();
        }
        bench.measure();
        System.exit(0);
    }

    private void measure() throws IOException, InterruptedException {
        for (Base base : bases) {
            long begun = System.nanoTime();
            JsonNode first = decide(base);
            double seconds = (System.nanoTime() - begun) / 1e9;
            print.accept(new Figure("base_" + base.size() + "_first", seconds, "s"));
            int shown = first.get("stages").get(0).get("candidates").size();
            if (shown == 0) {
                throw new IllegalStateException("Nothing could be chosen from: " + first);
            }
        }
        print.accept(new Figure("base_memory", service.memoryMb("VmRSS"), "MB"));
        for (int i = -WARM_UP; i < DECISIONS; i++) {
            for (Base base : bases) {
                long begun = System.nanoTime();
                JsonNode timings = decide(base).get("timings");
                if (i >= 0) {
                    base.whole().add(System.nanoTime() - begun);
                    double beside = timings.get("totalMs").asDouble()
                            - timings.get("prefillMs").asDouble();
                    base.beside().add(Math.round(beside * 1e6));
                }
            }
        }
        for (Base base : bases) {
            print(base, "p50", 0.5);
            print(base, "p90", 0.9);
        }
    }

    private void print(Base base, String name, double share) {
        Base smallest = bases.getFirst();
        String prefix = "base_" + base.size() + "_";
        print.accept(new Figure(
                prefix + name,
                base.whole().percentile(share),
                "ms",
                smallest.whole().percentile(share)));
        print.accept(new Figure(
                prefix + "outside_model_" + name,
                base.beside().percentile(share),
                "ms",
                smallest.beside().percentile(share)));
    }

    private JsonNode decide(Base base) throws IOException, InterruptedException {
        return service.post(
                TENANT,
                "/v1/tasks/" + base.task() + "/decisions",
                "{\"state\":" + base.drawn().state() + "}");
    }
}
