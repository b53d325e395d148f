package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.EngineSettings;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Numerics;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.StudentEngines;
import io.logicdistillation.inference.engine.StudentLease;
import io.logicdistillation.inference.engine.StudentPackage;
import io.logicdistillation.inference.engine.Way;
import io.logicdistillation.inference.remote.RemoteProperties;
import io.logicdistillation.inference.remote.RemoteServers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * The contract of engines against llama_cpp.server with the base model that the untuned student is, and a distilled student beside it. Not
 * among the ordinary tests, as that server is built for minutes: {@code ./platform test engines} starts it, names it in
 * PLATFORM_COMPLETIONS_URL, and one with the adapter of the bundled student of pursuit in PLATFORM_ADAPTER_URL.
 */
@Tag("real-server")
class RealCompletionsTest extends EngineContract {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String MODEL = "untuned";
    /** Neither yes nor no is among the 20 likeliest tokens of the untuned model, which nobody taught what to answer. */
    private static final int LIKELIEST = 1_000;

    /** 0.117 was seen: logits are up to 0.4 apart (docs/measurements.md). */
    private static final double NEARLY = 0.2;

    private static final StudentPackage UNTUNED = untuned();
    private static final StudentPackage DISTILLED =
            StudentPackage.load(Path.of("..", "experiments", "pursuit", "students", "pursuit-ld"));
    private static final List<String> VIEWS = List.of(
            "The target is adjacent to me, and its path is blocked.",
            "The target is far to the north, partner far away, path blocked by a wall.",
            "Die Zielperson steht hinter der Mauer; „nichts“ ist frei.",
            "{\"me\":{\"x\":3,\"y\":4},\"targets\":[{\"id\":\"a\",\"x\":7,\"y\":1}],\"step\":12}",
            "No target is in sight.");

    private final List<RemoteServers> opened = new ArrayList<>();

    private static StudentPackage untuned() {
        try {
            return StudentPackage.load(Path.of(
                    RealCompletionsTest.class.getResource("/engine/untuned").toURI()));
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String environment(String name) {
        String value = System.getenv(name);
        if (value == null || value.isBlank()) {
            throw new IllegalStateException(name + " is not set; './platform test engines' sets it");
        }
        return value;
    }

    private StudentEngine engine(String model, boolean together) {
        return engine("PLATFORM_COMPLETIONS_URL", UNTUNED, model, together);
    }

    private StudentEngine engine(String address, StudentPackage student, String model, boolean together) {
        RemoteProperties.Engine server = new RemoteProperties.Engine(
                RemoteProperties.Speaks.COMPLETIONS,
                URI.create(environment(address) + "/v1"),
                model,
                null,
                Set.of(student.manifest().name()),
                Set.of(),
                RemoteProperties.Otherwise.REFUSE,
                null,
                null,
                true,
                Duration.ofMinutes(2),
                1,
                16,
                Duration.ofSeconds(1),
                LIKELIEST,
                together);
        RemoteServers servers =
                new RemoteServers(new RemoteProperties(Map.of("llama", server)), new SimpleMeterRegistry());
        opened.add(servers);
        return servers.over(new FakeStudentEngine()).lease(student).engine();
    }

    @AfterEach
    void close() {
        opened.forEach(RemoteServers::close);
    }

    @Override
    protected StudentEngine engine() {
        return engine(MODEL, false);
    }

    @Override
    protected String name() {
        return "llama";
    }

    /** What a prompt has in common with the one before is not computed anew, and the rest is then another product of matrices. */
    @Override
    protected double slack() {
        return 0.02;
    }

    private static ScoringRequest about(String view) {
        ScoringRequest usual = request(FOUR);
        return new ScoringRequest(usual.stage(), usual.prefix(), view, FOUR, Way.READING);
    }

    /** The same weights in two programs: what differs is the arithmetic, as the server computes with eight bits. */
    @Test
    void judgesAsTheSameWeightsDoInThisProcess() {
        judgesAlike(engine(MODEL, false), UNTUNED);
    }

    /** Its adapter reached the server as a GGUF file, which the worker wrote from the package that is loaded here. */
    @Test
    void judgesAsADistilledStudentDoesInThisProcess() {
        StudentEngine there = engine("PLATFORM_ADAPTER_URL", DISTILLED, MODEL, false);

        judgesAlike(there, DISTILLED);
        assertThatThrownBy(() -> judgesAlike(there, UNTUNED)).isInstanceOf(AssertionError.class);
    }

    private static void judgesAlike(StudentEngine there, StudentPackage student) {
        EngineSettings settings = new EngineSettings(
                Path.of(environment("PLATFORM_MODEL_FILE")),
                Path.of("target", "engine-models"),
                2,
                1,
                256L << 20,
                Numerics.FP32);
        try (StudentEngines engines = new StudentEngines(settings);
                StudentLease here = engines.lease(student)) {
            for (String view : VIEWS) {
                Scores expected = here.score(about(view));
                Scores found = there.score(about(view));

                for (int i = 0; i < FOUR.size(); i++) {
                    assertThat(found.probabilities().get(i))
                            .as("%s: %s", view, FOUR.get(i).name())
                            .isCloseTo(expected.probabilities().get(i), within(NEARLY));
                }
                assertThat(found.none()).as(view).isCloseTo(expected.none(), within(NEARLY));
                assertThat(found.newTokens() + found.cachedTokens()).isPositive();
            }
        }
    }

    @Test
    void tellsATextThatIsTooLongFromOtherRefusals() {
        List<Entry> endless = List.of(new Entry("cut_off", "cut", "Heads for the target. ".repeat(1_000)));
        ScoringRequest usual = request(FOUR);
        ScoringRequest tooLong = new ScoringRequest(usual.stage(), usual.prefix(), usual.view(), endless, Way.READING);

        assertThatThrownBy(() -> engine().score(tooLong))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(EngineException.Kind.TOO_LONG));
        assertThat(engine().score(request(FOUR)).probabilities()).hasSize(4);
    }

    /** It takes one prompt a request, and says so by failing. */
    @Test
    void hasNoAnswerWhereAllPromptsComeTogether() {
        assertThatThrownBy(() -> engine(MODEL, true).score(request(FOUR)))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(EngineException.Kind.REMOTE))
                .hasMessageContaining("overloaded");
    }

    /** It has one model and repeats the name that it was asked by, so {@code model} does not notice a wrong one here. */
    @Test
    void answersToWhateverNameItIsAskedBy() {
        assertThat(engine("no-such-model", false).score(request(FOUR)).engine()).isEqualTo("llama");
    }

    /** Why a text with one is not sent: in this process whatever a state says is plain text. */
    @Test
    void readsControlTokensInATextAsThose() throws IOException, InterruptedException {
        assertThat(tokens("The target is near.<|im_end|>") - tokens("The target is near."))
                .isEqualTo(1);
    }

    private static int tokens(String prompt) throws IOException, InterruptedException {
        String body = JSON.writeValueAsString(Map.of("prompt", prompt, "max_tokens", 1));
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(environment("PLATFORM_COMPLETIONS_URL") + "/v1/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            String answer =
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            return JSON.readTree(answer).at("/usage/prompt_tokens").asInt();
        }
    }
}
