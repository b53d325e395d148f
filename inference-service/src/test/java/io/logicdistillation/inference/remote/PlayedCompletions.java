package io.logicdistillation.inference.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What llama_cpp.server and vLLM answer to a request for completions. */
public final class PlayedCompletions {
    private static final Pattern LAST_ENTRY = Pattern.compile("- (\\w+): [^\\n]*\\nFits now:$");

    private PlayedCompletions() {}

    /** @param odds of "yes" against "no", as logarithms, by the entry that a prompt ends in; -3 for others */
    public static String answer(JsonNode request, String model, Map<String, Double> odds) {
        List<String> prompts = new ArrayList<>();
        JsonNode prompt = request.path("prompt");
        if (prompt.isArray()) {
            prompt.forEach(each -> prompts.add(each.asString()));
        } else {
            prompts.add(prompt.asString());
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("id", "cmpl-1")
                .put("object", "text_completion")
                .put("created", 1_795_000_000)
                .put("model", model);
        ArrayNode choices = answer.putArray("choices");
        // The last one first: servers may answer in any order, and say so.
        for (int i = prompts.size() - 1; i >= 0; i--) {
            double margin = odds.getOrDefault(entry(prompts.get(i)), -3.0);
            ObjectNode choice = choices.addObject().put("text", " yes").put("index", i);
            ObjectNode logprobs = choice.putObject("logprobs");
            logprobs.putArray("text_offset").add(0);
            logprobs.putArray("token_logprobs").add(-0.5);
            logprobs.putArray("tokens").add(" yes");
            logprobs.putArray("top_logprobs")
                    .addObject()
                    .put(" yes", -2.0 + margin)
                    .put(" no", -2.0)
                    .put(" perhaps", -12.0)
                    .put("\\n", -13.0);
            choice.put("finish_reason", "length");
        }
        answer.putObject("usage")
                .put("prompt_tokens", 80)
                .put("completion_tokens", 1)
                .put("total_tokens", 81)
                .putObject("prompt_tokens_details")
                .put("cached_tokens", 64);
        return answer.toString();
    }

    private static String entry(String prompt) {
        Matcher last = LAST_ENTRY.matcher(prompt);
        if (!last.find()) {
            throw new IllegalArgumentException("this prompt ends in no entry: " + prompt);
        }
        return last.group(1);
    }
}
