package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What the gateway serves of the console; how it looks and behaves is tested in a browser by the launcher's tests. */
class ConsoleFilesTest extends GatewayHttpTest {
    private static final int WEIGHT_LIMIT = 400_000;
    private static final Pattern REFERENCE =
            Pattern.compile("(?:href|src)=\"(/[^\"#]*)\"|(?:from|import)\\s*\\(?\\s*['\"](\\.[^'\"]+|/[^'\"]+)['\"]"
                    + "|['\"](/(?:console|webjars)/[^'\"]+\\.(?:js|css))['\"]");

    @Test
    void servesEveryFileThatItsPagesReferToAndTogetherTheyAreLight() throws Exception {
        Map<String, Integer> weights = new TreeMap<>();
        Deque<String> due = new ArrayDeque<>();
        due.add("/console/");
        while (!due.isEmpty()) {
            String path = due.remove();
            if (weights.containsKey(path)) {
                continue;
            }
            HttpResponse<String> answer = send(request(path));
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            weights.put(path, packedSize(path));
            if (!path.startsWith("/webjars/") && !path.startsWith("/v1/")) {
                Matcher found = REFERENCE.matcher(answer.body());
                while (found.find()) {
                    String reference = found.group(1) != null ? found.group(1) : found.group(2);
                    reference = reference != null ? reference : found.group(3);
                    due.add(URI.create(path).resolve(reference).getPath());
                }
            }
        }
        assertThat(weights)
                .containsKeys("/console/app.js", "/console/app.css", "/webjars/uplot/dist/uPlot.iife.min.js");
        assertThat(weights.values().stream().mapToInt(Integer::intValue).sum()).isLessThan(WEIGHT_LIMIT);
    }

    @Test
    void namesNoOtherHostAndNothingInline() throws Exception {
        String page = send(request("/console/")).body();
        assertThat(page).doesNotContain("http://").doesNotContain("https://").doesNotContain("style=");
        assertThat(page)
                .doesNotContainPattern("<script(?![^>]*src=)")
                .doesNotContain("<style")
                .doesNotContainPattern("\\son\\w+=");
    }

    @ParameterizedTest
    @CsvSource({"ld_owner, owner, 'decide,author,operate,admin,work'", "ld_decider, decider, decide"})
    void tellsWhatAKeyMayDo(String key, String name, String scopes) throws Exception {
        HttpResponse<String> answer = send(as(key, "/v1/caller"));
        JsonNode caller = JSON.readTree(answer.body());
        assertThat(caller.get("name").stringValue()).isEqualTo(name);
        assertThat(caller.get("tenant").stringValue()).isEqualTo("acme");
        assertThat(caller.get("scopes").valueStream().map(JsonNode::stringValue))
                .containsExactly(scopes.split(","));
        assertThat(answer.headers().firstValue("Cache-Control").orElse("")).isEqualTo("no-store");
        assertThat(answer.body()).doesNotContain(key);
    }

    @Test
    void packsItsOwnFilesAndLeavesServicesAnswersAlone() throws Exception {
        String answers = "{\"items\": [" + "1,".repeat(2_000) + "1]}";
        FUNCTION_BASE.answers(exchange -> FakeUpstream.answer(exchange, 200, "application/json", answers));
        assertThat(encoding("/console/app.css")).isEqualTo("gzip");
        assertThat(encoding("/v1/tasks")).isEmpty();
    }

    private String encoding(String path) throws Exception {
        return send(as(OWNER, path).header("Accept-Encoding", "gzip"))
                .headers()
                .firstValue("Content-Encoding")
                .orElse("");
    }

    private int packedSize(String path) throws Exception {
        HttpRequest packed = request(path).header("Accept-Encoding", "gzip").build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            byte[] body =
                    client.send(packed, HttpResponse.BodyHandlers.ofByteArray()).body();
            assertThat(new String(body, StandardCharsets.ISO_8859_1)).isNotEmpty();
            return body.length;
        }
    }
}
