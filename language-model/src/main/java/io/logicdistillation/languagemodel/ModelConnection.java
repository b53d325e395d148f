package io.logicdistillation.languagemodel;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.Headers;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.OpenAIServiceException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import okhttp3.ConnectionPool;
import okhttp3.Dns;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * A model's API over HTTP: only where it may lie, answers up to a limit, no redirects, no attempt made twice here, and every
 * failure put into our own words. Thread-safe.
 */
public final class ModelConnection implements AutoCloseable {
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(10);
    /** A stage asked of a completion server takes one for each candidate. */
    private static final int IDLE_CONNECTIONS = 64;

    private static final MediaType JSON = MediaType.get("application/json");

    private final Endpoint endpoint;
    private final OkHttpClient http;
    private final OpenAIClient client;

    /** @param longestAnswer of which the API's answer may be, in bytes */
    public ModelConnection(Endpoint endpoint, long longestAnswer) {
        this.endpoint = endpoint;
        this.http = new OkHttpClient.Builder()
                .dns(endpoint.allowPrivateAddresses() ? Dns.SYSTEM : new PublicAddresses())
                .followRedirects(false)
                .followSslRedirects(false)
                .retryOnConnectionFailure(false)
                .connectionPool(new ConnectionPool(IDLE_CONNECTIONS, 1, TimeUnit.MINUTES))
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
     * An exchange by OpenAI's own client.
     *
     * @throws ModelException if there is no answer at all, or none of the shape that the client reads
     */
    public <T> T openAi(Function<OpenAIClient, T> exchange) {
        try {
            return exchange.apply(client);
        } catch (OpenAIServiceException status) {
            throw refused(
                    status.statusCode(), String.valueOf(status.body()), first(status.headers(), "Retry-After"), status);
        } catch (OpenAIIoException broken) {
            throw broken(broken);
        } catch (OpenAIException invalid) {
            throw new ModelException(Failure.GARBLED, "the answer has not the shape that the API promises", invalid);
        }
    }

    /**
     * An exchange of JSON, for formats without a client of their own.
     *
     * @param path below the endpoint's URL, with its slash
     * @param timeout of the whole call, to the last byte of the answer
     * @return the body of an answer with status 2xx
     * @throws ModelException if there is none
     */
    public String post(String path, String json, Duration timeout) {
        String base = endpoint.url().toString();
        Request.Builder request = new Request.Builder()
                .url((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path)
                .post(RequestBody.create(json, JSON));
        if (!endpoint.key().isEmpty()) {
            request.header("Authorization", "Bearer " + endpoint.key());
        }
        OkHttpClient timed = http.newBuilder()
                .callTimeout(timeout)
                .readTimeout(timeout)
                .connectTimeout(timeout)
                .build();
        try (Response answer = timed.newCall(request.build()).execute()) {
            ResponseBody body = answer.body();
            String text = body == null ? "" : body.string();
            if (!answer.isSuccessful()) {
                throw refused(answer.code(), text, answer.header("Retry-After"), null);
            }
            return text;
        } catch (IOException broken) {
            throw broken(broken);
        }
    }

    private static ModelException broken(Exception cause) {
        return new ModelException(isTimeout(cause) ? Failure.TIMED_OUT : Failure.UNREACHABLE, "no connection", cause);
    }

    private static ModelException refused(
            int status, String body, @Nullable String retryAfter, @Nullable Throwable cause) {
        return new ModelException(failure(status, body), "status " + status, cause, wait(retryAfter));
    }

    private static Failure failure(int status, String body) {
        if (status == 429 || status >= 500) {
            return Failure.OVERLOADED;
        }
        // Every server that we know says it in one of these two ways; there is no status for it.
        boolean longer = status == 413
                || status == 400
                        && (body.contains("context_length_exceeded") || body.contains("maximum context length"));
        return longer ? Failure.TOO_LONG : Failure.REJECTED;
    }

    private static @Nullable String first(Headers headers, String name) {
        return headers.values(name).stream().findFirst().orElse(null);
    }

    /** Seconds; a date is left alone, because clocks differ. */
    private static @Nullable Duration wait(@Nullable String retryAfter) {
        if (retryAfter == null || !retryAfter.matches("[0-9]{1,6}")) {
            return null;
        }
        Duration asked = Duration.ofSeconds(Long.parseLong(retryAfter));
        return asked.compareTo(LONGEST_RETRY_AFTER) < 0 ? asked : LONGEST_RETRY_AFTER;
    }

    private static boolean isTimeout(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof InterruptedIOException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        client.close();
    }
}
