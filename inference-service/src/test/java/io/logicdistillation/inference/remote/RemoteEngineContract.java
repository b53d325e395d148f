package io.logicdistillation.inference.remote;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.github.tomakehurst.wiremock.http.Fault;
import io.logicdistillation.inference.EngineContract;
import io.logicdistillation.inference.FakeStudentEngine;
import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.HeldOut;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.StudentManifest;
import io.logicdistillation.inference.engine.StudentPackage;
import io.logicdistillation.inference.engine.Way;
import io.logicdistillation.inference.students.Engines;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What every remote engine promises, whatever it speaks: the same answers, the same outcome of every fault. */
abstract class RemoteEngineContract extends EngineContract {
    static final JsonMapper JSON = JsonMapper.shared();
    static final String MODEL = "walker-lora";
    static final StudentPackage STUDENT = student();
    /** Log odds of each entry against none. */
    static final Map<String, Double> ODDS = Map.of("cut_off", 3.0, "flank", 1.0, "pounce", -1.5, "rest", -4.0);

    private static final Duration LONG = Duration.ofSeconds(15);

    final PlayedServer server = new PlayedServer();
    final FakeStudentEngine inProcess = new FakeStudentEngine();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<RemoteServers> opened = new ArrayList<>();
    private StudentEngine engine;

    /** As the setting is written. */
    abstract String speaks();

    /** The whole answer of a server that has these odds, of the shape that real ones give. */
    abstract String answer(JsonNode request, String model, Map<String, Double> odds);

    /** Answers that look like one and are none. */
    abstract Map<String, UnaryOperator<String>> broken();

    /** Never loaded; its held-out rows are of reading. */
    private static StudentPackage student() {
        Path folder;
        ObjectNode manifest;
        try {
            folder = Path.of(
                    RemoteEngineContract.class.getResource("/engine/untuned").toURI());
            manifest = (ObjectNode) JSON.readTree(Files.readAllBytes(folder.resolve("manifest.json")));
        } catch (IOException | URISyntaxException missing) {
            throw new IllegalStateException(missing);
        }
        manifest.set("metrics", JSON.readTree("""
                {"reading": {"approach": {"rows": 10, "curve": [{"threshold": 0.5, "kept": 9, "agreed": 9}]}}}"""));
        StudentManifest parsed = StudentPackage.parse(JSON.writeValueAsBytes(manifest));
        return new StudentPackage("sha256:" + "5".repeat(64), parsed, null, folder.resolve("activations.safetensors"));
    }

    @BeforeEach
    void well() {
        server.answers(this::right);
        engine = lease(Map.of("otherwise", "refuse")).engine();
    }

    @AfterEach
    void close() {
        opened.forEach(RemoteServers::close);
        server.close();
    }

    String right(String request) {
        return answer(JSON.readTree(request), MODEL, ODDS);
    }

    @Override
    protected StudentEngine engine() {
        return engine;
    }

    @Override
    protected String name() {
        return "fleet";
    }

