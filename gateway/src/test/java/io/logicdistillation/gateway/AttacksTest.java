package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Attacks that the gateway itself has to bear; docs/attacks.md says which tests show the others. */
class AttacksTest extends GatewayHttpTest {
    private static final String END = "\r\nHost: x\r\nConnection: close\r\n";

    /** API1: a key of another tenant is as good as not there, whatever is tried on it. */
    @Test
    void showsNobodyTheKeysOfAnotherTenant() throws Exception {
        String made =
                send(json(as(OWNER, "/v1/keys"), newKey("\"role\":\"viewer\""))).body();
        String id = JSON.readTree(made).at("/key/id").stringValue();
        String secret = JSON.readTree(made).at("/secret").stringValue();
        for (HttpRequest.Builder attempt : List.of(
                as(STRANGER, "/v1/keys/" + id),
                as(STRANGER, "/v1/keys/" + id).DELETE(),
                json(as(STRANGER, "/v1/keys/" + id + "/rotations"), "{\"overlapSeconds\":0}"))) {
            assertProblem(send(attempt), ProblemType.UNKNOWN_KEY);
        }
        assertProblem(
                send(json(as(STRANGER, "/v1/keys"), newKey("\"role\":\"admin\",\"tenant\":\"acme\""))),
                ProblemType.UNKNOWN_TENANT);
        assertProblem(
                send(json(as(STRANGER, "/v1/keys"), newKey("\"role\":\"admin\",\"tenant\":\"*\""))),
                ProblemType.UNKNOWN_TENANT);
        for (String list : new String[] {"/v1/keys?limit=200", "/v1/audit?limit=200", "/v1/tenants"}) {
            assertThat(send(as(STRANGER, list)).body()).doesNotContain(id).doesNotContain("acme");
        }
        assertThat(send(as(secret, "/v1/tasks")).statusCode()).isEqualTo(200);
    }

