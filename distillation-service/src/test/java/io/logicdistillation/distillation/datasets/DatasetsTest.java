package io.logicdistillation.distillation.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.ServiceHttpTest;
import io.logicdistillation.kit.Scope;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class DatasetsTest extends ServiceHttpTest {
    @Test
    void storesEveryViewOnceWhateverIsSentAgain() throws Exception {
        String dataset = created("first");
        String rows = line(1, "far", "go") + line(1, "near", "wait") + "\n" + line(2, "far", "go");
        JsonNode report = json(upload(dataset, "?upload=one", rows));
        assertThat(counts(report)).containsExactly(4, 2, 1, 0);
        assertThat(counts(json(upload(dataset, "?upload=one", rows)))).containsExactly(4, 2, 1, 0);
        assertThat(counts(json(upload(dataset, "?upload=two", rows)))).containsExactly(4, 0, 3, 0);
        assertThat(json(get("/v1/datasets/first")).get("rows").intValue()).isEqualTo(2);
        assertThat(json(get("/v1/datasets/" + dataset)).get("name").stringValue())
                .isEqualTo("first");
    }

    @Test
    void tellsEachErrorByItsLineAndKeepsTheRest() throws Exception {
        String dataset = created("faulty");
        String rows = line(1, "far", "go")
                + "{\"episode\":\n"
                + "[]\n"
                + line(1, "near", "jump")
                + line(1, "odd", "go").replace("\"task\":\"pursuit\"", "\"task\":\"chess\"")
                + line(1, "twins", "go").replace("\"handle\":\"wait\"", "\"handle\":\"go\"")
                + line(3, "far", "wait")
                + "x".repeat(300_000) + "\n"
                + line(1, "last", "wait");
        JsonNode report = json(upload(dataset, "", rows));
        assertThat(counts(report)).containsExactly(9, 2, 0, 7);
        assertThat(report.get("errors"))
                .extracting(error -> error.get("line").intValue())
                .containsExactly(2, 3, 4, 5, 6, 7, 8);
        assertThat(report.get("errors"))
                .extracting(error -> error.get("message").stringValue())
                .satisfiesExactly(
                        message -> assertThat(message).startsWith("is no JSON"),
                        message -> assertThat(message).isEqualTo("is no JSON object"),
                        message -> assertThat(message).isEqualTo("'jump' was chosen but is no candidate"),
                        message -> assertThat(message).contains("'chess'"),
                        message -> assertThat(message).isEqualTo("two candidates share a function or a handle"),
                        message -> assertThat(message).contains("an earlier row chose 'go'"),
                        message -> assertThat(message).contains("longer than"));
    }

    @Test
    void refusesTextThatIsNotUtf8() throws Exception {
        String dataset = created("bytes");
        byte[] latin1 = line(1, "café", "go").getBytes(StandardCharsets.ISO_8859_1);
        HttpResponse<String> answer = send(ndjson(dataset, "").POST(HttpRequest.BodyPublishers.ofByteArray(latin1)));
        assertThat(counts(json(answer))).containsExactly(1, 0, 0, 1);
    }

    @Test
    void goesOnAfterACut() throws Exception {
        String dataset = created("cut");
        List<String> lines = IntStream.range(0, 1_300)
                .mapToObj(i -> line(i % 20, "view " + i, "go"))
                .toList();
        byte[] some = String.join("", lines.subList(0, 1_200)).getBytes(StandardCharsets.UTF_8);
        InputStream cut = new SequenceInputStream(new ByteArrayInputStream(some), new InputStream() {
            @Override
            public int read() throws java.io.IOException {
                throw new java.io.IOException("the network is gone");
            }
        });
        assertThat(catchSend(ndjson(dataset, "?upload=long").POST(HttpRequest.BodyPublishers.ofInputStream(() -> cut))))
                .isTrue();
        int stored = awaitLines(dataset, "long", 1_000);
        HttpResponse<String> rest = upload(
                dataset, "?upload=long&from=" + (stored + 1), String.join("", lines.subList(stored, lines.size())));
        assertThat(counts(json(rest))).containsExactly(1_300, 1_300, 0, 0);
        assertProblem(upload(dataset, "?upload=new&from=5", lines.getFirst()), ProblemType.CONFLICT);
    }

    @Test
    void keepsEpisodesOnOneSideOfTheSplit() throws Exception {
        String dataset = created("split");
        List<String> lines = new ArrayList<>();
        for (int episode = 0; episode < 200; episode++) {
            for (int step = 0; step < 5; step++) {
                lines.add(line(episode, "view " + episode + " " + step, step % 2 == 0 ? "go" : "wait"));
            }
        }
        Collections.shuffle(lines);
        upload(dataset, "", String.join("", lines));
        JsonNode version = json(post("/v1/datasets/split/versions", ""));
        Map<String, Integer> sides = new HashMap<>();
        int held = 0;
        for (String split : List.of("train", "test")) {
            for (String row : download(dataset, 1, "?split=" + split).split("\n")) {
                String episode = row.substring(row.indexOf("\"episode\":"), row.indexOf(",\"stage"));
                assertThat(sides.merge(episode, split.hashCode(), (one, other) -> one.equals(other) ? one : 0))
                        .isNotZero();
                held += split.equals("test") ? 1 : 0;
            }
        }
        assertThat(sides).hasSize(200);
        assertThat(held).isBetween(40, 180);
        byte[] all = download(dataset, 1, "").getBytes(StandardCharsets.UTF_8);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(all)))
                .isEqualTo(version.get("sha256").stringValue());
    }

    @Test
    void versionsNeverChange() throws Exception {
        String dataset = created("versions");
        assertProblem(post("/v1/datasets/versions/versions", ""), ProblemType.CONFLICT);
        upload(dataset, "", line(1, "a", "go"));
        assertThat(post("/v1/datasets/versions/versions", "").statusCode()).isEqualTo(201);
        assertThat(post("/v1/datasets/versions/versions", "").statusCode()).isEqualTo(200);
        String first = download(dataset, 1, "");
        upload(dataset, "", line(1, "b", "go"));
        assertThat(json(post("/v1/datasets/versions/versions", ""))
                        .get("version")
                        .intValue())
                .isEqualTo(2);
        assertThat(download(dataset, 1, "")).isEqualTo(first);
        String address = "/v1/datasets/versions/versions/1/trajectories?split=test";
        String etag = get(address).headers().firstValue("ETag").orElseThrow();
        assertThat(send(request(address).header("If-None-Match", etag)).statusCode())
                .isEqualTo(304);
        assertThat(download(dataset, 2, "")).startsWith(first).hasLineCount(2);
        assertProblem(get("/v1/datasets/versions/versions/3/trajectories"), ProblemType.UNKNOWN_DATASET);
    }

    @Test
    void profilesWhatIsTaught() throws Exception {
        String dataset = created("profile");
        upload(dataset, "", line(1, "a", "go") + line(1, "b", "go") + line(2, "c", "go"));
        JsonNode stage = json(get("/v1/datasets/profile/profile")).get("stages").get(0);
        assertThat(stage.get("rows").intValue()).isEqualTo(3);
        assertThat(stage.get("episodes").intValue()).isEqualTo(2);
        assertThat(stage.get("balance").doubleValue()).isZero();
        assertThat(stage.get("functions").get(1).toString())
                .isEqualTo("{\"function\":\"wait\",\"offered\":3,\"chosen\":0}");
    }

    @Test
    void showsRowsPageByPage() throws Exception {
        String dataset = created("pages");
        upload(dataset, "", line(1, "a", "go") + line(1, "b", "wait") + line(1, "c", "go"));
        JsonNode page = json(get("/v1/datasets/pages/trajectories?chosen=go&limit=1"));
        assertThat(page.get("items").get(0).get("trajectory").get("view").stringValue())
                .isEqualTo("a");
        page = json(get("/v1/datasets/pages/trajectories?chosen=go&limit=1&cursor="
                + page.get("next").stringValue()));
        assertThat(page.get("items").get(0).get("trajectory").get("view").stringValue())
                .isEqualTo("c");
        assertThat(page.has("next")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"name\":\"Big\",\"task\":\"pursuit\"}",
                "{\"name\":\"a\"}",
                "{\"name\":\"a\",\"task\":\"pursuit\",\"heldOut\":1}",
                "{\"name\":\"a\",\"task\":\"pursuit\",\"share\":0.1}"
            })
    void refusesDatasetsThatMeanNothing(String body) throws Exception {
        assertProblem(post("/v1/datasets", body), ProblemType.INVALID_REQUEST);
    }

    @ParameterizedTest
    @CsvSource({"?limit=0", "?split=both", "?cursor=!!!"})
    void refusesQueriesThatMeanNothing(String query) throws Exception {
        created("queries");
        assertProblem(get("/v1/datasets/queries/trajectories" + query), ProblemType.INVALID_REQUEST);
    }

    @Test
    void belongsToItsTenantAndItsAuthors() throws Exception {
        created("mine");
        assertProblem(post("/v1/datasets", "{\"name\":\"mine\",\"task\":\"pursuit\"}"), ProblemType.CONFLICT);
        assertProblem(send(as("t" + UUID.randomUUID(), "/v1/datasets/mine", Scope.VIEW)), ProblemType.UNKNOWN_DATASET);
        assertProblem(
                send(as(tenant, "/v1/datasets/mine/trajectories", Scope.VIEW)
                        .header("Content-Type", DatasetsApi.NDJSON)
                        .POST(HttpRequest.BodyPublishers.ofString(line(1, "a", "go")))),
                ProblemType.FORBIDDEN);
        assertProblem(get("/v1/datasets/unheard-of"), ProblemType.UNKNOWN_DATASET);
        assertProblem(post("/v1/datasets/mine/trajectories", "{}"), ProblemType.UNSUPPORTED_MEDIA_TYPE);
    }

    private String created(String name) throws Exception {
        HttpResponse<String> answer = post("/v1/datasets", "{\"name\":\"" + name + "\",\"task\":\"pursuit\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return json(answer).get("id").stringValue();
    }

    private HttpRequest.Builder ndjson(String dataset, String query) {
        return request("/v1/datasets/" + dataset + "/trajectories" + query).header("Content-Type", DatasetsApi.NDJSON);
    }

    private HttpResponse<String> upload(String dataset, String query, String rows) throws Exception {
        return send(ndjson(dataset, query).POST(HttpRequest.BodyPublishers.ofString(rows)));
    }

    private String download(String dataset, int version, String query) throws Exception {
        HttpResponse<String> answer = get("/v1/datasets/" + dataset + "/versions/" + version + "/trajectories" + query);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static boolean catchSend(HttpRequest.Builder request) throws InterruptedException {
        try {
            send(request);
            return false;
        } catch (InterruptedException stopped) {
            throw stopped;
        } catch (Exception cut) {
            return true;
        }
    }

    /** The server notices the cut a moment after the client. */
    private int awaitLines(String dataset, String upload, int lines) throws Exception {
        for (int i = 0; i < 100; i++) {
            JsonNode report = json(get("/v1/datasets/" + dataset + "/uploads/" + upload));
            if (report.path("lines").asInt(0) >= lines) {
                return report.get("lines").intValue();
            }
            Thread.sleep(50);
        }
        throw new AssertionError("the upload never came to line " + lines);
    }

    private static List<Integer> counts(JsonNode report) {
        return List.of(
                report.get("lines").intValue(),
                report.get("accepted").intValue(),
                report.get("repeated").intValue(),
                report.get("refused").intValue());
    }

    private static String line(int episode, String view, String chosen) {
        return """
                {"episode":"e%d","stage":"move","task":"pursuit","view":"%s","chosen":"%s","candidates":[\
                {"function":"go","handle":"go","manual":"When it is far."},\
                {"function":"wait","handle":"wait","manual":"When it is near."}]}
                """.formatted(episode, view, chosen);
    }
}
