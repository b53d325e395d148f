package io.logicdistillation.inference.remote;

import io.logicdistillation.languagemodel.ApiSettings;
import io.logicdistillation.languagemodel.CallBounds;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** @param engines by the name under which answers and metrics speak of them */
@ConfigurationProperties("inference.remote")
public record RemoteProperties(@DefaultValue Map<String, Engine> engines) {
    public RemoteProperties {
        engines = Map.copyOf(engines);
    }

    /** What a server speaks. */
    public enum Speaks {
        /** {@code /completions} of OpenAI's older API, with log probabilities: vLLM, SGLang, llama-server, llama_cpp.server. */
        COMPLETIONS,
        /** {@code /systemone}. */
        SYSTEM_ONE,
        /** {@code /decisions} of OpenAI. */
        DECISIONS
    }

    /** Who answers where a remote engine does not. */
    public enum Otherwise {
        /** The same student in this process, which is kept loaded for it. */
        IN_PROCESS,
        /** Nobody: the decision fails as unavailable. */
        REFUSE
    }

    /**
     * @param speaks `completions` (a server with the student's own weights), `system-one` or `decisions` (a decision model)
     * @param url of the API, with its {@code /v1}
     * @param model by which the server knows the student's adapter, or the decision model
     * @param answersAs the model that answers name, where that is another than the one that was asked for
     * @param students served there, by name or id; a name means the students of every tenant that bear it
     * @param tasks whose students are served there, whatever their names
     * @param otherwise `in-process`, or `refuse`, where the engine gives no answer
     * @param apiKey of the API, or
     * @param apiKeyFile a file that holds it
     * @param allowPrivateAddresses whether the API may lie in a loopback, link-local or private network
     * @param timeout of one attempt, to the last byte of the answer
     * @param attempts at most
     * @param concurrent stages at once; more wait for their turn
     * @param pause for which an API that failed too often is left alone
     * @param topLogprobs how many of the likeliest tokens a completion server is asked for
     * @param together whether one request holds the prompts of all candidates; vLLM, SGLang and llama-server take that, llama_cpp.server
     *     does not
     */
    public record Engine(
            Speaks speaks,
            URI url,
            String model,
            @Nullable String answersAs,
            @DefaultValue Set<String> students,
            @DefaultValue Set<String> tasks,
            @DefaultValue("in-process") Otherwise otherwise,
            @Nullable String apiKey,
            @Nullable Path apiKeyFile,
            @DefaultValue("false") boolean allowPrivateAddresses,
            @DefaultValue("2s") Duration timeout,
            @DefaultValue("2") int attempts,
            @DefaultValue("16") int concurrent,
            @DefaultValue("10s") Duration pause,
            @DefaultValue("20") int topLogprobs,
            @DefaultValue("false") boolean together) {
        private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

        public Engine {
            students = Set.copyOf(students);
            tasks = Set.copyOf(tasks);
        }

        /** What is wrong with these settings, or null. Bound values may lack anything. */
        @Nullable
        String complaint() {
            if (speaks == null || !api("").isConfigured() || model == null || model.isBlank()) {
                return "needs speaks, url and model";
            }
            if (students.isEmpty() && tasks.isEmpty()) {
                return "serves nobody: name students or tasks";
            }
            if (attempts < 1 || concurrent < 1 || !timeout.isPositive() || !pause.isPositive()) {
                return "needs a positive timeout, attempts, concurrent and pause";
            }
            return topLogprobs < 2 || topLogprobs > 1_000 ? "needs top-logprobs of 2 to 1000" : null;
        }

        /** The model that every answer must name. */
        String answers() {
            return answersAs == null || answersAs.isBlank() ? model : answersAs;
        }

        ApiSettings api(String property) {
            return new ApiSettings(property, url, apiKey, apiKeyFile, allowPrivateAddresses);
        }

        CallBounds.Settings bounds() {
            return new CallBounds.Settings(
                    concurrent, attempts, pause, Integer.MAX_VALUE, longest(), LONGEST_WAIT, true);
        }

        /** Of all attempts and pauses together. */
        Duration longest() {
            return timeout.multipliedBy(attempts).plus(LONGEST_WAIT.multipliedBy(attempts - 1L));
        }

        /** Never a key. */
        @Override
        public String toString() {
            return "Engine[speaks=" + speaks + ", url=" + url + ", model=" + model + "]";
        }
    }
}
