package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.kit.InternalTokens;
import io.logicdistillation.testkit.TestDatabase;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** A replica is killed, as the kernel does it, while it waits for an answer; another one goes on. */
class GenerationCrashTest {
    private static final String SECRET = "5ec7e7".repeat(12);
    private static final Duration LONGEST = Duration.ofMinutes(3);

    private final TestDatabase database = TestDatabase.create();
    private final Llm llm = new Llm();
    private final InternalTokens tokens = new InternalTokens(SECRET, Duration.ofMinutes(10), Clock.systemUTC());

    @Test
    void anotherReplicaGoesOnAndPaysForNothingTwice() throws IOException, InterruptedException {
        llm.says(
                Llm.functions(GenerationTest.dry()),
                Llm.functions(GenerationTest.wet()).withFixedDelay(600_000),
                Llm.functions(GenerationTest.wet()));
        int port = freePort();
        Process victim = replica(port);
        Client author = Client.author(port, tokens);
        String id;
        try {
            until(() -> isUp(port));
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
        try (ConfigurableApplicationContext other =
                new SpringApplicationBuilder(FunctionBaseApplication.class).run(arguments(otherPort))) {
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

    private Process replica(int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx384m",
                "--enable-native-access=ALL-UNNAMED",
                FunctionBaseApplication.class.getName()));
        command.addAll(List.of(arguments(port)));
        ProcessBuilder process = new ProcessBuilder(command);
        // Not as an argument: ONNX Runtime overflows the stack where the command line has tens of kilobytes.
        process.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return process.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(
                        Path.of("target", "killed-replica.log").toFile()))
                .start();
    }

    private String[] arguments(int port) {
        return new String[] {
            "--server.port=" + port,
            "--spring.datasource.url=" + database.url(),
            "--spring.datasource.username=" + database.user(),
            "--spring.datasource.password=" + database.password(),
            "--platform.token-secret=" + SECRET,
            "--platform.generations.poll=100ms",
            "--generation.url=" + llm.url(),
            "--generation.model=big",
            "--generation.allow-private-addresses=true",
            "--generation.lease=3s"
        };
    }

    private static boolean isUp(int port) {
        HttpRequest health = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException stopped) {
            throw new IllegalStateException(stopped);
        }
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(100);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
