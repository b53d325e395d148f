package io.logicdistillation.functionbase.function;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.json.Schema;
import io.logicdistillation.functionbase.json.Schema.Violation;
import io.logicdistillation.functionbase.sandbox.Outcome;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Runs a function's tests in the sandbox, each twice: what it returns has to be the expected output, match the schemas, and be
 * the same both times. Thread-safe.
 */
@Component
public final class Verification {
    private static final int LONGEST_QUOTE = 200;
    private static final int MOST_SHOWN = 20;

    private final Sandbox sandbox;

    Verification(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    /**
     * What a passed verification is remembered by.
     *
     * @param slowestMicros longest of all runs, boundaries of the sandbox included
     */
    public record Report(int tests, int runs, long slowestMicros) {}

    /** Why a function was refused; serialised as it stands into the problem's {@code failures}. */
    public record Refusal(String function, @Nullable Integer test, String cause, String message) {}

    /**
     * Verifies all or throws.
     *
     * @return the report of every function, in their order
     * @throws PlatformException {@link ProblemType#INVALID_FUNCTION} naming every refused function with its first failure
     */
    public List<Report> require(String tenant, TaskDefinition task, List<FunctionDefinition> functions) {
        Map<String, List<Schema>> schemas = new LinkedHashMap<>();
        List<Refusal> refusals = new ArrayList<>();
        List<Report> reports = new ArrayList<>();
        for (FunctionDefinition function : functions) {
            List<Schema> expected =
                    schemas.computeIfAbsent(function.stage(), stage -> outputSchemas(task, task.stage(stage)));
            Run run = new Run(tenant, function, expected);
            run.refusal().ifPresentOrElse(refusals::add, () -> reports.add(run.report()));
        }
        if (!refusals.isEmpty()) {
            throw refused(refusals);
        }
        return reports;
    }

    private static PlatformException refused(List<Refusal> refusals) {
        Refusal first = refusals.getFirst();
        Map<String, Object> extensions = new LinkedHashMap<>();
        extensions.put("function", first.function());
        if (first.test() != null) {
            extensions.put("test", first.test());
        }
        extensions.put("cause", first.cause());
        extensions.put("failures", refusals.stream().limit(MOST_SHOWN).toList());
        String place = first.test() == null ? "" : ", test " + first.test();
        return new PlatformException(
                ProblemType.INVALID_FUNCTION,
                "Function '" + first.function() + "'" + place + ": " + first.message(),
                extensions);
    }

    /** The last stage's output is the decision's, so the task's own schema holds for it too. */
    private static List<Schema> outputSchemas(TaskDefinition task, StageDefinition stage) {
        List<Schema> schemas = new ArrayList<>();
        if (stage.outputSchema() != null) {
            schemas.add(Schema.of(stage.outputSchema()));
        }
        if (stage.equals(task.stages().getLast())) {
            schemas.add(Schema.of(task.outputSchema()));
        }
        return schemas;
    }

    /** The verification of one function. */
    private final class Run {
        private final String tenant;
        private final FunctionDefinition function;
        private final List<Schema> schemas;
        private Duration slowest = Duration.ZERO;

        Run(String tenant, FunctionDefinition function, List<Schema> schemas) {
            this.tenant = tenant;
            this.function = function;
            this.schemas = schemas;
        }

        Report report() {
            int tests = function.tests().size();
            return new Report(tests, 2 * tests, slowest.toNanos() / 1_000);
        }

        Optional<Refusal> refusal() {
            if (function.tests().isEmpty()) {
                return Optional.of(new Refusal(function.name(), null, "no-tests", "at least one test is needed"));
            }
            for (int index = 0; index < function.tests().size(); index++) {
                Optional<Refusal> refusal = refusal(index, function.tests().get(index));
                if (refusal.isPresent()) {
                    return refusal;
                }
            }
            return Optional.empty();
        }

        private Optional<Refusal> refusal(int index, FunctionTest test) {
            String expected = CanonicalJson.of(test.output());
            for (int run = 0; run < 2; run++) {
                switch (sandbox.run(tenant, function, test.state(), test.earlier())) {
                    case Outcome.Failed failed -> {
                        return refuse(index, failed.cause(), failed.message());
                    }
                    case Outcome.Gave gave -> {
                        String given = CanonicalJson.of(gave.value());
                        if (!given.equals(expected)) {
                            return run == 0
                                    ? refuse(
                                            index,
                                            "wrong-output",
                                            "expected " + quote(expected) + " but it returned " + quote(given))
                                    : refuse(index, "not-deterministic", "a second run returned " + quote(given));
                        }
                        slowest = gave.took().compareTo(slowest) > 0 ? gave.took() : slowest;
                    }
                }
            }
            return schemas.stream()
                    .flatMap(schema -> schema.violations(test.output()).stream())
                    .findFirst()
                    .flatMap(violation -> refuse(index, "schema", message(violation)));
        }

        private Optional<Refusal> refuse(int test, String cause, String message) {
            return Optional.of(new Refusal(function.name(), test, cause, message));
        }
    }

    private static String message(Violation violation) {
        return "the output does not match the schema at '" + violation.pointer() + "': " + violation.message();
    }

    private static String quote(String json) {
        return json.length() <= LONGEST_QUOTE ? json : json.substring(0, LONGEST_QUOTE) + "…";
    }
}
