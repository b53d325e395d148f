package io.logicdistillation.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;

/**
 * Decisions of a running inference-service over HTTP: by one client and by many at once, in rounds, so that whatever else the machine
 * does falls on both. The service remembers no scores and no state comes twice; what remembering gains is measured apart, by
 * another service and on states that come again.
 *
 * <p>{@code ServedBench --url FORGETFUL --remembering URL --pid PID --task TASK --states FILE --concurrency N [--json]}; a state a line.
 */
public final class ServedBench {
    private static final String TENANT = "default";
    private static final int ROUNDS = 4;
    private static final int WARM_UP = 40;
    private static final int ALONE = 40;
    private static final int OF_EACH_CLIENT = 5;
    private static final int REPEATED = 60;

    private final Service service;
    private final Service remembering;
    private final String path;
    private final Iterator<String> states;
    private final int concurrency;

    private ServedBench(List<String> arguments) throws IOException {
        this.service = new Service(arguments);
        this.remembering = new Service(arguments, "--remembering");
        this.path = "/v1/tasks/" + Service.option(arguments, "--task") + "/decisions";
        this.states = Files.readAllLines(Path.of(Service.option(arguments, "--states")))
                .iterator();
        this.concurrency = Integer.parseInt(Service.option(arguments, "--concurrency"));
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        boolean json = given.contains("--json");
        new ServedBench(given)
                .measure()
                .forEach(figure -> System.out.println(json ? figure.asJson() : figure.asText()));
        System.exit(0);
    }

    /** @param timings as the answer tells them */
    private record Answered(double milliseconds, JsonNode timings) {
        double of(String member) {
            return timings.get(member).asDouble();
        }

        double outsideModel() {
            return of("totalMs") - of("prefillMs");
        }

        /** No run of the model: every stage was remembered. */
        boolean isRemembered() {
            return of("prefillMs") == 0;
        }
    }

    /** Answers and how long they took together. */
    private static final class Load {
        private final List<Answered> answers = new ArrayList<>();
        private double seconds;

        double rate() {
            return answers.size() / seconds;
        }

        double percentile(double share, ToDoubleFunction<Answered> of) {
            Samples samples = new Samples(answers.size());
            answers.forEach(answer -> samples.add(Math.round(of.applyAsDouble(answer) * 1e6)));
            return samples.percentile(share);
        }
    }

    private List<Figure> measure() throws IOException, InterruptedException, ExecutionException {
        load(service, new Load(), 1, next(WARM_UP));
        load(service, new Load(), concurrency, next(concurrency));
        Load alone = new Load();
        Load crowd = new Load();
        for (int i = 0; i < ROUNDS; i++) {
            load(service, alone, 1, next(ALONE));
            load(service, crowd, concurrency, next(OF_EACH_CLIENT * concurrency));
        }
        List<Figure> figures = new ArrayList<>();
        figures.add(new Figure("throughput_" + concurrency, crowd.rate(), "1/s", alone.rate())
                .aimingAt(Figure.Target.atLeast(1.5)));
        figures.add(new Figure("served_p50", alone.percentile(0.5, Answered::milliseconds), "ms"));
        figures.add(new Figure("served_p99", alone.percentile(0.99, Answered::milliseconds), "ms"));
        figures.add(new Figure("served_p50_of_" + concurrency, crowd.percentile(0.5, Answered::milliseconds), "ms"));
        figures.add(new Figure("served_p99_of_" + concurrency, crowd.percentile(0.99, Answered::milliseconds), "ms"));
        figures.add(new Figure("outside_model_p50", alone.percentile(0.5, Answered::outsideModel), "ms")
                .aimingAt(Figure.Target.atMost(3)));
        Map.of("retrieve", "retrieveMs", "prefill", "prefillMs", "execute", "executeMs", "log", "logMs")
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(step -> figures.add(new Figure(
                        "served_" + step.getKey() + "_p50",
                        alone.percentile(0.5, answer -> answer.of(step.getValue())),
                        "ms")));
        figures.addAll(memory());
        return figures;
    }

    /** The same states a second time, asked of both in turns. */
    private List<Figure> memory() throws IOException, InterruptedException, ExecutionException {
        List<String> again = next(REPEATED);
        load(remembering, new Load(), 1, next(WARM_UP));
        load(remembering, new Load(), 1, again);
        load(service, new Load(), 1, again);
        Load remembered = new Load();
        Load computed = new Load();
        for (String state : again) {
            load(remembering, remembered, 1, List.of(state));
            load(service, computed, 1, List.of(state));
        }
        double share = (double) remembered.answers.stream()
                        .filter(Answered::isRemembered)
                        .count()
                / remembered.answers.size();
        return List.of(
                new Figure("remembered_share", share, "share"),
                new Figure(
                        "remembered_p50",
                        remembered.percentile(0.5, Answered::milliseconds),
                        "ms",
                        computed.percentile(0.5, Answered::milliseconds)));
    }

    private List<String> next(int count) {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (!states.hasNext()) {
                throw new IllegalStateException("There are too few states; './platform bench' draws enough");
            }
            taken.add(states.next());
        }
        return taken;
    }

    private void load(Service asked, Load load, int clients, List<String> bodies)
            throws InterruptedException, ExecutionException {
        Queue<String> left = new ConcurrentLinkedQueue<>(bodies);
        Queue<Answered> answers = new ConcurrentLinkedQueue<>();
        long begun = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                running.add(threads.submit(() -> {
                    for (String state = left.poll(); state != null; state = left.poll()) {
                        answers.add(answered(asked, state));
                    }
                    return true;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
        load.seconds += (System.nanoTime() - begun) / 1e9;
        load.answers.addAll(answers);
    }

    /** @throws IllegalStateException for anything but a decision, or one that was remembered where nothing may be: then nothing was measured */
    private Answered answered(Service asked, String state) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        JsonNode decision = asked.post(TENANT, path, "{\"state\":" + state + "}");
        Answered answered = new Answered((System.nanoTime() - begun) / 1e6, decision.get("timings"));
        if (asked == service && answered.isRemembered()) {
            throw new IllegalStateException("A score was remembered where none may be: " + decision.get("id"));
        }
        return answered;
    }
}
