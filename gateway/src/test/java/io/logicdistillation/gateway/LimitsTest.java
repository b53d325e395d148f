package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class LimitsTest extends GatewayHttpTest {
    private static final int MEGABYTE = 1 << 20;

    @Test
    void takesABodyOfExactlyTheLimit() throws Exception {
        HttpResponse<String> answer = send(as(OWNER, "/v1/tasks/pursuit/decisions")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[MEGABYTE])));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(INFERENCE.seen().body()).hasSize(MEGABYTE);
    }

    @Test
    void refusesABodyThatDeclaresToBeTooLarge() throws Exception {
        assertProblem(
                send(as(OWNER, "/v1/tasks/pursuit/decisions")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[MEGABYTE + 1]))),
                ProblemType.TOO_LARGE);
        assertThat(INFERENCE.seen()).isNull();
    }

    @Test
    void refusesABodyThatTurnsOutTooLarge() throws Exception {
        byte[] body = new byte[3 * MEGABYTE];
        assertProblem(
                send(as(OWNER, "/v1/tasks/pursuit/decisions")
                        .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))),
                ProblemType.TOO_LARGE);
    }

    @Test
    void takesMoreForAStudentAndForNothingElse() throws Exception {
        byte[] body = new byte[5 * MEGABYTE];
        HttpRequest.BodyPublisher upload = HttpRequest.BodyPublishers.ofByteArray(body);
        String type = "multipart/form-data; boundary=x";
        assertThat(send(as(OWNER, "/v1/students").header("Content-Type", type).POST(upload))
                        .statusCode())
                .isEqualTo(200);
        assertThat(DISTILLATION.seen().body()).hasSize(body.length);
        assertProblem(send(as(OWNER, "/v1/tasks").header("Content-Type", type).POST(upload)), ProblemType.TOO_LARGE);
    }

    @Test
    void takesMoreForTheLinesOfAnImportAndForNothingElseOfATask() throws Exception {
        byte[] body = new byte[5 * MEGABYTE];
        HttpRequest.BodyPublisher lines =
                HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
        String type = "application/x-ndjson";
        assertThat(send(as(OWNER, "/v1/tasks/pursuit/imports")
                                .header("Content-Type", type)
                                .POST(lines))
                        .statusCode())
                .isEqualTo(200);
        assertThat(FUNCTION_BASE.seen().body()).hasSize(body.length);
        assertProblem(
                send(as(OWNER, "/v1/tasks/pursuit/functions")
                        .header("Content-Type", type)
                        .POST(lines)),
                ProblemType.TOO_LARGE);
    }

    @Test
    void refusesAStudentOver64MegabytesByItsDeclaredLength() throws Exception {
        String answer =
                raw("POST /v1/students HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + OWNER
                        + "\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 67108865\r\n"
                        + "Expect: 100-continue\r\n\r\n");
        assertThat(answer)
                .startsWith("HTTP/1.1 413 ")
                .contains(ProblemType.TOO_LARGE.uri().toString());
    }

    @Test
    void refusesForms() throws Exception {
        assertProblem(
                send(as(OWNER, "/v1/tasks/pursuit/decisions")
                        .header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
                        .POST(HttpRequest.BodyPublishers.ofString("limit=1"))),
                ProblemType.UNSUPPORTED_MEDIA_TYPE);
        assertThat(INFERENCE.seen()).isNull();
    }

    @Test
    void refusesHeadersOverTheLimit() throws Exception {
        String answer = raw(
                "GET /v1/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: " + "a".repeat(20_000) + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400 ").doesNotContain("Exception");
    }
}
