package io.logicdistillation.distillation.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.ServiceHttpTest;
import io.logicdistillation.kit.Scope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Against a server that gives corrections as the inference-service does; the launcher's end-to-end tests ask the real one. */
class CollectionsTest extends ServiceHttpTest {
    private static final HttpServer LOG = started();
    private static final List<String> ASKED = new CopyOnWriteArrayList<>();

    private static volatile int status;
    private static volatile String body = "";
    private static volatile int sent;

    @DynamicPropertySource
    static void log(DynamicPropertyRegistry registry) {
        registry.add(
                "platform.collections.inference-url",
                () -> "http://127.0.0.1:" + LOG.getAddress().getPort());
    }

    private static HttpServer started() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                ASKED.add(exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().getFirst("Authorization").startsWith("Bearer "));
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", DatasetsApi.NDJSON);
                exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes, 0, Math.min(sent, bytes.length));
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    @AfterAll
    static void stop() {
        LOG.stop(0);
    }

    @BeforeEach
    void quiet() {
        ASKED.clear();
        answers(200, "");
    }

    private static void answers(int code, String text) {
        status = code;
        body = text;
        sent = Integer.MAX_VALUE;
    }

    @Test
    void takesTheLogsCorrectionsInAndSealsThem() throws Exception {
        String dataset = created();
        answers(200, row("far", "go") + row("near", "wait") + row("far", "go") + row("far", "wait") + "{}\n");
        HttpResponse<String> first = collect(dataset, "{\"source\":\"feedback\",\"since\":\"2026-11-01T00:00:00Z\"}");
        assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
        assertThat(ASKED).containsExactly("/v1/tasks/pursuit/corrections?by=people&since=2026-11-01T00:00:00Z true");
        JsonNode report = json(first).get("report");
        assertThat(List.of("lines", "accepted", "repeated", "refused"))
                .extracting(name -> report.get(name).intValue())
                .containsExactly(5, 2, 1, 2);
        assertThat(report.at("/errors/0/message").stringValue()).contains("an earlier row chose 'go'");
        assertThat(json(first).at("/version/version").intValue()).isEqualTo(1);
        assertThat(json(get("/v1/datasets/" + dataset + "/uploads/"
                        + report.get("upload").stringValue())))
                .isEqualTo(report);
    }

    @Test
    void addsNothingTwiceAndSealsOnlyWhatIsNew() throws Exception {
        String dataset = created();
        answers(200, row("far", "go"));
        JsonNode first = json(collect(dataset, "{}")).get("version");
        HttpResponse<String> again = collect(dataset, "{}");
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(json(again).get("version")).isEqualTo(first);
        assertThat(json(again).at("/report/accepted").intValue()).isZero();
        answers(200, row("far", "go") + row("near", "wait"));
        HttpResponse<String> more = collect(dataset, "{}");
        assertThat(more.statusCode()).isEqualTo(201);
        assertThat(json(more).at("/version/rows").intValue()).isEqualTo(2);
        assertThat(ASKED).containsOnly("/v1/tasks/pursuit/corrections true");
    }

    @Test
    void keepsWhatCameBeforeALogBrokeOffAndTakesTheRestLater() throws Exception {
        String dataset = created();
        String rows =
                IntStream.range(0, 1_200).mapToObj(i -> row("view " + i, "go")).collect(Collectors.joining());
        answers(200, rows);
        sent = rows.length() * 2 / 3;
        assertProblem(collect(dataset, "{\"source\":\"escalations\"}"), ProblemType.UNAVAILABLE);
        int kept = json(get("/v1/datasets/" + dataset)).get("rows").intValue();
        assertThat(kept).isEqualTo(500);
        assertThat(json(get("/v1/datasets/" + dataset + "/versions")).get("items"))
                .isEmpty();
        answers(200, rows);
        JsonNode whole = json(collect(dataset, "{\"source\":\"escalations\"}"));
        assertThat(whole.at("/report/accepted").intValue()).isEqualTo(1_200 - kept);
        assertThat(whole.at("/version/rows").intValue()).isEqualTo(1_200);
        assertThat(ASKED).containsOnly("/v1/tasks/pursuit/corrections?by=teacher true");
    }

    @ParameterizedTest
    @CsvSource({"403, forbidden, FORBIDDEN", "503, unavailable, UNAVAILABLE", "502, of-somebody-else, UNAVAILABLE"})
    void passesOnWhyTheLogRefuses(int code, String slug, ProblemType type) throws Exception {
        answers(code, "{\"type\":\"urn:logic-distillation:problem:" + slug + "\",\"detail\":\"no\"}");
        assertProblem(collect(created(), "{}"), type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"source\":\"teacher\"}", "{\"since\":\"yesterday\"}", "{\"colour\":\"red\"}"})
    void refusesWhatIsNoCollection(String wanted) throws Exception {
        HttpResponse<String> answer = collect(created(), wanted);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(json(answer).get("type").stringValue()).startsWith("urn:logic-distillation:problem:");
        assertThat(ASKED).isEmpty();
    }

    @Test
    void needsADatasetTheScopeAndSomethingToCollect() throws Exception {
        assertProblem(collect("nobodys", "{}"), ProblemType.UNKNOWN_DATASET);
        String dataset = created();
        HttpRequest.Builder viewer = as(tenant, "/v1/datasets/" + dataset + "/collections", Scope.VIEW)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{}"));
        assertProblem(send(viewer), ProblemType.FORBIDDEN);
        assertProblem(collect(dataset, "{}"), ProblemType.CONFLICT);
    }

    private String created() throws Exception {
        HttpResponse<String> answer = post("/v1/datasets", "{\"name\":\"log\",\"task\":\"pursuit\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return json(answer).get("id").stringValue();
    }

    private HttpResponse<String> collect(String dataset, String wanted) throws Exception {
        return post("/v1/datasets/" + dataset + "/collections", wanted);
    }

    /** As the inference-service writes an example. */
    private static String row(String view, String chosen) {
        return """
                {"episode":"e","task":"pursuit","snapshot":"sha256:%s","stage":"move","view":"%s",\
                "candidates":[{"function":"go","handle":"go","manual":"Go."},\
                {"function":"wait","handle":"wait","manual":"Wait."}],"chosen":"%s","output":{"move":"east"}}
                """.formatted("0".repeat(64), view, chosen);
    }
}