    /** An engine with these settings beside the usual ones. */
    Engines.Lease lease(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "speaks",
                speaks(),
                "url",
                server.url(),
                "model",
                MODEL,
                "students",
                STUDENT.manifest().name(),
                "timeout",
                "5s",
                "attempts",
                "2",
                "allow-private-addresses",
                "true"));
        all.putAll(settings);
        Map<String, String> named = new HashMap<>();
        all.forEach((key, value) -> named.put("inference.remote.engines.fleet." + key, value));
        RemoteServers servers = new RemoteServers(
                new Binder(new MapConfigurationPropertySource(named))
                        .bindOrCreate("inference.remote", RemoteProperties.class),
                meters);
        opened.add(servers);
        return servers.over(inProcess).lease(STUDENT);
    }

    private static void fails(StudentEngine engine, EngineException.Kind kind, String why) {
        assertThatThrownBy(() -> engine.score(request(FOUR)))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContaining(why);
    }

    private double measured(String outcome) {
        return meters.timer("remote.engine", "engine", "fleet", "outcome", outcome)
                .count();
    }

    @Test
    void givesTheServersProbabilities() {
        double sum = 1 + ODDS.values().stream().mapToDouble(Math::exp).sum();

        Map<String, Double> found = byName(request(FOUR), engine.score(request(FOUR)));

        ODDS.forEach((name, odds) -> assertThat(found.get(name)).isCloseTo(Math.exp(odds) / sum, within(1e-6)));
        assertThat(found.get("none")).isCloseTo(1 / sum, within(1e-6));
        assertThat(measured("answered")).isEqualTo(1);
    }

    @Test
    void tellsTheServerWhichModelAndShowsTheKey() {
        StudentEngine keyed = lease(Map.of("api-key", "sk-remote")).engine();

        keyed.score(request(FOUR));

        assertThat(server.requests()).isNotEmpty().allSatisfy(request -> {
            assertThat(request.getHeader("Authorization")).isEqualTo("Bearer sk-remote");
            assertThat(JSON.readTree(request.getBodyAsString()).path("model").asString())
                    .isEqualTo(MODEL);
        });
    }

    @Test
    void showsTheServerViewManualsAndInstruction() {
        engine.score(request(FOUR));

        String sent = String.join(
                "\n",
                server.requests().stream().map(each -> each.getBodyAsString()).toList());
        assertThat(sent).contains("The target is far to the east", "Choose how to approach.");
        FOUR.forEach(entry -> assertThat(sent).contains(entry.name(), entry.manual()));
    }

    @Test
    void neverRecalls() {
        ScoringRequest recalled = new ScoringRequest("approach", "Rules\n", "View", FOUR, Way.RECALL);

        assertThat(engine.recalls("approach", FOUR.getFirst())).isFalse();
        assertThat(engine.score(recalled).way()).isEqualTo(Way.READING);
    }

    @Test
    void asksOnceMoreWhereTheServerFailedOnce() {
        server.saysFirst(aResponse().withStatus(500).withBody("{\"error\": \"out of memory\"}"));

        assertThat(engine.score(request(FOUR)).engine()).isEqualTo("fleet");
    }

    @Test
    void waitsAsLongAsTheServerAsksIfThatIsShort() {
        server.saysFirst(aResponse().withStatus(429).withHeader("Retry-After", "1"));
        long start = System.nanoTime();

        assertThat(engine.score(request(FOUR)).engine()).isEqualTo("fleet");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(950));
    }

    @Test
    void doesNotWaitWhereTheServerWantsToBeLeftAloneForLong() {
        server.says(aResponse().withStatus(429).withHeader("Retry-After", "60"));

        long start = System.nanoTime();
        fails(engine, EngineException.Kind.REMOTE, "'fleet' is overloaded");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503})
    void saysThatTheServerIsOverloaded(int status) {
        server.says(aResponse().withStatus(status));

        fails(engine, EngineException.Kind.REMOTE, "'fleet' is overloaded");
        assertThat(measured("overloaded")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 422, 302})
    void saysThatTheServerDidNotTakeTheQuestion(int status) {
        server.says(aResponse().withStatus(status).withHeader("Location", "http://127.0.0.1:1/elsewhere"));

        fails(engine, EngineException.Kind.REMOTE, "'fleet' is rejected");
    }

    @Test
    void saysThatTheTextIsTooLong() {
        server.says(aResponse().withStatus(400).withBody("""
                {"error": {"message": "This model's maximum context length is 2048 tokens.", "type": "invalid_request_error",
                  "param": "messages", "code": "context_length_exceeded"}}"""));
        fails(engine, EngineException.Kind.TOO_LONG, "fleet");

        server.says(aResponse().withStatus(413));
        fails(engine, EngineException.Kind.TOO_LONG, "fleet");
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void saysThatTheConnectionBroke(Fault fault) {
        server.says(aResponse().withFault(fault));

        assertThatThrownBy(() -> engine.score(request(FOUR)))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(EngineException.Kind.REMOTE));
    }

    @Test
    void givesUpAnAnswerThatDripsIn() {
        StudentEngine impatient = lease(Map.of("otherwise", "refuse", "timeout", "300ms", "attempts", "1"))
                .engine();
        server.says(aResponse()
                .withBody("{\"model\": \"" + MODEL + "\"" + " ".repeat(2_000) + "}")
                .withChunkedDribbleDelay(40, 20_000));
        long start = System.nanoTime();

        fails(impatient, EngineException.Kind.REMOTE, "'fleet' is timed-out");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void givesUpWhenTheDecisionHasNoMoreTime() {
        server.says(aResponse().withFixedDelay(20_000));
        long start = System.nanoTime();

        fails(engine.within(() -> Duration.ofMillis(200)), EngineException.Kind.REMOTE, "'fleet' is timed-out");
        fails(engine.within(() -> Duration.ZERO), EngineException.Kind.REMOTE, "'fleet' is timed-out");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG);
    }

    @TestFactory
    Stream<DynamicTest> believesNoAnswerThatIsNone() {
        Map<String, UnaryOperator<String>> all = new HashMap<>(broken());
        all.put("cut in half", right -> right.substring(0, right.length() / 2));
        all.put("another model", right -> right.replace(MODEL, "some-other-model"));
        all.put("no model", right -> right.replace("\"model\"", "\"modell\""));
        all.put("no object", right -> "[]");
        all.put("empty", right -> "");
        all.put("a page", right -> "<html><body>Welcome</body></html>");
        all.put("an error with status 200", right -> "{\"error\": {\"message\": \"no\"}}");
        return all.entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
                    server.answers(request -> {
                        String told = each.getValue().apply(right(request));
                        assertThat(told).isNotEqualTo(right(request));
                        return told;
                    });
                    fails(engine, EngineException.Kind.REMOTE, "'fleet' is garbled");
                }));
    }

    @Test
    void readsNoAnswerWithoutEnd() {
        server.says(aResponse().withBody("{\"model\": \"" + "x".repeat(5 << 20) + "\"}"));

        fails(engine, EngineException.Kind.REMOTE, "'fleet' is unreachable");
    }

    @Test
    void takesAnAnswerByTheNameThatTheOperatorExpects() {
        server.answers(request -> answer(JSON.readTree(request), "walker-2026-11", ODDS));

        StudentEngine aliased = lease(Map.of("otherwise", "refuse", "answers-as", "walker-2026-11"))
                .engine();
        assertThat(aliased.score(request(FOUR)).engine()).isEqualTo("fleet");
        fails(engine, EngineException.Kind.REMOTE, "'fleet' is garbled");
    }

    @Test
    void leavesAServerAloneThatFailsAllTheTime() {
        StudentEngine wary = lease(Map.of("otherwise", "refuse", "attempts", "1", "pause", "1m"))
                .engine();
        server.says(aResponse().withStatus(503));
        for (int i = 0; i < 6; i++) {
            fails(wary, EngineException.Kind.REMOTE, "'fleet' is overloaded");
        }
        int asked = server.requests().size();

        fails(wary, EngineException.Kind.REMOTE, "'fleet' is resting");
        assertThat(server.requests()).hasSize(asked);
        assertThat(measured("resting")).isEqualTo(1);
    }

    @Test
    void asksNoMoreStagesAtOnceThanItMay() throws InterruptedException {
        StudentEngine narrow = lease(Map.of("otherwise", "refuse", "concurrent", "1", "timeout", "10s"))
                .engine();
        List<Entry> one = FOUR.subList(0, 1);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch asked = new CountDownLatch(3);
        server.answers(request -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            asked.countDown();
            String told = right(request);
            inside.decrementAndGet();
            return told;
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<Scores>> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(CompletableFuture.supplyAsync(() -> narrow.score(request(one)), threads));
            }
            assertThat(all).allSatisfy(each -> assertThat(each.join().engine()).isEqualTo("fleet"));
        }
        asked.await();
        assertThat(most).hasValue(1);
    }

    @Test
    void hasTheSameStudentHereAnswerWhereTheServerDoesNot() {
        server.says(aResponse().withStatus(503));
        inProcess.prefers("flank");

        Scores scores = lease(Map.of()).engine().score(request(FOUR));

        assertThat(scores.engine()).isEqualTo("in-process");
        assertThat(scores.way()).isEqualTo(Way.READING);
        assertThat(scores.probabilities().get(1)).isGreaterThan(0.9);
        assertThat(measured("overloaded")).isEqualTo(1);
    }

    @Test
    void letsTheStudentHereRecallWhatItKnows() {
        server.says(aResponse().withStatus(404));
        inProcess.recalls("cut_off", "flank", "pounce", "rest");

        assertThat(lease(Map.of()).engine().score(request(FOUR)).way()).isEqualTo(Way.RECALL);

        inProcess.recalls("cut_off");
        assertThat(lease(Map.of()).engine().score(request(FOUR)).way()).isEqualTo(Way.READING);
    }

    @Test
    void believesItsHeldOutRowsOnlyOfTheStudentItself() {
        List<HeldOut.Point> curve = lease(Map.of()).heldOut().curve(Way.READING, "approach");

        assertThat(curve).hasSize(speaks().equals("completions") ? 1 : 0);
    }

    @Test
    void refusesAnAddressThatIsNotPublic() {
        assertThatThrownBy(() -> lease(Map.of("allow-private-addresses", "false")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inference.remote.engines.fleet.allow-private-addresses");
        StudentEngine inwards = lease(Map.of(
                        "otherwise", "refuse",
                        "url", server.url().replace("127.0.0.1", "localhost"),
                        "allow-private-addresses", "false"))
                .engine();
        fails(inwards, EngineException.Kind.REMOTE, "'fleet' is unreachable");
        assertThat(server.requests()).isEmpty();
    }
}
