package io.logicdistillation.inference.escalations;

import io.logicdistillation.languagemodel.ApiSettings;
import io.logicdistillation.languagemodel.CallBounds;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param url of an OpenAI-compatible API, with its {@code /v1}; without it nothing is escalated
 * @param model where a task names none
 * @param apiKey of the API, or
 * @param apiKeyFile a file that holds it
 * @param allowPrivateAddresses whether the API may lie in a loopback, link-local or private network
 * @param timeout of one attempt
 * @param attempts at most, within the decision's deadline
 * @param concurrent questions at once
 * @param pause for which an API that failed too often is left alone
 * @param answerTokens at most
 * @param mostFunctions shown at once, the candidates first
 */
@ConfigurationProperties("inference.escalation")
public record EscalationProperties(
        @Nullable URI url,
        @Nullable String model,
        @Nullable String apiKey,
        @Nullable Path apiKeyFile,
        @DefaultValue("false") boolean allowPrivateAddresses,
        @DefaultValue("15s") Duration timeout,
        @DefaultValue("2") int attempts,
        @DefaultValue("8") int concurrent,
        @DefaultValue("10s") Duration pause,
        @DefaultValue("1000") int answerTokens,
        @DefaultValue("64") int mostFunctions,
        @DefaultValue Prices prices) {
    /**
     * @param input of a million tokens read
     * @param output of a million tokens written
     * @param tokensPerDay of a task whose policy names no number
     */
    public record Prices(
            @DefaultValue("0") double input,
            @DefaultValue("0") double output,
            @DefaultValue("1000000") long tokensPerDay) {
        /** In millionths of the currency: so many tokens at a price for a million of them. */
        long micros(long inputTokens, long outputTokens) {
            return new io.logicdistillation.languagemodel.Prices(input, output).micros(inputTokens, outputTokens);
        }
    }

    ApiSettings api() {
        return new ApiSettings("inference.escalation", url, apiKey, apiKeyFile, allowPrivateAddresses);
    }

    CallBounds.Settings bounds() {
        // The decision's deadline is the only limit of a wait that the API asks for.
        return new CallBounds.Settings(
                concurrent, attempts, pause, Integer.MAX_VALUE, Duration.ZERO, Duration.ofDays(1), true);
    }

    /** Never a key. */
    @Override
    public String toString() {
        return "EscalationProperties[url=" + url + ", model=" + model + "]";
    }
}
