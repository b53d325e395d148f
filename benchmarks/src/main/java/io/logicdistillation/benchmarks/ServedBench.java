package io.logicdistillation.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * Decisions of a running inference-service over HTTP: by one client and by many at once, in rounds, so that whatever else the machine
 * does falls on both. The service remembers no scores and no state comes twice; what remembering gains is measured apart, by
 * another service and on states that come again. Words come again though states do not, and searches for the same words are remembered by
 * both services: what a decision costs whose words are all new is told apart.
 *
 * <p>{@code ServedBench --url FORGETFUL --remembering URL --pid PID --task TASK --states FILE --concurrency N --soak N [--json]}; a state a
 * line; PID is the remembering service's, whose memory is looked at over a soak of N decisions (0 for none).
 */
public final class ServedBench {
    private static final String TENANT = "default";
    private static final int ROUNDS = 4;
    /** HotSpot has compiled what decisions need after some hundred of them. */
    private static final int WARM_UP = 200;

    private static final int ALONE = 40;
    private static final int OF_EACH_CLIENT = 5;
    private static final int REPEATED = 60;
    /** States that a soak asks in turns. */
    private static final int SOAKING = 1_000;

    private static final int SOAKERS = 4;

    private final Service service;
    private final Service remembering;
    private final String path;
    private final Iterator<String> states;
    private final int concurrency;
    private final int soak;
    /** Stages in words that the forgetful service has seen. */
    private final Set<String> seen = ConcurrentHashMap.newKeySet();

    private ServedBench(List<String> arguments) throws IOException {
        this.service = new Service(arguments);
        this.remembering = new Service(arguments, "--remembering");
        this.path = "/v1/tasks/" + Service.option(arguments, "--task") + "/decisions";
        this.states = Files.readAllLines(Path.of(Service.option(arguments, "--states")))
                .iterator();
        this.concurrency = Integer.parseInt(Service.option(arguments, "--concurrency"));
        this.soak = Integer.parseInt(Service.option(arguments, "--soak"));
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        boolean json = given.contains("--json");
        new ServedBench(given)
                .measure()
                .forEach(figure -> System.out.println(json ? figure.asJson() : figure.asText()));
        System.exit(0);
    }

    /** @param timings as the answer tells them @param inNewWords whether no stage had words that came before */
    private record Answered(double milliseconds, JsonNode timings, boolean inNewWords) {
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
        private final List<Answered> answers;
        private double seconds;

        Load() {
            this(new ArrayList<>());
        }

        private Load(List<Answered> answers) {
            this.answers = answers;
        }

        Load inNewWords() {
            return new Load(answers.stream().filter(Answered::inNewWords).toList());
        }

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
        Load inNewWords = alone.inNewWords();
        if (!inNewWords.answers.isEmpty()) {
            double share = (double) inNewWords.answers.size() / alone.answers.size();
            figures.add(new Figure("new_words_share", share, "share"));
            figures.add(new Figure(
                    "outside_model_new_words_p50", inNewWords.percentile(0.5, Answered::outsideModel), "ms"));
            figures.add(new Figure(
                    "served_retrieve_new_words_p50",
                    inNewWords.percentile(0.5, answer -> answer.of("retrieveMs")),
                    "ms"));
        }
        figures.addAll(memory());
        if (soak > 0) {
            figures.addAll(soak());
        }
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

    /** Resident memory at the end, beside what it was after a tenth: by then code is compiled, and what is kept for a while is there. */
    private List<Figure> soak() throws IOException, InterruptedException, ExecutionException {
        List<String> recurring = next(SOAKING);
        int first = soak / 10;
        load(remembering, new Load(), SOAKERS, inTurns(recurring, first));
        double warm = remembering.memoryMb("VmRSS");
        Load rest = new Load();
        load(remembering, rest, SOAKERS, inTurns(recurring, soak - first));
        return List.of(
                new Figure("soak_decisions", soak, "decisions"),
                new Figure("soak_rate", rest.rate(), "1/s"),
                new Figure("soak_memory", remembering.memoryMb("VmRSS"), "MB", warm)
                        .aimingAt(Figure.Target.atMost(1.1)));
    }

    private static List<String> inTurns(List<String> states, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> states.get(number % states.size()))
                .toList();
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
        double milliseconds = (System.nanoTime() - begun) / 1e6;
        Answered answered =
                new Answered(milliseconds, decision.get("timings"), asked == service && isInNewWords(decision));
        if (asked == service && answered.isRemembered()) {
            throw new IllegalStateException("A score was remembered where none may be: " + decision.get("id"));
        }
        return answered;
    }

    private boolean isInNewWords(JsonNode decision) {
        boolean fresh = true;
        for (JsonNode stage : decision.get("stages")) {
            fresh &= seen.add(
                    stage.get("stage").asString() + "\n" + stage.get("view").asString());
        }
        return fresh;
    }
}
