package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The log as the manifests for Kubernetes set it: an object a line. */
@DirtiesContext
@ExtendWith(OutputCaptureExtension.class)
@TestPropertySource(properties = "logging.structured.format.console=ecs")
class LogLineTest extends GatewayHttpTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PRIVATE = "the-patient-has-a-name";

    @Test
    void aLineOfARequestNamesTraceAndTenantAndNothingPrivate(CapturedOutput output) throws Exception {
        INFERENCE.answers(exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 5000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            exchange.close();
        });
        assertThat(send(json(
                                as(OWNER, "/v1/tasks/pursuit/decisions")
                                        .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01"),
                                "{\"state\":{\"note\":\"" + PRIVATE + "\"}}"))
                        .statusCode())
                .isEqualTo(503);

        List<JsonNode> lines = output.getOut()
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(JSON::readTree)
                .filter(line -> line.path("traceId").asString("").equals(TRACE))
                .toList();
        assertThat(lines).as(output.getOut()).isNotEmpty().allSatisfy(line -> {
            assertThat(line.path("tenant").asString("")).as(line.toString()).isEqualTo("acme");
            assertThat(line.path("requestId").asString("")).as(line.toString()).isNotEmpty();
        });
        assertThat(output.getAll()).doesNotContain(PRIVATE, OWNER, "5a".repeat(32), "Bearer ");
    }
}
