package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Scope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against a server that answers as the inference-service does; the launcher's end-to-end tests ask the real one. */
class TimingsTest extends StudentsHttpTest {
    private static final HttpServer ENGINE = started();

    private static volatile int status;
    private static volatile @Nullable String fixed;
    private static volatile IntToDoubleFunction student = row -> 0;
    private static volatile IntToDoubleFunction serving = row -> 0;
    private static volatile @Nullable JsonNode asked;

    @DynamicPropertySource
    static void engine(DynamicPropertyRegistry registry) {
        registry.add(
                "platform.collections.inference-url",
                () -> "http://127.0.0.1:" + ENGINE.getAddress().getPort());
    }

    private static HttpServer started() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v1/timings", exchange -> {
                JsonNode request = JsonMapper.shared().readTree(exchange.getRequestBody());
                asked = request;
                byte[] bytes = (fixed == null ? times(request) : fixed).getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                exchange.sendResponseHeaders(status, bytes.length);
                exchange.getResponseBody().write(bytes);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static String times(JsonNode request) {
        boolean two = request.get("students").size() == 2;
        return IntStream.range(0, request.get("rows").size())
                .mapToObj(row -> "{\"row\":" + row + ",\"times\":[" + time(student.applyAsDouble(row))
                        + (two ? "," + time(serving.applyAsDouble(row)) : "") + "]}")
                .collect(Collectors.joining(
                        ",",
                        "{\"machine\":\"2 x Some CPU\",\"snapshot\":\"sha256:" + "5".repeat(64) + "\",\"rows\":[",
                        "]}"));
    }

    private static String time(double millis) {
        return "{\"millis\":" + millis + ",\"way\":\"recall\",\"engine\":\"in-process\"}";
    }

    @AfterAll
    static void stop() {
        ENGINE.stop(0);
    }

    @BeforeEach
    void usual() {
        status = 200;
        fixed = null;
        takes(row -> 10, row -> 10);
    }

    private static void takes(IntToDoubleFunction own, IntToDoubleFunction other) {
        student = own;
        serving = other;
    }

