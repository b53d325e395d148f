package io.logicdistillation.languagemodel;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What README.md shows, line by line; that it is the same is held by the tests of the pages. */
class ReadmeTest {
    private final WireMockServer api =
            new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

    @AfterEach
    void stop() {
        api.stop();
    }

    @Test
    void oneQuestion() {
        api.start();
        api.stubFor(post("/v1/chat/completions").willReturn(okJson("""
                {"id": "chatcmpl-1", "object": "chat.completion", "created": 1741569952, "model": "large",
                 "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
                              "message": {"role": "assistant", "content": "{\\"fits\\": true}", "refusal": null}}],
                 "usage": {"prompt_tokens": 12, "completion_tokens": 4, "total_tokens": 16}}
                """)));

        assertThat(asked(URI.create("http://127.0.0.1:" + api.port() + "/v1"), "sk-test", null, true))
                .isEqualTo("{\"fits\": true}");
    }

    private static String asked(URI url, String key, @Nullable Path file, boolean allowed) {
        CallBounds.Settings settings = new CallBounds.Settings(
                1, 2, Duration.ofSeconds(10), 60, Duration.ofSeconds(1), Duration.ofSeconds(5), false);
        Duration longest = Duration.ofSeconds(30);
        Duration timeout = Duration.ofSeconds(15);
        Map<String, Object> schema = Map.of(
                "type",
                "object",
                "properties",
                Map.of("fits", Map.of("type", "boolean")),
                "required",
                List.of("fits"),
                "additionalProperties",
                false);
        Question question = new Question("large", "Judge.", List.of("Is it so?"), "verdict", schema, 50, 0.0, null);

        Endpoint endpoint = new ApiSettings("generation", url, key, file, allowed).endpoint();
        LanguageModel model = new LanguageModel(endpoint, 8 << 20);
        CallBounds bounds = new CallBounds("generation", settings);
        try (model;
                bounds) {
            Reply reply = bounds.within(longest, () -> model.ask(question, timeout));
            return switch (reply.finish()) {
                case COMPLETE -> reply.text();
                case TRUNCATED, REFUSED -> "";
            };
        }
    }
}
