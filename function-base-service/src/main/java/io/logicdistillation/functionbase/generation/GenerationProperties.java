package io.logicdistillation.functionbase.generation;

import io.logicdistillation.languagemodel.ApiSettings;
import io.logicdistillation.languagemodel.CallBounds;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param url of an OpenAI-compatible API, with its {@code /v1}; without it nothing is generated
 * @param model where a generation names none
 * @param apiKey of the API, or
 * @param apiKeyFile a file that holds it
 * @param allowPrivateAddresses whether the API may lie in a loopback, link-local or private network
 * @param timeout of one attempt, to the last byte of the answer
 * @param attempts of one question at most, where the API said that it can not answer now; one that took too long is not made again at
 *     once, since it may have been charged
 * @param concurrent questions at once
 * @param perMinute questions at most
 * @param rest for which an API that failed too often is left alone
 * @param answerTokens of one answer at most
 * @param pause before a generation whose question stayed without an answer goes on; doubled each time
 * @param pauses after which it fails
 * @param lease of a replica on a generation; another one takes it over when it is not renewed for so long
 * @param running generations that one replica works on at once
 */
@ConfigurationProperties("generation")
public record GenerationProperties(
        @Nullable URI url,
        @Nullable String model,
        @Nullable String apiKey,
        @Nullable Path apiKeyFile,
        @DefaultValue("false") boolean allowPrivateAddresses,
        @DefaultValue("3m") Duration timeout,
        @DefaultValue("4") int attempts,
        @DefaultValue("4") int concurrent,
        @DefaultValue("60") int perMinute,
        @DefaultValue("10s") Duration rest,
        @DefaultValue("16000") int answerTokens,
        @DefaultValue("5s") Duration pause,
        @DefaultValue("5") int pauses,
        @DefaultValue("30s") Duration lease,
        @DefaultValue("4") int running,
        @DefaultValue Prices prices,
        @DefaultValue Daily daily) {
    /**
     * @param input of a million tokens read
     * @param output of a million tokens written
     */
    public record Prices(
            @DefaultValue("0") double input,
            @DefaultValue("0") double output) {
        long micros(long inputTokens, long outputTokens) {
            return new io.logicdistillation.languagemodel.Prices(input, output).micros(inputTokens, outputTokens);
        }
    }

    /**
     * @param tokens that a task may use on a day (UTC)
     * @param money that a task may spend on a day; without it only the tokens count
     */
    public record Daily(
            @DefaultValue("5000000") long tokens, @Nullable Double money) {
        Amount limit() {
            return Amount.of(tokens, money);
        }
    }

    ApiSettings api() {
        return new ApiSettings("generation", url, apiKey, apiKeyFile, allowPrivateAddresses);
    }

    CallBounds.Settings bounds() {
        return new CallBounds.Settings(
                concurrent, attempts, rest, perMinute, Duration.ofMinutes(1), Duration.ofDays(1), false);
    }

    /** Never a key. */
    @Override
    public String toString() {
        return "GenerationProperties[url=" + url + ", model=" + model + "]";
    }
}
