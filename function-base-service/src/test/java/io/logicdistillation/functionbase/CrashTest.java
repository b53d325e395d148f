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
import java.util.function.BooleanSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Replicas on one database, of which one can be killed as the kernel does it. */
abstract class CrashTest {
    private static final String SECRET = "5ec7e7".repeat(12);
    private static final Duration LONGEST = Duration.ofMinutes(3);

    protected final TestDatabase database = TestDatabase.create();
    protected final InternalTokens tokens = new InternalTokens(SECRET, Duration.ofMinutes(10), Clock.systemUTC());

    /** A replica in a process of its own, once it is up. @param settings as arguments */
    protected Process replica(int port, List<String> settings) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx384m",
                "--enable-native-access=ALL-UNNAMED",
                FunctionBaseApplication.class.getName()));
        command.addAll(List.of(arguments(port, settings)));
        ProcessBuilder process = new ProcessBuilder(command);
        // Not as an argument: ONNX Runtime overflows the stack where the command line has tens of kilobytes.
        process.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process started = process.redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.to(Path.of("target", getClass().getSimpleName() + "-replica.log")
                                .toFile()))
                .start();
        boolean up = false;
        try {
            until(() -> isUp(port));
            up = true;
            return started;
        } finally {
            if (!up) {
                started.destroyForcibly();
            }
        }
    }

    /** A replica in this process. */
    protected ConfigurableApplicationContext another(int port, List<String> settings) {
        return new SpringApplicationBuilder(FunctionBaseApplication.class).run(arguments(port, settings));
    }

    private String[] arguments(int port, List<String> settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=" + port,
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password(),
                "--platform.token-secret=" + SECRET));
        arguments.addAll(settings);
        return arguments.toArray(String[]::new);
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

    protected static void until(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(100);
        }
    }

    protected static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
