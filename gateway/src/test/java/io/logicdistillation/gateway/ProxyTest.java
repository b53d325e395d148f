package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import io.logicdistillation.contracts.ProblemType;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.jwt.Jwt;

class ProxyTest extends GatewayHttpTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static final String TRACE_ID = TRACE.substring(0, 36);

    @Test
    void replacesTheKeyByAFreshInternalToken() throws Exception {
        send(as(DECIDER, "/v1/decisions/x"));
        String authorization = INFERENCE.seen().headers().getFirst("Authorization");
        assertThat(authorization).startsWith("Bearer ").doesNotContain(DECIDER);
        Jwt token = tokens.decoder().decode(authorization.substring("Bearer ".length()));
        assertThat(token.getClaimAsString("iss")).isEqualTo("gateway");
        assertThat(token.getAudience()).containsExactly("platform");
        assertThat(token.getClaimAsString("tenant")).isEqualTo("acme");
        assertThat(token.getSubject()).isEqualTo("decider");
        assertThat(token.getClaimAsString("scope")).isEqualTo("decide");
        assertThat(Duration.between(token.getIssuedAt(), token.getExpiresAt())).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void keepsOutHeadersThatConcernThisConnectionOrPretendToComeFromInside() throws Exception {
        raw("GET /v1/decisions/x HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer " + OWNER
                + "\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nUpgrade: h2c"
                + "\r\nProxy-Authorization: Basic eA==\r\nProxy-Connection: close\r\nCookie: a=b\r\nForwarded: for=6.6.6.6"
                + "\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil.example\r\nX-Real-IP: 6.6.6.6"
                + "\r\nX-Tenant: other\r\nX-Internal-Role: admin\r\nX-Original-URL: /admin"
                + "\r\nX-HTTP-Method-Override: DELETE\r\nAccept: application/json\r\nX-Mine: kept\r\n\r\n");
        Headers headers = INFERENCE.seen().headers();
        for (String name : new String[] {
            "X-Hop",
            "Keep-Alive",
            "TE",
            "Upgrade",
            "Proxy-Authorization",
            "Proxy-Connection",
            "Cookie",
            "Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Real-IP",
            "X-Tenant",
            "X-Internal-Role",
            "X-Original-URL",
            "X-HTTP-Method-Override",
            "Transfer-Encoding"
        }) {
            assertThat(headers.containsKey(name)).as(name).isFalse();
        }
        assertThat(headers.getFirst("Host")).isEqualTo(INFERENCE.url().substring("http://".length()));
        assertThat(headers.getFirst("Accept")).isEqualTo("application/json");
        assertThat(headers.getFirst("X-Mine")).isEqualTo("kept");
    }

    @Test
    void passesBodyPathAndQueryOnAsTheyAre() throws Exception {
        String body = "{\"state\":{\"näme\":\"✓\"}}";
        send(json(as(OWNER, "/v1/tasks/pursuit/decisions?cursor=a%2Bb%26c&limit=2"), body)
                .header("Idempotency-Key", "k1"));
        FakeUpstream.Seen seen = INFERENCE.seen();
        assertThat(seen.method()).isEqualTo("POST");
        assertThat(seen.uri()).isEqualTo("/v1/tasks/pursuit/decisions?cursor=a%2Bb%26c&limit=2");
        assertThat(new String(seen.body(), StandardCharsets.UTF_8)).isEqualTo(body);
        assertThat(seen.headers().getFirst("Content-Length"))
                .isEqualTo(Integer.toString(body.getBytes(StandardCharsets.UTF_8).length));
        assertThat(seen.headers().getFirst("Idempotency-Key")).isEqualTo("k1");
    }

    @Test
    void keepsAPlainRequestIdAndReplacesAStrangeOne() throws Exception {
        HttpResponse<String> kept = send(as(OWNER, "/v1/decisions/x").header("X-Request-Id", "order-17"));
        assertThat(kept.headers().allValues("X-Request-Id")).containsExactly("order-17");
        assertThat(INFERENCE.seen().headers().get("X-Request-Id")).containsExactly("order-17");
        HttpResponse<String> replaced = send(as(OWNER, "/v1/decisions/x").header("X-Request-Id", "a b{}"));
        assertThat(replaced.headers().firstValue("X-Request-Id").orElse("")).matches("[0-9a-f-]{36}");
    }

    @Test
    void passesATraceOnAndStartsOneWhereThereIsNone() throws Exception {
        HttpResponse<String> continued =
                send(as(OWNER, "/v1/decisions/x").header("traceparent", TRACE).header("tracestate", "a=b"));
        String passedOn = INFERENCE.seen().headers().getFirst("traceparent");
        String answered = continued.headers().firstValue("traceparent").orElse("");
        assertThat(passedOn).matches(TRACE_ID + "[0-9a-f]{16}-01").isNotEqualTo(TRACE);
        assertThat(INFERENCE.seen().headers().get("traceparent")).hasSize(1);
        assertThat(INFERENCE.seen().headers().getFirst("tracestate")).isEqualTo("a=b");
        assertThat(answered).matches(TRACE_ID + "[0-9a-f]{16}-01").isNotEqualTo(TRACE);

        Awaitility.await()
                .untilAsserted(() -> assertThat(TRACES.of(TRACE.substring(3, 35)))
                        .as("the client's span, the gateway's, and the call behind it, which the service continues")
                        .anySatisfy(own -> {
                            assertThat(own.service()).isEqualTo("gateway");
                            assertThat(own.parent()).isEqualTo(TRACE.substring(36, 52));
                            assertThat(own.id()).isEqualTo(answered.substring(36, 52));
                        })
                        .anySatisfy(call -> {
                            assertThat(call.parent()).isEqualTo(answered.substring(36, 52));
                            assertThat(call.id()).isEqualTo(passedOn.substring(36, 52));
                        })
                        .allSatisfy(span -> assertThat(span.attributes()).doesNotContain(OWNER)));

        send(as(OWNER, "/v1/decisions/x").header("traceparent", "00-zz-1-01").header("tracestate", "a=b"));
        assertThat(INFERENCE.seen().headers().getFirst("traceparent"))
                .matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[13]")
                .isNotEqualTo(TRACE);
        assertThat(INFERENCE.seen().headers().containsKey("tracestate")).isFalse();
    }

    @Test
    void passesProblemsOfServicesOnUnchanged() throws Exception {
        String problem = """
                {"type":"urn:logic-distillation:problem:rate-limited","title":"x","status":429,"detail":"slow down","extra":1}""";
        INFERENCE.answers(exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "17");
            exchange.getResponseHeaders().set("X-Frame-Options", "SAMEORIGIN");
            exchange.getResponseHeaders().set("Server", "secret/1.0");
            exchange.getResponseHeaders().set("Set-Cookie", "a=b");
            FakeUpstream.answer(exchange, 429, "application/problem+json", problem);
        });
        HttpResponse<String> answer = send(json(as(OWNER, "/v1/tasks/pursuit/decisions"), "{}"));
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.body()).isEqualTo(problem);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("17");
        assertThat(answer.headers().allValues("X-Frame-Options")).containsExactly("DENY");
        assertThat(answer.headers().map()).doesNotContainKeys("server", "set-cookie");
    }

    @Test
    void passesCompressedAnswersOnAsTheyAre() throws Exception {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write("{}".getBytes(StandardCharsets.UTF_8));
        }
        INFERENCE.answers(exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, zipped.size());
            exchange.getResponseBody().write(zipped.toByteArray());
            exchange.close();
        });
        HttpResponse<byte[]> answer = send(
                as(OWNER, "/v1/decisions/x").header("Accept-Encoding", "gzip"),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(answer.body()).isEqualTo(zipped.toByteArray());
    }

    /** Four connections and forty polls: one that is not given back would be missed soon. */
    @Test
    void losesNoConnectionOverAnswersThatHaveNotChanged() throws Exception {
        DISTILLATION.answers(exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"7\"");
            exchange.sendResponseHeaders(304, -1);
            exchange.close();
        });
        for (int poll = 0; poll < 20; poll++) {
            assertThat(send(as(OWNER, "/v1/students").header("If-None-Match", "\"7\""))
                            .statusCode())
                    .isEqualTo(304);
        }
        DISTILLATION.answers(exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"7\"");
            FakeUpstream.answer(exchange, 200, "application/json", "{}");
        });
        for (int poll = 0; poll < 20; poll++) {
            assertThat(send(as(OWNER, "/v1/students").header("If-None-Match", "\"7\""))
                            .statusCode())
                    .isEqualTo(304);
        }
    }

    @Test
    void passesStreamsOnAsTheyCome() throws Exception {
        for (String type : new String[] {"text/event-stream", "application/x-ndjson"}) {
            CountDownLatch read = new CountDownLatch(1);
            INFERENCE.answers(exchange -> {
                exchange.getResponseHeaders().set("Content-Type", type);
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write("first\n".getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
                await(read);
                exchange.getResponseBody().write("second\n".getBytes(StandardCharsets.UTF_8));
                exchange.close();
            });
            HttpResponse<InputStream> answer =
                    send(as(OWNER, "/v1/decisions/x"), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                assertThat(new String(body.readNBytes(6), StandardCharsets.UTF_8))
                        .isEqualTo("first\n");
                read.countDown();
                assertThat(new String(body.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("second\n");
            }
        }
    }

    @Test
    void leavesMethodsToTheServiceThatKnowsThem() throws Exception {
        INFERENCE.answers(exchange -> {
            exchange.getResponseHeaders().set("Allow", "GET");
            FakeUpstream.answer(
                    exchange,
                    405,
                    "application/problem+json",
                    "{\"type\":\"" + ProblemType.METHOD_NOT_ALLOWED.uri() + "\",\"status\":405}");
        });
        HttpResponse<String> answer = send(as(OWNER, "/v1/decisions/x").DELETE());
        assertProblem(answer, ProblemType.METHOD_NOT_ALLOWED);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET");
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The first part has not arrived");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
