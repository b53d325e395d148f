package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.contracts.ProblemType;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    void asksTwiceWhatChangesNothingAndNothingElse() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        INFERENCE.answers(exchange -> {
            if (asked.incrementAndGet() % 2 == 1) {
                exchange.close();
            } else {
                FakeUpstream.ECHO.handle(exchange);
            }
        });
        assertThat(send(as(OWNER, "/v1/decisions/x")).statusCode()).isEqualTo(200);
        assertThat(asked).hasValue(2);
        assertProblem(send(json(as(OWNER, "/v1/tasks/pursuit/decisions"), "{}")), ProblemType.UNAVAILABLE);
        assertThat(asked).hasValue(3);
    }

    @Test
    void leavesAServiceAloneThatFailsAgainAndAgainAndComesBackToIt() throws Exception {
        DISTILLATION.goAway();
        HttpResponse<String> answer = send(as(OWNER, "/v1/students"));
        for (int more = 0; more < 120 && !answer.body().contains("too often"); more++) {
            answer = send(as(OWNER, "/v1/students"));
        }
        assertProblem(answer, ProblemType.UNAVAILABLE);
        assertThat(answer.body()).contains("too often");
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        // The others are not concerned.
        assertThat(send(as(OWNER, "/v1/decisions/x")).statusCode()).isEqualTo(200);
        DISTILLATION.comeBack();
        Instant end = Instant.now().plusSeconds(20);
        for (int well = 0; well < 10; ) {
            assertThat(Instant.now()).isBefore(end);
            well = send(as(OWNER, "/v1/students")).statusCode() == 200 ? well + 1 : 0;
            Thread.sleep(20);
        }
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