    @Test
    void timesAStudentBesideTheOneThatServesOnHeldOutRowsOfEveryStage() throws Exception {
        String first = promoted("first", "pursuit");
        String id = uploaded(StudentPackage.tuned("second", "pursuit"));
        String dataset = dataset("pursuit", 200);
        takes(row -> 12 + row % 3, row -> 10);
        HttpResponse<String> answer = post("/v1/students/" + id + "/timings", "{\"dataset\":\"rows\",\"rows\":25}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        JsonNode timing = json(answer);
        assertThat(timing.get("serving").stringValue()).isEqualTo(first);
        assertThat(timing.get("dataset").stringValue()).isEqualTo(dataset);
        assertThat(timing.get("machine").stringValue()).isEqualTo("2 x Some CPU");
        assertThat(timing.get("stages").size()).isEqualTo(2);
        JsonNode stage = timing.at("/stages/0");
        assertThat(stage.get("stage").stringValue()).isEqualTo("move");
        assertThat(stage.get("rows").intValue()).isEqualTo(25);
        assertThat(stage.at("/student/p50Ms").doubleValue()).isEqualTo(13);
        assertThat(stage.at("/student/p99Ms").doubleValue()).isEqualTo(14);
        assertThat(stage.at("/serving/p50Ms").doubleValue()).isEqualTo(10);
        assertThat(stage.at("/ratio/value").doubleValue()).isCloseTo(1.3, within(1e-9));
        JsonNode request = asked;
        assertThat(request).isNotNull();
        assertThat(request.at("/students/0").stringValue()).isEqualTo(id);
        assertThat(request.at("/students/1").stringValue()).isEqualTo(first);
        assertThat(request.get("rows").size()).isEqualTo(50);
        assertThat(request.at("/rows/0/stage")).isNotEqualTo(request.at("/rows/1/stage"));
        JsonNode heldOut = json(get("/v1/datasets/rows/trajectories?split=test&limit=200"));
        List<String> views = new ArrayList<>();
        heldOut.get("items").forEach(item -> views.add(item.toString()));
        request.get("rows")
                .forEach(row -> assertThat(views.toString())
                        .contains("\"" + row.get("view").stringValue() + "\""));
        assertThat(json(get("/v1/students/" + id + "/timings")).at("/items/0")).isEqualTo(timing);
        assertThat(judged(id).get("timing")).isEqualTo(timing);
        assertThat(get("/v1/students/" + id + "/card").body())
                .contains(
                        "on `2 x Some CPU` at ",
                        "| `move` | 25 | `recall` | `in-process` | 13.000 | 14.000 | 10.000 | 1.300 [");
    }

    @Test
    void refusesAStudentThatTakesFarLongerThanTheOneThatServes() throws Exception {
        promoted("first", "pursuit");
        dataset("pursuit", 200);
        String slow = uploaded(StudentPackage.tuned("slow", "pursuit"));
        takes(row -> 20, row -> 10);
        time(slow, 201);
        HttpResponse<String> refused = promote(slow);
        assertProblem(refused, ProblemType.GATE_REFUSED);
        assertThat(json(refused).get("reasons").size()).isEqualTo(2);
        assertThat(json(refused).at("/reasons/0").stringValue())
                .startsWith("latency of move: median 20.0 ms, the serving student has 10.0 ms; on the same 40 rows")
                .contains("2.00 [2.00, 2.00] times as long, at most 1.50");
        takes(row -> 14, row -> 10);
        time(slow, 201);
        assertThat(promote(slow).statusCode()).as("the newest counts").isEqualTo(200);
    }

    /** Its ratios scatter from a tenth to ten, and half of them are above the bound: that is no proof of anything. */
    @Test
    void isNotMisledByNoise() throws Exception {
        promoted("first", "pursuit");
        dataset("pursuit", 200);
        String noisy = uploaded(StudentPackage.tuned("noisy", "pursuit"));
        takes(row -> row % 4 < 2 ? 100 : 11, row -> row % 8 < 4 ? 100 : 10);
        time(noisy, 201);
        assertThat(judged(noisy).at("/timing/stages/0/student/p99Ms").doubleValue())
                .isEqualTo(100);
        assertThat(promote(noisy).statusCode()).isEqualTo(200);
    }

    @Test
    void holdsAStudentToTheTasksOwnBoundAndAsksForTheTime() throws Exception {
        String id = uploaded(StudentPackage.tuned("first", "timed"));
        dataset("timed", 200);
        assertThat(json(promote(id)).at("/reasons/0").stringValue())
                .isEqualTo("latency: was not measured: POST /v1/students/" + id + "/timings");
        takes(row -> 25, row -> 0);
        time(id, 201);
        assertThat(json(promote(id)).at("/reasons/0").stringValue())
                .isEqualTo("latency of move: median 25.0 ms [25.0, 25.0], at most 20.0 ms are allowed");
        takes(row -> 15, row -> 0);
        time(id, 201);
        assertThat(judged(id).at("/timing").has("serving")).isFalse();
        assertThat(promote(id).statusCode()).isEqualTo(200);
    }

    @Test
    void asksForTheTimeBesideTheStudentThatServesNow() throws Exception {
        String first = uploaded(StudentPackage.tuned("first", "beside"));
        dataset("beside", 10);
        time(first, 201);
        assertThat(json(promote(first)).at("/reasons/0").stringValue())
                .matches("latency of move: measured on \\d+ rows, 8 are needed");
        dataset("beside", "more", 200);
        post("/v1/students/" + first + "/timings", "{\"dataset\":\"more\"}");
        assertThat(promote(first).statusCode()).isEqualTo(200);
        String second = uploaded(StudentPackage.tuned("second", "beside"));
        String third = uploaded(StudentPackage.tuned("third", "beside"));
        for (String each : List.of(second, third)) {
            post("/v1/students/" + each + "/timings", "{\"dataset\":\"more\"}");
        }
        assertThat(promote(second).statusCode()).isEqualTo(200);
        assertThat(json(promote(third)).at("/reasons/0").stringValue())
                .startsWith("latency: was not measured beside the student that serves now");
        post("/v1/students/" + third + "/timings", "{\"dataset\":\"more\"}");
        assertThat(promote(third).statusCode()).isEqualTo(200);
        post("/v1/students/" + third + "/rollbacks", "{}");
        assertThat(promote(third).statusCode())
                .as("the one beside who serves now counts")
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "404, unknown-stage, UNKNOWN_STAGE",
        "503, unavailable, UNAVAILABLE",
        "502, of-somebody-else, UNAVAILABLE"
    })
    void passesOnWhyTheEngineRefuses(int code, String slug, ProblemType type) throws Exception {
        String id = uploaded(StudentPackage.tuned("first", "pursuit"));
        dataset("pursuit", 50);
        status = code;
        fixed = "{\"type\":\"urn:logic-distillation:problem:" + slug + "\",\"detail\":\"no\"}";
        assertProblem(time(id, code == 502 ? 503 : code), type);
        assertThat(json(get("/v1/students/" + id + "/timings")).get("items").size())
                .isZero();
    }

