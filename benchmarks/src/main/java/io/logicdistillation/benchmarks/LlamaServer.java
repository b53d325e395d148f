package io.logicdistillation.benchmarks;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.ScoringRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The reference of what a choice costs elsewhere: the same base model in llama.cpp behind an OpenAI-compatible server, which
 * has the same words in front of it and may answer with one token, a candidate's handle. Its prompt cache is on.
 */
final class LlamaServer {
    /** Large enough that no other token is ever likelier (OpenAI's API bounds it to 100). */
    private static final int ONLY_THESE = 100;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final JsonMapper json = JsonMapper.shared();
    private final URI address;
    private final Map<String, Integer> tokens = new ConcurrentHashMap<>();

    LlamaServer(URI address) {
        this.address = address;
    }

    /** A call with everything prepared that does not depend on the server. */
    Call prepare(ScoringRequest request) {
        StringBuilder prompt = new StringBuilder(request.prefix());
        Map<String, Integer> allowed = new LinkedHashMap<>();
        List<String> answers = new ArrayList<>();
        for (Entry entry : request.entries()) {
            prompt.append("- ")
                    .append(entry.handle())
                    .append(": ")
                    .append(entry.manual())
                    .append('\n');
            answers.add(" " + entry.handle());
        }
        answers.add(" none");
        answers.forEach(answer -> allowed.put(token(answer).toString(), ONLY_THESE));
        prompt.append(request.view()).append("\nAnswer:");
        String body = json.writeValueAsString(
                Map.of("prompt", prompt.toString(), "max_tokens", 1, "temperature", 0, "logit_bias", allowed));
        return new Call(body, answers);
    }

    final class Call {
        private final String body;
        private final List<String> answers;

        private Call(String body, List<String> answers) {
            this.body = body;
            this.answers = answers;
        }

        /** @throws IllegalStateException if the server answers with anything but a candidate: then nothing was measured */
        long nanos() {
            long begun = System.nanoTime();
            JsonNode answer = post("/v1/completions", body);
            long nanos = System.nanoTime() - begun;
            String chosen = answer.at("/choices/0/text").asString("");
            if (!answers.contains(chosen)) {
                throw new IllegalStateException("llama-server chose '" + chosen + "', which is none of " + answers);
            }
            return nanos;
        }
    }

    private Integer token(String text) {
        return tokens.computeIfAbsent(text, unknown -> {
            JsonNode found = post("/extras/tokenize", json.writeValueAsString(Map.of("input", text)))
                    .path("tokens");
            // The server puts the model's mark of a beginning in front.
            return found.get(found.size() - 1).asInt();
        });
    }

    private JsonNode post(String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("llama-server answered " + answer.statusCode() + ": " + answer.body());
            }
            return json.readTree(answer.body());
        } catch (IOException e) {
            throw new IllegalStateException("llama-server does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
