package io.logicdistillation.languagemodel;

import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.time.Duration;
import java.util.Optional;

/** One question to an OpenAI-compatible chat API, one answer; no attempt is made twice here. Thread-safe. */
public final class LanguageModel implements AutoCloseable {
    private final ModelConnection connection;

    /** @param longestAnswer of which the API's answer may be, in bytes */
    public LanguageModel(Endpoint endpoint, long longestAnswer) {
        this.connection = new ModelConnection(endpoint, longestAnswer);
    }

    /**
     * Asks once.
     *
     * @param timeout of the whole call, to the last byte of the answer
     * @throws ModelException if there is no answer at all
     */
    public Reply ask(Question question, Duration timeout) {
        RequestOptions options = RequestOptions.builder().timeout(timeout).build();
        return connection.openAi(client -> read(client.chat().completions().create(request(question), options)));
    }

    private static ChatCompletionCreateParams request(Question question) {
        ChatCompletionCreateParams.Builder request = ChatCompletionCreateParams.builder()
                .model(question.model())
                .maxCompletionTokens(question.answerTokens())
                .addSystemMessage(question.system())
                .responseFormat(format(question));
        for (int turn = 0; turn < question.messages().size(); turn++) {
            String message = question.messages().get(turn);
            if (turn % 2 == 0) {
                request.addUserMessage(message);
            } else {
                request.addAssistantMessage(message);
            }
        }
        Optional.ofNullable(question.temperature()).ifPresent(request::temperature);
        Optional.ofNullable(question.idempotencyKey())
                .ifPresent(key -> request.putAdditionalHeader("Idempotency-Key", key));
        return request.build();
    }

    private static ResponseFormatJsonSchema format(Question question) {
        ResponseFormatJsonSchema.JsonSchema.Schema.Builder schema =
                ResponseFormatJsonSchema.JsonSchema.Schema.builder();
        question.schema().forEach((keyword, value) -> schema.putAdditionalProperty(keyword, JsonValue.from(value)));
        return ResponseFormatJsonSchema.builder()
                .jsonSchema(ResponseFormatJsonSchema.JsonSchema.builder()
                        .name(question.schemaName())
                        .strict(true)
                        .schema(schema.build())
                        .build())
                .build();
    }

    private static Reply read(ChatCompletion completion) {
        ChatCompletion.Choice choice = completion.choices().stream()
                .findFirst()
                .orElseThrow(() -> new ModelException(Failure.GARBLED, "the answer has no choice", null));
        Reply.Usage usage = completion
                .usage()
                .map(counted ->
                        new Reply.Usage(Math.max(0, counted.promptTokens()), Math.max(0, counted.completionTokens())))
                .orElse(null);
        Optional<String> refusal = choice.message().refusal().filter(text -> !text.isBlank());
        Reply.Finish finish = switch (choice.finishReason().asString()) {
            case "length" -> Reply.Finish.TRUNCATED;
            case "content_filter" -> Reply.Finish.REFUSED;
            default -> refusal.isPresent() ? Reply.Finish.REFUSED : Reply.Finish.COMPLETE;
        };
        String text = finish == Reply.Finish.REFUSED
                ? refusal.orElse("")
                : choice.message().content().orElse("");
        return new Reply(finish, text, usage);
    }

    @Override
    public void close() {
        connection.close();
    }
}
