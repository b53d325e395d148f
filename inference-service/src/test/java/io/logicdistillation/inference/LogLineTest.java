package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.kit.Scope;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The log as the manifests for Kubernetes set it: an object a line. */
@DirtiesContext
@ExtendWith(OutputCaptureExtension.class)
@TestPropertySource(properties = "logging.structured.format.console=ecs")
class LogLineTest extends ServiceTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PRIVATE = "the-patient-has-a-name";
    private static final Map<String, Object> STATE = Map.of("x", 2, "goal", 5, "note", PRIVATE);

    @Autowired
    private DataSource pool;

    @Test
    void aLineOfARequestNamesTraceAndTenantAndNothingPrivate(CapturedOutput output) {
        functionBase.finds();

        Answer answer = decide(Map.of("state", STATE), "traceparent", traceparent());

        assertThat(answer.headers()).as(answer.text()).isNotEmpty();
        assertNamed(output, "The function base found nothing", 1);
        assertNothingPrivate(output);
    }

    @Test
    void soDoLinesThatItsOtherThreadsWrite(CapturedOutput output) {
        functionBase.finds();

        Answer answer = post(
                "/v1/tasks/maze/decision-batches",
                JSON.writeValueAsString(Map.of("states", List.of(STATE, STATE))),
                "traceparent",
                traceparent());

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertNamed(output, "The function base found nothing", 2);
        assertNothingPrivate(output);
    }

    @Test
    void aFailureIsLoggedWithoutWhatItFailedOn(CapturedOutput output) {
        gate.set(DatabaseGate.State.CLOSED);

        Answer answer = decide(Map.of("state", STATE), "traceparent", traceparent());

        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        assertNamed(output, "", 1);
        assertNothingPrivate(output);
    }

    /** Its message would be logged. */
    @Test
    void theDatabaseDoesNotQuoteTheRowThatItRefuses() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMPORARY TABLE narrow (text TEXT CONSTRAINT short CHECK (length(text) < 3))");
            assertThatThrownBy(() -> statement.execute("INSERT INTO narrow VALUES ('" + PRIVATE + "')"))
                    .hasMessageContaining("short")
                    .hasMessageNotContaining(PRIVATE);
        }
    }

    private static String traceparent() {
        return "00-" + TRACE + "-00f067aa0ba902b7-01";
    }

    private static void assertNamed(CapturedOutput output, String message, int times) {
        List<JsonNode> lines = output.getOut()
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(JSON::readTree)
                .filter(line -> line.path("traceId").asString("").equals(TRACE))
                .toList();
        assertThat(lines)
                .as(output.getOut())
                .filteredOn(line -> line.path("message").asString().startsWith(message))
                .hasSizeGreaterThanOrEqualTo(times);
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.path("tenant").asString(""))
                        .as(line.toString())
                        .isEqualTo(TENANT));
    }

    private void assertNothingPrivate(CapturedOutput output) {
        String signature = tokens.mint(caller(TENANT, Scope.DECIDE));
        assertThat(output.getAll())
                .doesNotContain(PRIVATE)
                .doesNotContain("ab".repeat(32))
                .doesNotContain("Bearer ")
                .doesNotContain(signature.substring(0, signature.indexOf('.') + 20));
    }
}
