package io.logicdistillation.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

class FarewellTest {
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void answersOnAndEndsEveryConnectionBeforeItStops() throws Exception {
        ConfigurableApplicationContext service = start("5s");
        URI health = health(service);
        HttpResponse<String> before = get(health);
        assertThat(before.statusCode()).isEqualTo(200);
        assertThat(before.headers().map()).doesNotContainKey("connection");
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(service::close);
        HttpResponse<String> told = get(health);
        while (told.headers().firstValue("connection").isEmpty() && !stopping.isDone()) {
            told = get(health);
        }
        assertThat(told.headers().firstValue("connection")).contains("close");
        assertThat(told.statusCode()).isIn(200, 503);
        assertThat(stopping).isNotDone();
        stopping.get(60, TimeUnit.SECONDS);
    }

    @Test
    void stopsAtOnceWhereNothingIsSaidOfIt() {
        ConfigurableApplicationContext service = start("0s");
        long start = System.nanoTime();
        service.getBean(Farewell.class).stop();
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(1));
        service.close();
    }

    private static ConfigurableApplicationContext start(String farewell) {
        return new SpringApplication(KitApplication.class)
                .run(
                        "--server.port=0",
                        "--server.shutdown=graceful",
                        "--platform.token-secret=5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
                        "--platform.farewell=" + farewell);
    }

    private static URI health(ConfigurableApplicationContext service) {
        String port = service.getEnvironment().getProperty("local.server.port");
        return URI.create("http://127.0.0.1:" + port + "/actuator/health");
    }

    private HttpResponse<String> get(URI address) throws Exception {
        return http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
    }
}
