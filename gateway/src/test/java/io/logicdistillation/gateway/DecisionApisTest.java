package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What the gateway itself says on addresses whose format others have defined. */
class DecisionApisTest extends GatewayHttpTest {
    @Test
    void refusesAStrangerAsSystemOneDoes() throws Exception {
        HttpResponse<String> noKey = send(json(request("/v1/systemone"), "{}"));
        assertThat(noKey.statusCode()).isEqualTo(403);
        assertSystemOne(noKey, "authentication_error");
        HttpResponse<String> wrongKey = send(json(as("ld_wrong", "/v1/systemone"), "{}"));
        assertThat(wrongKey.statusCode()).isEqualTo(401);
        assertSystemOne(wrongKey, "authentication_error");
        assertThat(wrongKey.headers().firstValue("WWW-Authenticate")).isPresent();
        HttpResponse<String> noScope = send(json(as(WORKER, "/v1/systemone"), "{}"));
        assertThat(noScope.statusCode()).isEqualTo(403);
        assertSystemOne(noScope, "authentication_error");
        assertThat(INFERENCE.seen()).isNull();
    }

    @Test
    void refusesAStrangerAsOpenAiDoes() throws Exception {
        HttpResponse<String> wrongKey = send(json(as("ld_wrong", "/v1/decisions"), "{}"));
        assertThat(wrongKey.statusCode()).isEqualTo(401);
        JsonNode error = JSON.readTree(wrongKey.body()).path("error");
        assertThat(error.path("type").stringValue()).isEqualTo("authentication_error");
        assertThat(error.path("code").stringValue()).isEqualTo("unauthenticated");
        assertThat(error.path("param").isNull()).isTrue();
        HttpResponse<String> models = send(request("/v1/models"));
        assertThat(models.statusCode()).isEqualTo(401);
        assertThat(JSON.readTree(models.body()).has("error")).isTrue();
        assertSystemOne(models, "authentication_error");
    }

    @Test
    void refusesWhatIsTooLargeOrAForm() throws Exception {
        HttpResponse<String> tooLarge =
                send(as(OWNER, "/v1/systemone").POST(HttpRequest.BodyPublishers.ofByteArray(new byte[(1 << 20) + 1])));
        assertThat(tooLarge.statusCode()).isEqualTo(413);
        assertSystemOne(tooLarge, "api_usage_error");
        HttpResponse<String> form = send(as(OWNER, "/v1/systemone")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("a=b")));
        assertThat(form.statusCode()).isEqualTo(415);
        assertSystemOne(form, "api_usage_error");
    }

    @Test
    void saysThatTheServiceIsAway() throws Exception {
        INFERENCE.goAway();
        HttpResponse<String> systemOne = send(json(as(OWNER, "/v1/systemone"), "{}"));
        assertThat(systemOne.statusCode()).isEqualTo(503);
        assertThat(systemOne.headers().firstValue("Retry-After")).isPresent();
        assertSystemOne(systemOne, "api_error");
        HttpResponse<String> openAi = send(json(as(OWNER, "/v1/decisions"), "{}"));
        assertThat(JSON.readTree(openAi.body()).at("/error/code").stringValue()).isEqualTo("unavailable");
    }

    @Test
    void passesPackedBodiesAndTheServicesOwnWordsOn() throws Exception {
        String refusal = "{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"x\",\"type\":\"y\"}]}";
        INFERENCE.answers(exchange -> {
            exchange.getResponseHeaders().set("x-typesafe-request-id", "from-inside");
            FakeUpstream.answer(exchange, 422, "application/json", refusal);
        });
        byte[] packed = {1, 2, 3};
        HttpResponse<String> answer = send(as(OWNER, "/v1/systemone")
                .header("Content-Encoding", "zstd")
                .POST(HttpRequest.BodyPublishers.ofByteArray(packed)));
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).isEqualTo(refusal);
        assertThat(answer.headers().allValues("x-typesafe-request-id")).containsExactly("from-inside");
        assertThat(INFERENCE.seen().body()).isEqualTo(packed);
        assertThat(INFERENCE.seen().headers().getFirst("Content-Encoding")).isEqualTo("zstd");
    }

    @Test
    void keepsProblemDetailsEverywhereElse() throws Exception {
        assertProblem(send(request("/v1/decisions/01a20a6a-c145-728b-8ec9-b2bb2161cde5")), ProblemType.UNAUTHENTICATED);
    }

    private static void assertSystemOne(HttpResponse<String> answer, String errorType) {
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/json");
        assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
        assertThat(answer.headers().firstValue("x-typesafe-request-id"))
                .isEqualTo(answer.headers().firstValue("X-Request-Id"));
        JsonNode detail = JSON.readTree(answer.body()).path("detail");
        assertThat(detail.path("error_type").stringValue()).isEqualTo(errorType);
        assertThat(detail.path("message").isString()).isTrue();
    }
}
