package io.logicdistillation.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.inference.EngineContract;
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
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real {@code llama_cpp.server} with the base model's own file. Maven selects it where PLATFORM_TEST_LLAMA_SERVER is the server's
 * address; `./platform test` starts one where `./platform bench decision` has built it.
 */
@Tag("llama-server")
class LlamaServerTest extends EngineContract {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final StudentPackage UNTUNED = StudentPackage.load(untuned());

    private static RemoteServers servers;
    private static StudentEngine engine;

    private static Path untuned() {
        try {
            return Path.of(LlamaServerTest.class.getResource("/engine/untuned").toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @BeforeAll
    static void connect() {
        String address = Objects.requireNonNull(
                System.getenv("PLATFORM_TEST_LLAMA_SERVER"), "PLATFORM_TEST_LLAMA_SERVER must be the server's address");
        servers = new RemoteServers(
                new RemoteProperties(Map.of("llama", settings(address, 200))), new SimpleMeterRegistry());
        engine = lease(servers);
    }

    @AfterAll
    static void close() {
        servers.close();
    }

    private static RemoteProperties.Engine settings(String address, int topLogprobs) {
        return new RemoteProperties.Engine(
                RemoteProperties.Speaks.COMPLETIONS,
                URI.create(address + "/v1"),
                "untuned",
                null,
                Set.of("untuned"),
                Set.of(),
                RemoteProperties.Otherwise.REFUSE,
                null,
                null,
                true,
                Duration.ofMinutes(2),
                1,
                4,
                Duration.ofSeconds(1),
                topLogprobs,
                false);
    }

    private static StudentEngine lease(RemoteServers of) {
        return of.over(student -> {
                    throw new AssertionError("nobody here is to answer");
                })
                .lease(UNTUNED)
                .engine();
    }

    @Override
    protected StudentEngine engine() {
        return engine;
    }

    @Override
    protected String name() {
        return "llama";
    }

    /** What the server has cached decides how it splits a prompt, and that reaches the last digits. */
    @Override
    protected double slack() {
        return 0.02;
    }

    private static List<ScoringRequest> cases() throws IOException {
        List<ScoringRequest> found = new ArrayList<>();
        try (InputStream in = LlamaServerTest.class.getResourceAsStream("/engine/golden.json")) {
            for (JsonNode each : JSON.readTree(in).path("cases")) {
                List<Entry> entries = each.path("entries")
                        .valueStream()
                        .map(entry -> new Entry(
                                entry.path("name").asString(),
                                entry.path("handle").asString(),
                                entry.path("manual").asString()))
                        .toList();
                found.add(new ScoringRequest(
                        "any",
                        each.path("prefixText").asString(),
                        each.path("view").asString(),
                        entries,
                        Way.READING));
            }
        }
        found.add(request(FOUR));
        return found;
    }

    @Test
    void scoresAsTheSameWeightsDoInThisProcess() throws IOException {
        Path model = Path.of(System.getenv("PLATFORM_MODEL_FILE"));
        EngineSettings exact =
                new EngineSettings(model, Path.of("target", "engine-models"), 2, 1, 64L << 20, Numerics.FP32);
        try (StudentEngines engines = new StudentEngines(exact);
                StudentLease here = engines.lease(UNTUNED)) {
            for (ScoringRequest request : cases()) {
                Map<String, Double> expected = byName(request, here.score(request));
                Map<String, Double> found = byName(request, engine.score(request));
                found.forEach((name, share) -> assertThat(share)
                        .as(name + " of " + found + ", here " + expected)
                        .isCloseTo(expected.get(name), within(0.1)));
            }
        }
    }

    @Test
    void countsTheTokensThatTheServerRead() {
        Scores scores = engine.score(request(FOUR));

        assertThat(scores.newTokens() + scores.cachedTokens()).isBetween(4 * 40, 4 * 90);
    }

    @Test
    void saysThatTheTextIsTooLongForTheServer() {
        ScoringRequest endless = new ScoringRequest("any", "Rules\n", "now ".repeat(3_000), FOUR, Way.READING);

        assertThatThrownBy(() -> engine.score(endless))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(EngineException.Kind.TOO_LONG));
    }
}
