package io.logicdistillation.languagemodel;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an L-LLM is asked.
 *
 * @param system who it is and what it has to do; trusted text only
 * @param messages what follows, the first one the user's, then by turns
 * @param schemaName names the schema to the API: letters, digits, {@code _} and {@code -}
 * @param schema JSON Schema of the answer, as the API's strict mode takes it: every member required, none beyond those named
 * @param answerTokens at most
 * @param temperature absent where the API is to take its own
 * @param idempotencyKey of the request, sent as {@code Idempotency-Key}, for APIs that know it
 */
public record Question(
        String model,
        String system,
        List<String> messages,
        String schemaName,
        Map<String, Object> schema,
        int answerTokens,
        @Nullable Double temperature,
        @Nullable String idempotencyKey) {
    /** Letters to a token of English and code are about four; of other scripts fewer. */
    private static final int LETTERS_PER_TOKEN = 3;

    public Question {
        messages = List.copyOf(messages);
    }

    /** About how many tokens it will be charged for; rather too many than too few. */
    public long tokens() {
        long letters = system.length() + schema.toString().length();
        for (String message : messages) {
            letters += message.length();
        }
        return letters / LETTERS_PER_TOKEN + 16L * (messages.size() + 2);
    }
}
