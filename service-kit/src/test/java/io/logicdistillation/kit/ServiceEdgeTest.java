package io.logicdistillation.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "platform.token-secret=5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
            "platform.largest-body=1KB",
            "spring.servlet.multipart.max-request-size=4KB"
        })
class ServiceEdgeTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String UPLOAD = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";

    @LocalServerPort
    private int port;

    @Autowired
    private InternalTokens tokens;

    @Test
    @ExtendWith(OutputCaptureExtension.class)
    void isNotAlarmedByAClientThatBreaksOffItsUpload(CapturedOutput output) throws Exception {
        String token = request("/streams")
                .build()
                .headers()
                .firstValue("Authorization")
                .orElseThrow();
        try (Socket client = new Socket("127.0.0.1", port)) {
            client.getOutputStream()
                    .write(("POST /streams HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + token
                                    + "\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nsome")
                            .getBytes(StandardCharsets.US_ASCII));
        }
        // Answered after the one that was broken off, on a service that looks at both at once.
        for (int tries = 0; tries < 20; tries++) {
            assertThat(send(request("/caller")).statusCode()).isEqualTo(200);
            Thread.sleep(25);
        }
        assertThat(output).doesNotContain("ERROR").doesNotContain("/streams failed");
    }

    @Test
    void needsAnInternalToken() throws Exception {
        HttpRequest.Builder bare = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/caller"));
        assertProblem(send(bare), ProblemType.UNAUTHENTICATED);
        assertProblem(send(bare.header("Authorization", "Bearer ld_key")), ProblemType.UNAUTHENTICATED);
        HttpRequest.Builder error = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/error"));
        assertProblem(send(error), ProblemType.UNAUTHENTICATED);
    }

    @Test
    void knowsItsCaller() throws Exception {
        assertThat(send(request("/caller")).body())
                .contains("\"tenant\":\"acme\"")
                .contains("\"name\":\"tester\"");
    }

    @Test
    void refusesACallerWithoutTheScope() throws Exception {
        assertProblem(send(request("/operate")), ProblemType.FORBIDDEN);
    }

    @Test
    void needsNoTokenForItsHealth() throws Exception {
        HttpRequest.Builder bare = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/actuator/health"));
        assertThat(send(bare).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"name":                     | MALFORMED_JSON
            {"name":"a","amount":1} more | MALFORMED_JSON
            ''                           | MALFORMED_JSON
            {"name":"a","count":1}       | INVALID_REQUEST
            {"name":"a","amount":"many"} | INVALID_REQUEST
            [1]                          | INVALID_REQUEST
            """)
    void saysWhatIsWrongWithABody(String body, ProblemType type) throws Exception {
        assertProblem(send(json("/orders", body)), type);
    }

    @Test
    void pointsAtAnUnknownMember() throws Exception {
        HttpResponse<String> answer = send(json("/orders", "{\"name\":\"a\",\"amount\":1,\"count\":1}"));
        assertThat(JsonMapper.shared().readTree(answer.body()).path("pointer").stringValue())
                .isEqualTo("/count");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /nowhere, NOT_FOUND",
        "DELETE, /orders, METHOD_NOT_ALLOWED",
        "GET, /page?limit=ten, INVALID_REQUEST",
        "GET, /page, INVALID_REQUEST",
        "GET, /failures?kind=pool, UNAVAILABLE",
        "GET, /failures?kind=connection, UNAVAILABLE",
        "GET, /failures?kind=shutdown, UNAVAILABLE",
        "GET, /failures?kind=disk-full, UNAVAILABLE",
        "GET, /failures?kind=deadlock, UNAVAILABLE",
        "GET, /failures?kind=character, INVALID_REQUEST",
        "GET, /failures?kind=bug, INTERNAL",
    })
    void turnsEveryFailureIntoAProblem(String method, String path, ProblemType type) throws Exception {
        HttpResponse<String> answer = send(request(path).method(method, BodyPublishers.noBody()));
        assertProblem(answer, type);
        assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(type == ProblemType.UNAVAILABLE);
    }

    @Test
    void keepsTheExtensionsOfAKnownFailure() throws Exception {
        HttpResponse<String> answer = send(request("/failures?kind=known"));
        assertProblem(answer, ProblemType.INVALID_STATE);
        assertThat(answer.body()).contains("\"pointer\":\"/me/x\"").contains("The state is wrong");
    }

    @Test
    void refusesOtherMediaTypes() throws Exception {
        assertProblem(
                send(request("/orders").header("Content-Type", "text/plain").POST(BodyPublishers.ofString("x"))),
                ProblemType.UNSUPPORTED_MEDIA_TYPE);
        assertProblem(send(request("/caller").header("Accept", "image/png")), ProblemType.NOT_ACCEPTABLE);
    }

    @Test
    void refusesABodyOverTheLimitWhetherDeclaredOrNot() throws Exception {
        String body = "{\"name\":\"" + "a".repeat(2_000) + "\",\"amount\":1}";
        assertProblem(send(json("/orders", body)), ProblemType.TOO_LARGE);
        assertProblem(
                send(request("/orders")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes())))),
                ProblemType.TOO_LARGE);
    }

    @Test
    void limitsUploadsByTheContainersLimit() throws Exception {
        assertThat(send(upload(UPLOAD + "a".repeat(2_000) + "\r\n--x--\r\n")).body())
                .isEqualTo("{\"bytes\":2000}");
        assertProblem(send(upload(UPLOAD + "a".repeat(5_000) + "\r\n--x--\r\n")), ProblemType.TOO_LARGE);
    }

    @Test
    void refusesAnUploadThatBreaksOffOrLacksItsPart() throws Exception {
        assertProblem(send(upload(UPLOAD + "a".repeat(100))), ProblemType.INVALID_REQUEST);
        assertProblem(
                send(upload(UPLOAD.replace("\"file\"", "\"other\"") + "a\r\n--x--\r\n")), ProblemType.INVALID_REQUEST);
    }

    @Test
    void refusesWhatTheFirewallRefuses() throws Exception {
        assertProblem(send(request("/page;limit=1")), ProblemType.INVALID_REQUEST);
    }

    private HttpRequest.Builder request(String path) {
        String token = tokens.mint(new Caller("acme", "tester", Set.of(Scope.DECIDE)));
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer " + token);
    }

    private HttpRequest.Builder json(String path, String body) {
        return request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
    }

    private HttpRequest.Builder upload(String body) {
        return request("/uploads")
                .header("Content-Type", "multipart/form-data; boundary=x")
                .POST(BodyPublishers.ofString(body));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void assertProblem(HttpResponse<String> answer, ProblemType type) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(type.status());
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        JsonNode problem = JsonMapper.shared().readTree(answer.body());
        assertThat(problem.path("type").stringValue()).isEqualTo(type.uri().toString());
        assertThat(answer.body()).doesNotContain("secret").doesNotContain("Exception");
    }
}
