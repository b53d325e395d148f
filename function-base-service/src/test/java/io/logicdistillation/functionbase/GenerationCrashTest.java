package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** A replica is killed, as the kernel does it, while it waits for an answer; another one goes on. */
class GenerationCrashTest extends CrashTest {
    private final Llm llm = new Llm();

    @Test
    void anotherReplicaGoesOnAndPaysForNothingTwice() throws IOException, InterruptedException {
        llm.says(
                Llm.functions(GenerationTest.dry()),
                Llm.functions(GenerationTest.wet()).withFixedDelay(600_000),
                Llm.functions(GenerationTest.wet()));
        int port = freePort();
        Process victim = replica(port, settings());
        Client author = Client.author(port, tokens);
        String id;
        try {
            assertThat(author.post("/v1/tasks", GenerationTest.task("Water dry beds."))
                            .status())
                    .isEqualTo(201);
            id = author.post(GenerationTest.GENERATIONS, Map.of())
                    .json()
                    .get("id")
                    .asString();
            until(() -> llm.questions().size() == 2);
        } finally {
            victim.destroyForcibly().waitFor();
        }

        int otherPort = freePort();
        try (ConfigurableApplicationContext other = another(otherPort, settings())) {
            assertThat(other.isRunning()).isTrue();
            Client sameAuthor = author.at(otherPort);
            until(() -> !List.of("queued", "running")
                    .contains(sameAuthor
                            .get(GenerationTest.GENERATIONS + "/" + id)
                            .json()
                            .get("state")
                            .asString()));
            JsonNode generation =
                    sameAuthor.get(GenerationTest.GENERATIONS + "/" + id).json();

            assertThat(generation.get("state").asString()).as("%s", generation).isEqualTo("succeeded");
            assertThat(generation.at("/functions/waiting").asInt()).isEqualTo(2);
            // The first question was answered before the crash: nobody asked it again.
            assertThat(llm.idempotencyKeys())
                    .containsExactlyInAnyOrder(
                            id + "/round-1/propose", id + "/round-2/propose", id + "/round-2/propose");
            assertThat(generation.at("/tokens/input").asInt()).isEqualTo(2_400);
            // What was in flight may have been charged, and counts against the budget.
            assertThat(generation.at("/tokens/reserved").asInt()).isGreaterThan(16_000);
        }
    }

    private List<String> settings() {
        return List.of(
                "--platform.generations.poll=100ms",
                "--generation.url=" + llm.url(),
                "--generation.model=big",
                "--generation.allow-private-addresses=true",
                "--generation.lease=3s");
    }
}
