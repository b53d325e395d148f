package io.logicdistillation.inference.remote;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.core.RequestOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionChoice;
import com.openai.models.completions.CompletionCreateParams;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentManifest;
import io.logicdistillation.languagemodel.Failure;
import io.logicdistillation.languagemodel.ModelConnection;
import io.logicdistillation.languagemodel.ModelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The student's own weights behind an OpenAI-compatible completion server. Each entry is a prompt of its own that ends in "Fits now:",
 * and what counts is how much likelier "yes" is than "no" as its next token. All prompts of a stage begin alike, which the server's prompt
 * cache makes use of. The model sees what it sees by reading in this process, at the same positions.
 */
final class Completions implements Judge {
    /** Plain text in this process; servers read these in a text as what they are, and the model would see something else there. */
    private static final Pattern CONTROL_TOKEN =
            Pattern.compile("<\\|\\w+\\|>|<(repo_?name|file_sep|filename|gh_stars|issue_(start|comment|closed)"
                    + "|jupyter_(start|text|code|output|script)|empty_output)>");

    private final ModelConnection connection;
    private final RemoteProperties.Engine settings;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Completions(ModelConnection connection, RemoteProperties.Engine settings) {
        this.connection = connection;
        this.settings = settings;
    }

    @Override
    public Judgement judge(ScoringRequest request, List<Entry> canonical, StudentManifest student, Duration timeout) {
        List<String> prompts = canonical.stream().map(request::reading).toList();
        if (prompts.stream().anyMatch(prompt -> CONTROL_TOKEN.matcher(prompt).find())) {
            throw new ModelException(Failure.REJECTED, "a text holds a control token of the model", null);
        }
        List<Margin> margins = settings.together() ? inOne(prompts, timeout) : oneByOne(prompts, timeout);
        StudentManifest.StageCalibration calibration = student.calibration(request);
        double[] raw = new double[margins.size() + 1];
        int read = 0;
        int cached = 0;
        for (int i = 0; i < margins.size(); i++) {
            raw[i] = margins.get(i).yesOverNo();
            read += margins.get(i).newTokens();
            cached += margins.get(i).cachedTokens();
        }
        raw[margins.size()] = calibration.noneBias();
        return new Judgement(calibration.shares(raw), read, cached);
    }

    /** @param yesOverNo log odds, always finite */
    private record Margin(double yesOverNo, int newTokens, int cachedTokens) {}

    private List<Margin> oneByOne(List<String> prompts, Duration timeout) {
        List<Callable<Margin>> calls = prompts.stream()
                .map(prompt -> (Callable<Margin>) () ->
                        asked(builder -> builder.prompt(prompt), 1, timeout).getFirst())
                .toList();
        try {
            List<Margin> margins = new ArrayList<>();
            for (Future<Margin> call : threads.invokeAll(calls)) {
                margins.add(call.get());
            }
            return margins;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ModelException(Failure.TIMED_OUT, "stopped", stopped);
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof ModelException told
                    ? told
                    : new ModelException(Failure.UNREACHABLE, "the call failed", failure);
        }
    }

    private List<Margin> inOne(List<String> prompts, Duration timeout) {
        return asked(builder -> builder.promptOfArrayOfStrings(prompts), prompts.size(), timeout);
    }

    /** Puts one prompt, or several, into a request. */
    @FunctionalInterface
    private interface Prompted {
        CompletionCreateParams.Builder into(CompletionCreateParams.Builder request);
    }

    private List<Margin> asked(Prompted prompted, int expected, Duration timeout) {
        CompletionCreateParams request = prompted.into(CompletionCreateParams.builder())
                .model(settings.model())
                .maxTokens(1)
                .temperature(0)
                .logprobs(settings.topLogprobs())
                .build();
        RequestOptions options = RequestOptions.builder().timeout(timeout).build();
        return connection.openAi(client -> margins(client, request, options, expected));
    }

    /** Within the client's care: it reads members of an answer only when they are asked for, and may find them broken then. */
    private List<Margin> margins(
            OpenAIClient client, CompletionCreateParams request, RequestOptions options, int expected) {
        Completion completion = client.completions().create(request, options);
        Judgement.checkModel(settings.answers(), completion.model());
        List<CompletionChoice> choices = completion.choices().stream()
                .sorted(Comparator.comparingLong(CompletionChoice::index))
                .toList();
        if (choices.size() != expected) {
            throw new ModelException(Failure.GARBLED, choices.size() + " answers to " + expected + " prompts", null);
        }
        int read = completion
                .usage()
                .map(usage -> Judgement.count(usage.promptTokens()))
                .orElse(0);
        int cached = completion
                .usage()
                .flatMap(usage -> usage.promptTokensDetails())
                .flatMap(details -> details.cachedTokens())
                .map(Judgement::count)
                .orElse(0);
        List<Margin> margins = new ArrayList<>();
        for (int i = 0; i < expected; i++) {
            // Tokens are counted for the whole request; the first prompt stands for all.
            boolean counts = i == 0;
            margins.add(new Margin(
                    margin(choices.get(i)), counts ? read - Math.min(cached, read) : 0, counts ? cached : 0));
        }
        return margins;
    }

    /** A token that is not among the likeliest is at most as likely as the last of them, and counts as that. */
    private static double margin(CompletionChoice choice) {
        Map<String, Double> top = choice.logprobs().map(Completions::likeliest).orElse(Map.of());
        Double yes = top.get(ScoringRequest.YES);
        Double no = top.get(ScoringRequest.NO);
        if (yes == null && no == null) {
            throw new ModelException(
                    Failure.GARBLED, "neither 'yes' nor 'no' is among the " + top.size() + " likeliest tokens", null);
        }
        double least =
                top.values().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        return (yes == null ? least : yes) - (no == null ? least : no);
    }

    /** Log probabilities of the first token's alternatives, in the shape of completions or, as llama-server has it, in that of chats. */
    private static Map<String, Double> likeliest(CompletionChoice.Logprobs logprobs) {
        Map<String, Double> found = new HashMap<>();
        logprobs.topLogprobs().stream()
                .flatMap(List::stream)
                .limit(1)
                .forEach(first ->
                        first._allProperties().forEach((token, value) -> found.put(token, finite(plain(value)))));
        if (plain(logprobs._allProperties().get("content")) instanceof List<?> tokens
                && !tokens.isEmpty()
                && tokens.getFirst() instanceof Map<?, ?> first
                && first.get("top_logprobs") instanceof List<?> alternatives) {
            for (Object each : alternatives) {
                if (each instanceof Map<?, ?> told && told.get("token") instanceof String token) {
                    found.put(token, finite(told.get("logprob")));
                }
            }
        }
        return found;
    }

    /** As lists, maps, strings and numbers. */
    private static @Nullable Object plain(@Nullable JsonValue value) {
        return value == null ? null : value.convert(Object.class);
    }

    private static double finite(@Nullable Object value) {
        if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
            return number.doubleValue();
        }
        throw new ModelException(Failure.GARBLED, "a log probability is no number", null);
    }

    @Override
    public boolean isTheStudent() {
        return true;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        connection.close();
    }
}
