package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.kit.Scope;
import io.logicdistillation.testkit.OtlpReceiver.Received;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a collector of traces is told of decisions. */
class TracingTest extends ServiceTest {
    private static final String GATEWAY_SPAN = "b7ad6b7169203331";

    private final String trace =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong() | 1)
                    + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong() | 1);

    @BeforeEach
    void prefer() {
        model.prefers("look_side", "walk_on");
    }

    @Test
    void aDecisionsStepsAndItsCallsAreSpansOfTheTraceThatCame() {
        Answer answer = decide(Map.of("state", Maze.STATE), "traceparent", traceparent("01"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);

        await().untilAsserted(() -> assertThat(spans("decision log")).isNotEmpty());
        Received request = only("http post /v1/tasks/{task}/decisions");
        assertThat(request.service()).isEqualTo("inference-service");
        assertThat(request.parent()).isEqualTo(GATEWAY_SPAN);
        for (String step : List.of("decision retrieve", "decision prefill", "decision execute", "decision log")) {
            assertThat(spans(step))
                    .as(step)
                    .isNotEmpty()
                    .allSatisfy(span -> assertThat(span.parent()).isEqualTo(request.id()));
        }
        assertThat(spans("http post"))
                .as("the search of candidates, in another service")
                .isNotEmpty()
                .allSatisfy(call -> assertThat(call.parent()).isEqualTo(request.id()));
    }

    @Test
    void theStatesOfABatchBelongToItsTrace() {
        Answer answer = send(
                caller(TENANT, Scope.DECIDE),
                "POST",
                "/v1/tasks/maze/decision-batches",
                JSON.writeValueAsString(Map.of("states", List.of(Maze.STATE, Maze.STATE))),
                "traceparent",
                traceparent("01"));
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);

        await().untilAsserted(() -> assertThat(spans("decision log")).hasSizeGreaterThanOrEqualTo(2));
        Received request = only("http post /v1/tasks/{task}/decision-batches");
        assertThat(spans("decision execute"))
                .allSatisfy(step -> assertThat(step.parent()).isEqualTo(request.id()));
    }

    @Test
    void aStateIsInNoSpan() {
        decide(Map.of("state", Maze.STATE), "traceparent", traceparent("01"));

        await().untilAsserted(() -> assertThat(spans("decision log")).isNotEmpty());
        assertThat(traces.of(trace))
                .allSatisfy(span -> assertThat(span.attributes()).doesNotContain("goal", "Bearer"));
    }

    @Test
    void aTraceThatTheCallerDoesNotSampleIsNotSent() {
        decide(Map.of("state", Maze.STATE), "traceparent", traceparent("00"));
        String unsampled = trace;
        Answer later =
                decide(Map.of("state", Maze.STATE), "traceparent", "00-" + "1".repeat(32) + "-" + GATEWAY_SPAN + "-01");
        assertThat(later.status()).isEqualTo(200);

        await().untilAsserted(() -> assertThat(traces.of("1".repeat(32))).isNotEmpty());
        assertThat(traces.of(unsampled)).isEmpty();
    }

    private String traceparent(String flags) {
        return "00-" + trace + "-" + GATEWAY_SPAN + "-" + flags;
    }

    private List<Received> spans(String name) {
        return traces.of(trace).stream()
                .filter(span -> span.name().equals(name))
                .toList();
    }

    private Received only(String name) {
        await().untilAsserted(() ->
                assertThat(traces.of(trace)).extracting(Received::name).contains(name));
        return spans(name).getFirst();
    }
}
