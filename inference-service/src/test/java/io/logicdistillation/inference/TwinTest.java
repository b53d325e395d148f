package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.StudentPackage;
import io.logicdistillation.inference.engine.Way;
import io.logicdistillation.inference.remote.RemoteProperties;
import io.logicdistillation.inference.remote.RemoteServers;
import io.logicdistillation.kit.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A service whose remote engine is another one of its kind: what it serves as the two decision APIs, it can read. */
class TwinTest extends ServiceTest {
    private static final ScoringRequest REQUEST = new ScoringRequest(
            "move",
            ScoringRequest.prefix("I walk a corridor.", "Choose how to move."),
            "The goal is east.",
            List.of(
                    new Entry("rest", "rest", "Stays where it is."),
                    new Entry("walk_on", "walk", "Walks on. Use it when the way is free."),
                    new Entry("stumble", "fall", "Falls over a stone.")),
            Way.READING);

    private static StudentPackage untuned() {
        try {
            return StudentPackage.load(
                    Path.of(TwinTest.class.getResource("/engine/untuned").toURI()));
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private RemoteServers connected(RemoteProperties.Speaks speaks) {
        RemoteProperties.Engine twin = new RemoteProperties.Engine(
                speaks,
                URI.create("http://127.0.0.1:" + port + "/v1"),
                "walker",
                null,
                Set.of("untuned"),
                Set.of(),
                RemoteProperties.Otherwise.REFUSE,
                tokens.mint(caller(TENANT, Scope.DECIDE)),
                null,
                true,
                Duration.ofSeconds(30),
                1,
                4,
                Duration.ofSeconds(1),
                20,
                false);
        return new RemoteServers(new RemoteProperties(Map.of("twin", twin)), new SimpleMeterRegistry());
    }

    @ParameterizedTest
    @EnumSource(names = {"SYSTEM_ONE", "DECISIONS"})
    void readsWhatAServiceOfItsKindAnswers(RemoteProperties.Speaks speaks) {
        model.prefers("walk_on", "rest");
        model.none(0.3);
        try (RemoteServers servers = connected(speaks)) {
            StudentEngine twin = servers.over(model).lease(untuned()).engine();

            Scores found = twin.score(REQUEST);

            Scores expected = model.score(REQUEST);
            assertThat(found.engine()).isEqualTo("twin");
            assertThat(found.none()).isCloseTo(0.3, within(1e-6));
            for (int i = 0; i < 3; i++) {
                assertThat(found.probabilities().get(i))
                        .isCloseTo(expected.probabilities().get(i), within(1e-6));
            }
            assertThat(found.newTokens() + found.cachedTokens()).isEqualTo(140);
        }
    }
}
