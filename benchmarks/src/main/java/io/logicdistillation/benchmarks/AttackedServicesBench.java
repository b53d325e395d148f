package io.logicdistillation.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What hostile programs that one tenant publishes do to another tenant's requests of a running platform: searches of the function base,
 * which runs both tenants' functions, and decisions beside it. Quiet stretches and attacks take turns, so that whatever else the machine does
 * falls on all of them. No score is remembered, so that a decision is one.
 *
 * <p>{@code AttackedServicesBench --function-base ADDRESS --inference ADDRESS --pid PID --task TASK --states FILE --corpora FOLDER
 * [--json]}; the file has a state on each line.
 */
public final class AttackedServicesBench {
    private static final String TENANT = "default";
    private static final String ATTACKER = "attacker";
    private static final List<String> LANGUAGES = List.of("javascript", "python");
    private static final int ROUNDS = 6;
    private static final Duration WARM_UP = Duration.ofSeconds(30);
    private static final Duration QUIET = Duration.ofSeconds(20);
    private static final Duration PACE = Duration.ofMillis(20);
    private static final double MOST = 2;
    private static final int MOST_REQUESTS = 100_000;

    private final Service functionBase;
    private final Service inference;
    private final String task;
    private final List<String> states;
    private final List<Attack> attacks = new ArrayList<>();
    private final Neighbour quiet = new Neighbour();
    private String firstStage = "";
    private int asked;
    private int published;
    private int refused;
    private int errors;

    private AttackedServicesBench(List<String> given) throws IOException {
        functionBase = new Service(given, "--function-base");
        inference = new Service(given, "--inference");
        task = "/v1/tasks/" + Service.option(given, "--task");
        states = Files.readAllLines(Path.of(Service.option(given, "--states")));
        Path folder = Path.of(Service.option(given, "--corpora"));
        for (String language : LANGUAGES) {
            attacks.add(new Attack(language, HostilePrograms.of(folder, language), new Neighbour()));
        }
    }

    /** How long the requests of one that attacks nobody took. */
    private record Neighbour(Samples searches, Samples decisions) {
        Neighbour() {
            this(new Samples(MOST_REQUESTS), new Samples(MOST_REQUESTS));
        }
    }

    /** @param neighbour whose requests came meanwhile */
    private record Attack(String language, List<String> programs, Neighbour neighbour) {
        List<String> ofRound(int round) {
            return programs.subList(round * programs.size() / ROUNDS, (round + 1) * programs.size() / ROUNDS);
        }
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        AttackedServicesBench bench = new AttackedServicesBench(given);
        bench.measure();
        boolean json = given.contains("--json");
        bench.figures().forEach(figure -> System.out.println(json ? figure.asJson() : figure.asText()));
        System.exit(0);
    }

    private void measure() throws IOException, InterruptedException, ExecutionException {
        ObjectNode definition = functionBase.get(TENANT, task).asObject();
        firstStage = definition.get("stages").get(0).get("name").asString();
        JsonNode listed =
                functionBase.get(TENANT, task + "/functions").get("items").get(0);
        ObjectNode honest = functionBase
                .get(TENANT, task + "/functions/" + listed.get("name").asString())
                .asObject();
        honest.retain(List.of("stage", "manual", "tests"));
        functionBase.put(ATTACKER, task, definition.toString());
        keepAsking(new Neighbour(), during(WARM_UP));
        for (int round = 0; round < ROUNDS; round++) {
            keepAsking(quiet, during(QUIET));
            for (Attack attack : attacks) {
                publish(attack, round, honest);
            }
            System.err.println("round " + (round + 1) + " of " + ROUNDS);
        }
    }

    private static BooleanSupplier during(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        return () -> System.nanoTime() < end;
    }

    private void publish(Attack attack, int round, ObjectNode honest)
            throws IOException, InterruptedException, ExecutionException {
        try (ExecutorService attacker = Executors.newSingleThreadExecutor()) {
            Future<?> publishing = attacker.submit(() -> {
                for (String program : attack.ofRound(round)) {
                    publish(attack.language(), program, honest);
                }
                return true;
            });
            keepAsking(attack.neighbour(), () -> !publishing.isDone());
            publishing.get();
        }
    }

    private void publish(String language, String program, ObjectNode honest) throws IOException, InterruptedException {
        String name = "hostile-" + published++;
        ObjectNode function = honest.deepCopy();
        function.put("name", name).put("handle", name).put("language", language).put("source", program);
        int status = functionBase.status(ATTACKER, task + "/functions", function.toString());
        refused += status >= 400 && status < 500 ? 1 : 0;
        errors += status >= 500 ? 1 : 0;
    }

    private void keepAsking(Neighbour neighbour, BooleanSupplier going) throws IOException, InterruptedException {
        while (going.getAsBoolean()) {
            String state = states.get(asked++ % states.size());
            long begun = System.nanoTime();
            functionBase.post(
                    TENANT, task + "/searches", "{\"stage\":\"" + firstStage + "\",\"state\":" + state + ",\"k\":5}");
            neighbour.searches().add(System.nanoTime() - begun);
            Thread.sleep(PACE);
            begun = System.nanoTime();
            inference.post(TENANT, task + "/decisions", "{\"state\":" + state + "}");
            neighbour.decisions().add(System.nanoTime() - begun);
            Thread.sleep(PACE);
        }
    }

    private List<Figure> figures() {
        List<Figure> figures = new ArrayList<>();
        figures.add(new Figure("attacked_programs", published, "count"));
        figures.add(new Figure("attacked_refused", refused, "count"));
        figures.add(new Figure("attacked_errors", errors, "count").aimingAt(Figure.Target.atMost(0)));
        for (Attack attack : attacks) {
            Neighbour beside = attack.neighbour();
            figures.addAll(compared("attacked_search_" + attack.language(), beside.searches(), quiet.searches()));
            figures.addAll(compared("attacked_decision_" + attack.language(), beside.decisions(), quiet.decisions()));
        }
        return figures;
    }

    private static List<Figure> compared(String name, Samples beside, Samples alone) {
        return List.of(
                new Figure(name + "_p50", beside.percentile(0.5), "ms", alone.percentile(0.5)),
                new Figure(name + "_p99", beside.percentile(0.99), "ms", alone.percentile(0.99))
                        .aimingAt(Figure.Target.atMost(MOST)));
    }
}
