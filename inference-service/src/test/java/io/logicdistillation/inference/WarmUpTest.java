package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.inference.engine.ScoringRequest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A second replica that starts while the first one serves. */
class WarmUpTest extends ServiceTest {
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void takesNoRequestsUntilWhatWasServedBeforeServesAgain() throws Exception {
        decide();
        registry.away(true);
        int replica = freePort();
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<ConfigurableApplicationContext> started = thread.submit(() -> start(replica));
            await().atMost(Duration.ofMinutes(2)).until(() -> status(replica, "liveness") == 200);
            await().during(Duration.ofSeconds(1)).until(() -> status(replica, "readiness") == 503);

            registry.away(false);

            await().atMost(Duration.ofMinutes(1)).until(() -> status(replica, "readiness") == 200);
            started.get().close();
        }
    }

    @Test
    void hasMadeTheLatestDecisionsBeforeItTakesAny() throws Exception {
        assertThat(decide().status()).isEqualTo(200);
        List<String> views = model.requests().stream().map(ScoringRequest::view).toList();
        String newest = newestDecision();
        model.reset();

        start(freePort()).close();

        assertThat(model.requests()).extracting(ScoringRequest::view).containsAll(views);
        assertThat(newestDecision()).isEqualTo(newest);
    }

    private String newestDecision() {
        return get("/v1/tasks/maze/decisions?limit=1").body().at("/items/0/id").stringValue();
    }

    private static ConfigurableApplicationContext start(int port) {
        List<String> given = new ArrayList<>(List.of("--server.port=" + port));
        properties((name, value) -> given.add("--" + name + "=" + value.get()));
        return new SpringApplicationBuilder(PlayedModel.class, InferenceApplication.class)
                .run(given.toArray(String[]::new));
    }

    private int status(int replica, String probe) throws InterruptedException {
        URI address = URI.create("http://127.0.0.1:" + replica + "/actuator/health/" + probe);
        try {
            return http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException notYet) {
            return 0;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
