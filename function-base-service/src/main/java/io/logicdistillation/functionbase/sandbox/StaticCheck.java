package io.logicdistillation.functionbase.sandbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.kit.WireJson;
import io.logicdistillation.runtime.FunctionCall;
import io.logicdistillation.runtime.FunctionResult;
import io.logicdistillation.runtime.FunctionRuntime;
import io.logicdistillation.runtime.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads a source without running it and finds what has no place in a function: imports, clock, randomness, input and output,
 * reflection. The parser is acorn, or Python's own, and it runs in the sandbox too: what parses hostile text is bounded like the text.
 * Thread-safe.
 */
@Component
public final class StaticCheck {
    /** Nobody's tenant: the check's own sandboxes. */
    private static final String TENANT = "static-check";

    private static final Logger log = LoggerFactory.getLogger(StaticCheck.class);

    private static final List<Limits> TRIES = List.of(limits(Duration.ofSeconds(5)), limits(Duration.ofSeconds(20)));

    private static final int MOST_REMEMBERED = 10_000;

    private final FunctionRuntime runtime;
    /** Whether sources that were read declare {@code applies}, by hash: it is asked again for every state that a function is run on. */
    private final Cache<String, Boolean> declaring =
            Caffeine.newBuilder().maximumSize(MOST_REMEMBERED).build();

    private final JsonMapper json = WireJson.lenient();
    private final Map<String, String> checkers = Map.of(
            "javascript",
            resource("/META-INF/resources/webjars/acorn/8.15.0/dist/acorn.js")
                    + "\n"
                    + resource("/io/logicdistillation/functionbase/sandbox/static-check.js"),
            "python",
            resource("/io/logicdistillation/functionbase/sandbox/static-check.py"));

    StaticCheck(FunctionRuntime runtime) {
        this.runtime = runtime;
    }

    /**
     * @param rule stable word: {@code syntax}, {@code import}, {@code clock}, {@code randomness}, {@code io}, {@code reflection},
     *     {@code timer}, {@code threads}, {@code asynchronous}, {@code unknown-name}, {@code top-level}, {@code language}
     * @param line counted from 1
     */
    public record Finding(String rule, String message, int line, int column) {}

    /** @param names of the source's top-level functions and variables */
    public record Findings(List<Finding> findings, List<String> names) {
        /** Whether the source says itself for which states it is. */
        public boolean declaresApplies() {
            return names.contains("applies");
        }
    }

    /** Whether a function's source says itself for which states it is. Reads every source once. */
    public boolean declaresApplies(FunctionDefinition function) {
        String key = CanonicalJson.hash(List.of(function.language(), function.source()));
        Boolean known = declaring.getIfPresent(key);
        if (known != null) {
            return known;
        }
        Findings findings = of(function.language(), function.source());
        // Without any name it was not read, for which the machine may be to blame.
        if (!findings.names().isEmpty()) {
            declaring.put(key, findings.declaresApplies());
        }
        return findings.declaresApplies();
    }

    /** What is wrong with a source; a language that nothing here can read is wrong altogether. */
    public Findings of(String language, String source) {
        String checker = checkers.get(language);
        if (checker == null) {
            return refused("language", "There is no check for sources in '" + language + "'");
        }
        return switch (read(language, checker, source, TRIES)) {
            case FunctionResult.Returned returned -> json.readValue(returned.json(), Findings.class);
            case FunctionResult.Failed failed -> {
                log.info(
                        "A source of {} characters was not read: {}, {}",
                        source.length(),
                        failed.kind(),
                        failed.message());
                yield switch (failed.kind()) {
                    case TIMEOUT -> tooSlow(language, checker);
                    case THREW, OUT_OF_MEMORY -> tooMuch();
                    case OVERLOADED, CRASHED -> throw Sandbox.overloaded();
                    case UNAVAILABLE -> refused("language", failed.message());
                    case INVALID_SOURCE, INVALID_OUTPUT, OUTPUT_TOO_LARGE ->
                        throw new IllegalStateException("The check itself failed: " + failed.message());
                };
            }
        };
    }

    private FunctionResult read(String language, String checker, String source, List<Limits> tries) {
        FunctionCall call = FunctionCall.run(TENANT, language, checker, json.writeValueAsString(List.of(source)));
        FunctionResult result = runtime.call(call.withLimits(tries.getFirst()));
        return isLate(result) && tries.size() > 1
                ? read(language, checker, source, tries.subList(1, tries.size()))
                : result;
    }

    /** A machine that has just started, or is busy, is slow with any source; that must not be held against this one. */
    private Findings tooSlow(String language, String checker) {
        if (isLate(read(language, checker, "", TRIES.subList(0, 1)))) {
            throw Sandbox.overloaded();
        }
        return tooMuch();
    }

    private static boolean isLate(FunctionResult result) {
        return result instanceof FunctionResult.Failed failed && failed.kind() == FunctionResult.Failure.TIMEOUT;
    }

    private static Findings tooMuch() {
        return refused("syntax", "The source is nested too deeply or too large to be read");
    }

    private static Findings refused(String rule, String message) {
        return new Findings(List.of(new Finding(rule, message, 1, 1)), List.of());
    }

    private static Limits limits(Duration wallClock) {
        return Limits.standard().withWallClock(wallClock).withHeapBytes(64L << 20);
    }

    private static String resource(String path) {
        try (InputStream stream = Objects.requireNonNull(StaticCheck.class.getResourceAsStream(path), path)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
