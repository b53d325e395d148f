package io.logicdistillation.languagemodel;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.core.http.Headers;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** One question to an OpenAI-compatible chat API, one answer; no attempt is made twice here. Thread-safe. */
public final class LanguageModel implements AutoCloseable {
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(10);

    private final OpenAIClient client;

    /** @param longestAnswer of which the API's answer may be, in bytes */
    public LanguageModel(Endpoint endpoint, long longestAnswer) {
        OkHttpClient http = new OkHttpClient.Builder()
                .dns(endpoint.allowPrivateAddresses() ? Dns.SYSTEM : new PublicAddresses())
                .followRedirects(false)
                .followSslRedirects(false)
                .retryOnConnectionFailure(false)
                .addInterceptor(new AnswerLimit(longestAnswer))
                .build();
        this.client = OpenAIOkHttpClient.builder()
                .okHttpClient(http)
                .baseUrl(endpoint.url().toString())
                .apiKey(endpoint.key().isEmpty() ? "none" : endpoint.key())
                .maxRetries(0)
                .disableTelemetry(true)
                .build();
    }

    /**
     * Asks once.
     *
     * @param timeout of the whole call, to the last byte of the answer
     * @throws ModelException if there is no answer at all
     */
    public Reply ask(Question question, Duration timeout) {
        RequestOptions options = RequestOptions.builder().timeout(timeout).build();
        try {
            return read(client.chat().completions().create(request(question), options));
        } catch (OpenAIServiceException status) {
            boolean passing = status.statusCode() == 429 || status.statusCode() >= 500;
            throw new ModelException(
                    passing ? Failure.OVERLOADED : Failure.REJECTED,
                    "status " + status.statusCode(),
                    status,
                    retryAfter(status.headers()));
        } catch (OpenAIIoException broken) {
            throw new ModelException(
                    isTimeout(broken) ? Failure.TIMED_OUT : Failure.UNREACHABLE, "no connection", broken);
        } catch (OpenAIException invalid) {
            throw new ModelException(Failure.GARBLED, "the answer is no chat completion", invalid);
        }
    }

    /** Seconds; a date is left alone, because clocks differ. */
    private static @Nullable Duration retryAfter(Headers headers) {
        return headers.values("Retry-After").stream()
                .findFirst()
                .filter(text -> text.matches("[0-9]{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)))
                .map(asked -> asked.compareTo(LONGEST_RETRY_AFTER) < 0 ? asked : LONGEST_RETRY_AFTER)
                .orElse(null);
    }

    private static boolean isTimeout(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedIOException) {
                return true;
            }
        }
        return false;
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
        client.close();
    }
}
