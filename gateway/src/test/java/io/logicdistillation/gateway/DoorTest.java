package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DoorTest extends GatewayHttpTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/tasks",
                "/v1/students",
                "/v1/decisions/x",
                "/worker/v1/claims",
                "/nowhere",
                "/actuator/prometheus"
            })
    void asksForAKeyAndSaysHow(String path) throws Exception {
        HttpResponse<String> answer = send(request(path));
        assertProblem(answer, ProblemType.UNAUTHENTICATED);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"logic-distillation\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ld_", "ld_wrong", "owner", "ld_owner2", "LD_OWNER", "Bearer ld_owner"})
    void refusesWrongKeys(String key) throws Exception {
        HttpResponse<String> answer = send(as(key, "/v1/tasks"));
        assertProblem(answer, ProblemType.UNAUTHENTICATED);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).contains("invalid_token");
        assertThat(FUNCTION_BASE.seen()).isNull();
    }

    @Test
    void refusesOtherSchemes() throws Exception {
        assertProblem(
                send(request("/v1/tasks").header("Authorization", "Basic " + OWNER)), ProblemType.UNAUTHENTICATED);
        assertProblem(send(request("/v1/tasks?key=" + OWNER)), ProblemType.UNAUTHENTICATED);
    }

    @ParameterizedTest
    @CsvSource({
        "ld_decider, POST, /v1/tasks",
        "ld_decider, POST, /v1/students/x/promotions",
        "ld_decider, DELETE, /v1/tasks/pursuit",
        "ld_decider, PUT, /v1/tasks/pursuit/decision-policy",
        "ld_decider, POST, /v1/datasets",
        "ld_decider, GET, /worker/v1/claims",
        "ld_decider, GET, /actuator/prometheus",
        "ld_worker, GET, /v1/tasks",
        "ld_worker, POST, /v1/tasks/pursuit/decisions",
    })
    void refusesWhatTheScopesDoNotAllow(String key, String method, String path) throws Exception {
        assertProblem(send(as(key, path).method(method, HttpRequest.BodyPublishers.noBody())), ProblemType.FORBIDDEN);
    }

    @ParameterizedTest
    @CsvSource({
        "ld_decider, POST, /v1/tasks/pursuit/decisions, inference",
        "ld_decider, GET, /v1/tasks/pursuit/decisions, inference",
        "ld_decider, POST, /v1/tasks/pursuit/decision-batches, inference",
        "ld_decider, GET, /v1/tasks/pursuit/decision-policy, inference",
        "ld_decider, GET, /v1/tasks/pursuit/generation-wishes, inference",
        "ld_decider, POST, /v1/decisions, inference",
        "ld_decider, POST, /v1/decisions/x/replays, inference",
        "ld_decider, POST, /v1/systemone, inference",
        "ld_decider, GET, /v1/models, inference",
        "ld_decider, GET, /v1/engine/status, inference",
        "ld_decider, POST, /v1/tasks/pursuit/searches, function-base",
        "ld_decider, GET, /v1/tasks, function-base",
        "ld_owner, PUT, /v1/tasks/pursuit, function-base",
        "ld_owner, POST, /v1/tasks/pursuit/snapshots/active/activations, function-base",
        "ld_owner, POST, /v1/students, distillation",
        "ld_decider, GET, /v1/students/sha256:00/files/manifest, distillation",
        "ld_owner, POST, /v1/datasets/x/trajectories, distillation",
        "ld_owner, GET, /v1/distillation-jobs, distillation",
        "ld_decider, GET, /v1/evaluations, distillation",
        "ld_worker, POST, /worker/v1/claims, distillation",
    })
    void sendsEachPathToItsService(String key, String method, String path, String service) throws Exception {
        HttpResponse<String> answer = send(as(key, path).method(method, HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Upstream")).hasValue(service);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/console",
                "/index.html",
                "/console/",
                "/console/start.css",
                "/console/app.js",
                "/webjars/prismjs/prism.js",
                "/favicon.svg",
                "/v1/openapi.json",
                "/actuator/health",
                "/actuator/health/readiness",
                "/actuator/health/liveness"
            })
    void needsNoKeyForWhatEverybodyMaySee(String path) throws Exception {
        HttpResponse<String> answer = send(request(path));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'");
        assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
    }

    @Test
    void saysNothingButUpAboutItsHealth() throws Exception {
        INFERENCE.goAway();
        assertThat(send(request("/actuator/health/readiness")).body()).isEqualTo("{\"status\":\"UP\"}");
    }

    @Test
    void showsItsMetricsToOperatorsOnly() throws Exception {
        assertThat(send(as(OWNER, "/actuator/prometheus")).body()).contains("http_server_requests");
        for (String endpoint : new String[] {"env", "beans", "heapdump", "gateway", "metrics"}) {
            assertProblem(send(as(OWNER, "/actuator/" + endpoint)), ProblemType.NOT_FOUND);
        }
    }

    @Test
    void answersUnknownPathsAndWrongMethodsWithProblems() throws Exception {
        assertProblem(send(as(OWNER, "/v1/nowhere")), ProblemType.NOT_FOUND);
        assertProblem(send(as(OWNER, "/v2/tasks")), ProblemType.NOT_FOUND);
        assertProblem(send(as(OWNER, "/v1/openapi.json").DELETE()), ProblemType.METHOD_NOT_ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/tasks/../students",
                "/v1/tasks/%2e%2e/students",
                "/v1//tasks",
                "/v1/tasks;x=1",
                "/v1/tasks/%2F",
                "/v1/tasks/%00"
            })
    void refusesPathTricks(String path) throws Exception {
        String answer = raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer "
                + OWNER + "\r\n\r\n");
        assertThat(answer).matches("(?s)HTTP/1.1 40[04] .*");
        assertThat(answer).doesNotContain("Exception").doesNotContain("Tomcat");
        assertThat(FUNCTION_BASE.seen()).isNull();
        assertThat(DISTILLATION.seen()).isNull();
    }

    @Test
    void isClosedToOtherOrigins() throws Exception {
        HttpResponse<String> preflight = send(request("/v1/tasks")
                .header("Origin", "https://evil.example")
                .header("Access-Control-Request-Method", "POST")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
        assertThat(preflight.statusCode()).isEqualTo(401);
        INFERENCE.answers(exchange -> {
            exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
            FakeUpstream.answer(exchange, 200, "application/json", "{}");
        });
        HttpResponse<String> answer = send(as(OWNER, "/v1/decisions/x").header("Origin", "https://evil.example"));
        assertThat(answer.headers().map()).doesNotContainKey("access-control-allow-origin");
    }

    @Test
    void takesNewKeysAndForgetsOldOnesWithoutARestart() throws Exception {
        String second = "ld_second";
        assertThat(send(as(second, "/v1/tasks")).statusCode()).isEqualTo(401);
        try {
            Files.writeString(KEYS, keyRecord("second", second, "acme", "\"view\""));
            awaitStatus(second, 200);
            assertThat(send(as(OWNER, "/v1/tasks")).statusCode()).isEqualTo(401);
        } finally {
            Files.writeString(KEYS, defaultKeys());
            awaitStatus(OWNER, 200);
        }
    }

    private void awaitStatus(String key, int status) throws Exception {
        Instant end = Instant.now().plus(Duration.ofSeconds(10));
        while (send(as(key, "/v1/tasks")).statusCode() != status) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(20);
        }
    }
}