    /** API1: whose data a service shows is decided by the key alone; nothing that a client writes changes the tenant inside. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/tasks/pursuit?tenant=acme",
                "/v1/decisions/01a20a6a-c145-728b-8ec9-b2bb2161cde5",
                "/v1/students/sha256:00",
                "/v1/datasets/01a20a6a-c145-728b-8ec9-b2bb2161cde5",
                "/v1/distillation-jobs/01a20a6a-c145-728b-8ec9-b2bb2161cde5",
            })
    void namesTheCallersOwnTenantToTheServicesWhateverItWrites(String path) throws Exception {
        send(as(STRANGER, path)
                .header("X-Tenant", "acme")
                .header("X-Internal-Tenant", "acme")
                .header("X-Platform-Tenant", "acme"));
        FakeUpstream.Seen seen = List.of(FUNCTION_BASE, INFERENCE, DISTILLATION).stream()
                .map(FakeUpstream::seen)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow();
        String token = seen.headers().getFirst("Authorization").substring("Bearer ".length());
        assertThat(tokens.decoder().decode(token).getClaimAsString("tenant")).isEqualTo("globex");
        assertThat(seen.headers().keySet())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).contains("tenant"));
    }

    /** API3: what the platform decides about a key can not be sent along. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"id\":\"01a20a6a-c145-728b-8ec9-b2bb2161cde5\"",
                "\"createdBy\":\"somebody\"",
                "\"secret\":\"ld_mine\"",
                "\"sha256\":\"00\"",
                "\"lastUsedAt\":\"2026-01-01T00:00:00Z\"",
                "\"state\":\"active\"",
                "\"__proto__\":{\"role\":\"admin\"}"
            })
    void takesNoMemberThatIsNotAskedFor(String member) throws Exception {
        HttpResponse<String> answer = send(json(as(OWNER, "/v1/keys"), newKey("\"role\":\"viewer\"," + member)));
        assertProblem(answer, ProblemType.INVALID_REQUEST);
        assertThat(answer.body()).contains("There is no member");
    }

    /** A request that two servers would take apart at different places is answered by none of them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Content-Length: 5\\r\\nTransfer-Encoding: chunked | 0\\r\\n\\r\\nGET /v1/tasks HTTP/1.1\\r\\n\\r\\n",
                "Content-Length: 0\\r\\nContent-Length: 40 | GET /v1/tasks HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n",
                "Transfer-Encoding: xchunked | 0\\r\\n\\r\\n",
                "Transfer-Encoding: chunked\\r\\nTransfer-Encoding: identity | 0\\r\\n\\r\\n",
                "Transfer-Encoding : chunked | 0\\r\\n\\r\\n",
                "Content-Length: +5 | hello",
                "Content-Length: 5, 6 | hello!",
                "X-Folded: a\\r\\n b: c\\r\\nContent-Length: -1 | a",
                "X-Bad\\0: a | a",
            })
    void answersNoRequestThatCanBeReadInTwoWays(String headers, String body) throws Exception {
        String answer = raw("POST /v1/tasks/pursuit/decisions HTTP/1.1" + END + "Authorization: Bearer " + OWNER
                + "\r\n" + unescaped(headers) + "\r\n\r\n" + unescaped(body));
        assertThat(answer).doesNotContain("Exception").doesNotContain("Tomcat");
        // At most one answer, and no second request got through behind the first.
        assertThat(answer.split("HTTP/1\\.1 ", -1)).hasSizeLessThanOrEqualTo(2);
        assertThat(FUNCTION_BASE.seen()).isNull();
        if (INFERENCE.seen() != null) {
            assertThat(INFERENCE.seen().headers().containsKey("Transfer-Encoding")
                            && INFERENCE.seen().headers().containsKey("Content-Length"))
                    .isFalse();
        } else {
            assertThat(answer).matches("(?s)HTTP/1\\.1 (400|501) .*");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/../application.yaml",
                "/console/..%2f..%2fapplication.yaml",
                "/console/%2e%2e/%2e%2e/etc/passwd",
                "/console/..;/application.yaml",
                "/console/....//....//application.yaml",
                "/console/..%5c..%5capplication.yaml",
                "/console/%252e%252e/application.yaml",
                "/webjars/..%2fapplication.yaml",
                "/webjars/prismjs/../../../application.yaml",
                "/console/WEB-INF/web.xml",
                "/application.yaml",
                "/db/migration/V1__keys_tenants_and_audit.sql",
                "//etc/passwd",
                "http://127.0.0.1:1/etc/passwd"
            })
    void leadsOutOfTheConsolesFilesByNoPath(String path) throws Exception {
        String answer = raw("GET " + path + " HTTP/1.1" + END + "\r\n");
        assertThat(answer)
                .matches("(?s)HTTP/1\\.1 (400|401|404) .*")
                .doesNotContain("token-secret")
                .doesNotContain("CREATE TABLE")
                .doesNotContain("root:");
    }

    /** Two hundred clients that never come to the end of their headers: others are served, and who says nothing is cut off. */
    @Test
    void servesOthersWhileSlowClientsHoldConnections() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int number = 0; number < 200; number++) {
                Socket socket = new Socket("127.0.0.1", port);
                socket.getOutputStream()
                        .write("GET /v1/tasks HTTP/1.1\r\nX-Slow: ".getBytes(StandardCharsets.US_ASCII));
                slow.add(socket);
            }
            for (int request = 0; request < 20; request++) {
                for (Socket socket : slow) {
                    socket.getOutputStream().write('a');
                }
                assertThat(send(as(OWNER, "/v1/tasks")).statusCode()).isEqualTo(200);
            }
            Socket silent = slow.getFirst();
            silent.setSoTimeout(15_000);
            assertThat(isCutOff(silent)).isTrue();
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** What is wrong is quoted as JSON that no browser takes for a page. */
    @Test
    void quotesNothingAsMarkup() throws Exception {
        for (String path : new String[] {"/v1/%3Cscript%3Ealert(1)%3C/script%3E", "/v1/keys/%3Cimg%20src=x%3E"}) {
            HttpResponse<String> answer = send(as(OWNER, path));
            assertThat(answer.statusCode()).isIn(400, 404);
            assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("default-src 'none'");
        }
        HttpResponse<String> name = send(json(as(OWNER, "/v1/keys"), "{\"name\":\"<b>\",\"role\":\"viewer\"}"));
        assertProblem(name, ProblemType.INVALID_REQUEST);
    }

    /** What a page elsewhere can make a browser send: a form, plain text, cookies; none of it is a key. */
    @Test
    void takesNothingThatAPageElsewhereCanMakeABrowserSend() throws Exception {
        HttpResponse<String> form = send(request("/v1/keys")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", "https://evil.example")
                .POST(HttpRequest.BodyPublishers.ofString("name=a&role=admin")));
        assertProblem(form, ProblemType.UNSUPPORTED_MEDIA_TYPE);
        for (String type : new String[] {"text/plain", "multipart/form-data; boundary=x", "application/json"}) {
            HttpResponse<String> answer = send(request("/v1/keys")
                    .header("Content-Type", type)
                    .header("Origin", "https://evil.example")
                    .header("Cookie", "Authorization=Bearer " + OWNER + "; ld-key=" + OWNER)
                    .POST(HttpRequest.BodyPublishers.ofString(newKey("\"role\":\"admin\""))));
            assertProblem(answer, ProblemType.UNAUTHENTICATED);
        }
        assertThat(send(as(OWNER, "/v1/tasks")).headers().map()).doesNotContainKey("set-cookie");
        assertThat(send(request("/console/")).headers().map()).doesNotContainKey("set-cookie");
    }

    /** Queries that the container can not decode, and names that no parameter of an API has. */
    @ParameterizedTest
    @ValueSource(strings = {"=%1B", "&=false", "%1B=1", "R%F0%9E%9D%96=1", "%F3%AE%98%AD=x", "a=%"})
    void refusesAQueryThatIsNotWellFormed(String query) throws Exception {
        String answer =
                raw("GET /v1/tasks?" + query + " HTTP/1.1" + END + "Authorization: Bearer " + OWNER + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400").contains("urn:logic-distillation:problem:invalid-request");
        assertThat(FUNCTION_BASE.seen()).isNull();
    }

    /** API8: methods by which a proxy or a debugger would be talked to. */
    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "TRACK", "CONNECT", "PROPFIND", "OPTIONS"})
    void answersNoMethodThatTheApiHasNoUseFor(String method) throws Exception {
        String answer = raw(method + " /v1/tasks HTTP/1.1" + END + "X-Secret: echoed\r\n\r\n");
        assertThat(answer).matches("(?s)HTTP/1\\.1 (400|401|403|405|501) .*").doesNotContain("echoed");
        assertThat(FUNCTION_BASE.seen()).isNull();
    }

    /** API9: what is served below /v1 and the workers' part is in the document; a name that is not answers 404 with a key. */
    @Test
    void hasNoForgottenVersions() throws Exception {
        for (String path :
                new String[] {"/v0/tasks", "/v2/tasks", "/api/v1/tasks", "/internal/tasks", "/debug", "/swagger-ui"}) {
            assertProblem(send(as(OWNER, path)), ProblemType.NOT_FOUND);
            assertProblem(send(request(path)), ProblemType.UNAUTHENTICATED);
        }
        JsonNode document = JSON.readTree(send(request("/v1/openapi.json")).body());
        assertThat(document.get("paths").propertyNames())
                .allMatch(path -> path.startsWith("/v1/") || path.startsWith("/worker/v1/"));
    }

    private static String newKey(String members) {
        String name = "a" + UUID.randomUUID().toString().replace("-", "");
        return "{\"name\":\"" + name + "\"," + members + "}";
    }

    private static String unescaped(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
    }

    private static boolean isCutOff(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
            return true;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }
}
