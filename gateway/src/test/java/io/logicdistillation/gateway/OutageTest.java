package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.contracts.ProblemType;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutageTest extends GatewayHttpTest {
    @Test
    void saysThatAServiceIsAwayAndFindsItAgain() throws Exception {
        assertThat(send(as(OWNER, "/v1/decisions/x")).statusCode()).isEqualTo(200);
        INFERENCE.goAway();
        for (int attempt = 0; attempt < 5; attempt++) {
            HttpResponse<String> answer = send(json(as(OWNER, "/v1/tasks/pursuit/decisions"), "{}"));
            assertProblem(answer, ProblemType.UNAVAILABLE);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        }
        assertThat(send(as(OWNER, "/v1/students")).statusCode()).isEqualTo(200);
        INFERENCE.comeBack();
        assertThat(send(as(OWNER, "/v1/decisions/x")).statusCode()).isEqualTo(200);
    }

    @Test
    void saysThatAServiceTookTooLong() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        INFERENCE.answers(exchange -> {
            try {
                done.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        HttpResponse<String> answer = send(json(as(OWNER, "/v1/tasks/pursuit/decisions"), "{}"));
        done.countDown();
        assertProblem(answer, ProblemType.UPSTREAM_TIMEOUT);
    }

    @Test
    void saysThatAServiceIsAwayWhenItHangsUpWithoutAnAnswer() throws Exception {
        INFERENCE.answers(exchange -> exchange.close());
        assertProblem(send(as(OWNER, "/v1/decisions/x")), ProblemType.UNAVAILABLE);
    }

    @Test
    void answersWithAProblemWhenTheAnswerBreaksOffBeforeItBegan() throws Exception {
        INFERENCE.answers(exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("ETag", "\"1\"");
            exchange.sendResponseHeaders(200, 5000);
            exchange.getResponseBody().write("{".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            exchange.close();
        });
        HttpResponse<String> answer = send(as(OWNER, "/v1/decisions/x"));
        assertProblem(answer, ProblemType.UNAVAILABLE);
        assertThat(answer.headers().map()).doesNotContainKey("etag");
    }

    @Test
    void cutsAnAnswerThatBreaksOffOnItsWay() {
        INFERENCE.answers(exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(new byte[100_000]);
            exchange.getResponseBody().flush();
            throw new IOException("the service dies");
        });
        assertThatThrownBy(() -> send(as(OWNER, "/v1/decisions/x"))).isInstanceOf(IOException.class);
    }
}
