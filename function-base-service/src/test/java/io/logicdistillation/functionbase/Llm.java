package io.logicdistillation.functionbase;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.stubbing.Scenario;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** The API of an L-LLM, played over HTTP in the shape that OpenAI's chat completions have; the client is the one that ships. */
final class Llm {
    private static final String CHAT = "/v1/chat/completions";
    private static final String SCRIPT = "script";

    private final WireMockServer server =
            new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

    Llm() {
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.port() + "/v1";
    }

    void forget() {
        server.resetAll();
    }

    /** These answers in turn; what is asked beyond them finds nothing (404). */
    void says(ResponseDefinitionBuilder... answers) {
        for (int turn = 0; turn < answers.length; turn++) {
            server.stubFor(asked().inScenario(SCRIPT)
                    .whenScenarioStateIs(turn == 0 ? Scenario.STARTED : "turn-" + turn)
                    .willReturn(answers[turn])
                    .willSetStateTo("turn-" + (turn + 1)));
        }
    }

    static MappingBuilder asked() {
        return WireMock.post(CHAT);
    }

    /** The bodies of all questions, the first one first. */
    List<JsonNode> questions() {
        List<JsonNode> questions = new ArrayList<>();
        server.getAllServeEvents().stream()
                .sorted((one, other) -> one.getRequest()
                        .getLoggedDate()
                        .compareTo(other.getRequest().getLoggedDate()))
                .forEach(event ->
                        questions.add(Client.JSON.readTree(event.getRequest().getBodyAsString())));
        return questions;
    }

    List<String> idempotencyKeys() {
        return server.getAllServeEvents().stream()
                .map(event -> event.getRequest().getHeader("Idempotency-Key"))
                .toList();
    }

    /** One function as the L-LLM writes it down. */
    static Map<String, Object> function(
            String name, String stage, String handle, String source, List<Map<String, String>> tests) {
        return Map.of(
                "name", name,
                "stage", stage,
                "handle", handle,
                "manual", "Use it for " + name + ".",
                "source", source,
                "tests", tests);
    }

    static Map<String, String> test(Object state, Object earlier, Object output) {
        return Map.of(
                "state", Client.JSON.writeValueAsString(state),
                "earlier", Client.JSON.writeValueAsString(earlier),
                "output", Client.JSON.writeValueAsString(output));
    }

    @SafeVarargs
    static ResponseDefinitionBuilder functions(Map<String, Object>... functions) {
        return completion(Client.JSON.writeValueAsString(Map.of("functions", functions)), "stop", null);
    }

    static ResponseDefinitionBuilder completion(String content, String finish, String refusal) {
        return completion(content, finish, refusal, 300);
    }

    static ResponseDefinitionBuilder completion(String content, String finish, String refusal, int tokens) {
        Map<String, Object> message = new HashMap<>();
        message.put("role", "assistant");
        message.put("content", content);
        message.put("refusal", refusal);
        message.put("annotations", List.of());
        Map<String, Object> choice = new HashMap<>();
        choice.put("index", 0);
        choice.put("message", message);
        choice.put("logprobs", null);
        choice.put("finish_reason", finish);
        Map<String, Object> usage = Map.of(
                "prompt_tokens",
                1_200,
                "completion_tokens",
                tokens,
                "total_tokens",
                1_200 + tokens,
                "prompt_tokens_details",
                Map.of("cached_tokens", 0, "audio_tokens", 0),
                "completion_tokens_details",
                Map.of("reasoning_tokens", 0, "audio_tokens", 0));
        return okJson(Client.JSON.writeValueAsString(Map.of(
                "id",
                "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
                "object",
                "chat.completion",
                "created",
                1741569952,
                "model",
                "big-2026-01-01",
                "choices",
                List.of(choice),
                "usage",
                usage,
                "service_tier",
                "default")));
    }
}