    @Test
    void isUnavailableWhereNothingWasReadInTime() throws Exception {
        String id = uploaded(StudentPackage.tuned("first", "pursuit"));
        dataset("pursuit", 50);
        fixed = "{\"machine\":\"m\",\"snapshot\":\"s\",\"rows\":[]}";
        assertProblem(time(id, 503), ProblemType.UNAVAILABLE);
        fixed = "no JSON";
        assertProblem(time(id, 503), ProblemType.UNAVAILABLE);
    }

    @Test
    void needsRowsOfTheStudentsTask() throws Exception {
        String id = uploaded(StudentPackage.tuned("first", "pursuit"));
        String path = "/v1/students/" + id + "/timings";
        assertProblem(post(path, "{}"), ProblemType.INVALID_REQUEST);
        assertProblem(post(path, "{\"dataset\":\"unheard-of\"}"), ProblemType.UNKNOWN_DATASET);
        assertProblem(post(path, "{\"dataset\":\"a\\u0000b\"}"), ProblemType.INVALID_REQUEST);
        dataset("twenty-one", 5);
        assertProblem(post(path, "{\"dataset\":\"rows\"}"), ProblemType.INVALID_REQUEST);
        post("/v1/datasets", "{\"name\":\"empty\",\"task\":\"pursuit\"}");
        assertProblem(post(path, "{\"dataset\":\"empty\"}"), ProblemType.CONFLICT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"rows\":5}", "{\"rows\":101}", "{\"rows\":\"many\"}", "{\"colour\":\"red\"}"})
    void refusesWhatMeansNothing(String body) throws Exception {
        String id = uploaded(StudentPackage.tuned("first", "pursuit"));
        assertProblem(post("/v1/students/" + id + "/timings", body), ProblemType.INVALID_REQUEST);
    }

    @Test
    void needsTheScopeToOperateAndShowsNoTenantAnothers() throws Exception {
        String id = uploaded(StudentPackage.tuned("first", "pursuit"));
        dataset("pursuit", 50);
        time(id, 201);
        String path = "/v1/students/" + id + "/timings";
        assertProblem(
                send(as(tenant, path, Scope.VIEW, Scope.DECIDE, Scope.AUTHOR)
                        .POST(HttpRequest.BodyPublishers.noBody())),
                ProblemType.FORBIDDEN);
        assertProblem(send(as(tenant + "-other", path, Scope.VIEW)), ProblemType.UNKNOWN_STUDENT);
        assertProblem(get(path + "?limit=0"), ProblemType.INVALID_REQUEST);
    }

    private String promoted(String name, String task) throws Exception {
        String id = uploaded(StudentPackage.tuned(name, task));
        assertThat(promote(id).statusCode()).isEqualTo(200);
        return id;
    }

    private HttpResponse<String> promote(String id) throws Exception {
        return post("/v1/students/" + id + "/promotions", "{}");
    }

    private HttpResponse<String> time(String id, int expected) throws Exception {
        HttpResponse<String> answer = post("/v1/students/" + id + "/timings", "{\"dataset\":\"rows\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(expected);
        return answer;
    }

    private JsonNode judged(String id) throws Exception {
        return json(get("/v1/evaluations?student=" + id)).at("/items/0");
    }

    private String dataset(String task, int episodes) throws Exception {
        return dataset(task, "rows", episodes);
    }

    /** Half of its episodes are held out. */
    private String dataset(String task, String name, int episodes) throws Exception {
        HttpResponse<String> created = post(
                "/v1/datasets", "{\"name\":\"%s\",\"task\":\"%s\",\"heldOut\":0.5,\"seed\":3}".formatted(name, task));
        assertThat(created.statusCode()).as(created.body()).isEqualTo(201);
        String id = json(created).get("id").stringValue();
        String lines = IntStream.range(0, episodes)
                .mapToObj(episode -> row(episode, "target") + row(episode, "move"))
                .collect(Collectors.joining());
        HttpResponse<String> uploaded = send(request("/v1/datasets/" + id + "/trajectories")
                .header("Content-Type", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString(lines)));
        assertThat(uploaded.statusCode()).as(uploaded.body()).isLessThan(300);
        return id;
    }

    private static String row(int episode, String stage) {
        return """
                {"episode":"e%d","stage":"%s","view":"view %d of %s","candidates":[\
                {"function":"go","handle":"go","manual":"Go."},\
                {"function":"wait","handle":"wait","manual":"Wait."}],"chosen":"go"}
                """.formatted(episode, stage, episode, stage);
    }
}
