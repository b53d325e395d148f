package io.logicdistillation.functionbase.function;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.functionbase.function.Report.Check;
import io.logicdistillation.functionbase.function.Report.Refusal;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.json.Schema;
import io.logicdistillation.functionbase.sandbox.Outcome;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import io.logicdistillation.functionbase.sandbox.StaticCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The verification of one function, from its text to its behaviour; ends at the first thing that is wrong. For one thread. */
final class Examination {
    private static final int LONGEST_QUOTE = 200;
    /** Situations that are run a second time, and tried in a sandbox of their own. */
    private static final int REPEATED = 50;

    private static final int FRESH = 10;
    /** How the sandbox stops what takes too much. */
    private static final Set<String> OUTGROWN = Set.of("timeout", "out-of-memory");

    private final String tenant;
    private final String elsewhere;
    private final FunctionDefinition function;
    private final Sandbox sandbox;
    private final List<Schema> schemas;
    private final Verification.Depth depth;
    private final Duration longest;

    private final List<Check> checks = new ArrayList<>();
    private boolean asksItself;
    private int states;
    private int silent;
    private int doubtful;
    private @Nullable String doubt;
    private final List<Report.Grown> growth = new ArrayList<>();
    private int runs;
    private int freshRuns;
    private Duration slowest = Duration.ZERO;

    Examination(
            String tenant,
            FunctionDefinition function,
            Sandbox sandbox,
            List<Schema> schemas,
            Verification.Depth depth,
            Duration longest) {
        this.tenant = tenant;
        this.elsewhere = Sandbox.elsewhere(tenant);
        this.function = function;
        this.sandbox = sandbox;
        this.schemas = schemas;
        this.depth = depth;
        this.longest = longest;
    }

    /** Made only when the tests have passed, since it costs runs of other functions. */
    record Material(Situations situations, String stage) {
        List<Situations.Situation> usual() {
            return situations.of(stage);
        }

        List<Situations.Situation> grown() {
            return situations.grown(stage);
        }
    }

    Report report(StaticCheck.Findings findings, Material material, long seed) {
        Optional<Refusal> refusal =
                text(findings).or(this::tests).or(() -> properties(material)).or(() -> determinism(material.usual()));
        return new Report(
                refusal.isEmpty(),
                function.tests().size(),
                states,
                seed,
                silent,
                doubtful,
                doubt,
                runs,
                freshRuns,
                growth,
                slowest.toNanos() / 1_000,
                checks,
                refusal.orElse(null));
    }

    private Optional<Refusal> text(StaticCheck.Findings findings) {
        asksItself = findings.declaresApplies();
        Optional<Refusal> refusal = findings.findings().stream()
                .findFirst()
                .map(first -> refuse(
                        null,
                        switch (first.rule()) {
                            case "syntax" -> "invalid-source";
                            default -> "forbidden-" + first.rule();
                        },
                        "line " + first.line() + ", column " + first.column() + ": " + first.message(),
                        null));
        return checked("static", findings.findings().size(), refusal);
    }

    private Optional<Refusal> tests() {
        if (function.tests().isEmpty()) {
            return checked("tests", 0, Optional.of(refuse(null, "no-tests", "at least one test is needed", null)));
        }
        Optional<Refusal> refusal = Optional.empty();
        for (int index = 0; index < function.tests().size() && refusal.isEmpty(); index++) {
            refusal = test(index, function.tests().get(index));
        }
        return checked("tests", function.tests().size(), refusal);
    }

    private Optional<Refusal> test(int index, FunctionTest test) {
        String expected = CanonicalJson.of(test.output());
        for (int run = 0; run < 3; run++) {
            Outcome outcome = run == 2 ? fresh(test.state(), test.earlier()) : once(test.state(), test.earlier());
            switch (outcome) {
                case Outcome.Failed failed -> {
                    return Optional.of(refuse(index, failed.cause(), failed.message(), null));
                }
                case Outcome.Gave gave -> {
                    String given = CanonicalJson.of(gave.value());
                    if (!given.equals(expected)) {
                        String message = run == 0
                                ? "expected " + quote(expected) + " but it returned " + quote(given)
                                : "another run returned " + quote(given);
                        return Optional.of(
                                refuse(index, run == 0 ? "wrong-output" : "not-deterministic", message, null));
                    }
                }
            }
        }
        Optional<String> violation = violation(test.output());
        if (violation.isPresent()) {
            return Optional.of(refuse(index, "schema", violation.get(), null));
        }
        boolean held = depth == Verification.Depth.GENERATED && asksItself;
        return held && !Boolean.TRUE.equals(applies(test.state(), test.earlier()))
                ? Optional.of(refuse(index, "does-not-apply", "applies is not true for the state of this test", null))
                : Optional.empty();
    }

    /** On every situation: an output that the schemas allow, or a word that the function is not for it. */
    private Optional<Refusal> properties(Material material) {
        // Made before the time is taken: the first function of a stage pays for all of them.
        List<Situations.Situation> usual = material.usual();
        long start = System.nanoTime();
        Optional<Refusal> refusal = Optional.empty();
        for (Situations.Situation situation : usual) {
            boolean late = System.nanoTime() - start > longest.toNanos();
            if (refusal.isPresent() || late) {
                break;
            }
            states++;
            refusal = property(situation);
        }
        boolean late = System.nanoTime() - start > longest.toNanos();
        return checked("properties", states, late ? refusal : refusal.or(() -> growth(material.grown())));
    }

    /**
     * On states that get larger and larger it stays within its limits: a function whose use of time or memory explodes with the
     * length of a list passes on short ones. What it gives there is not looked at, such a state need not be one that can be.
     */
    private Optional<Refusal> growth(List<Situations.Situation> grown) {
        for (Situations.Situation situation : grown) {
            Outcome outcome = asksItself
                    ? sandbox.applies(
                            tenant, function.language(), function.source(), situation.state(), situation.earlier())
                    : once(situation.state(), situation.earlier());
            if (asksItself && outcome.saysYes()) {
                outcome = once(situation.state(), situation.earlier());
            }
            int characters = Situations.length(situation.state());
            switch (outcome) {
                case Outcome.Gave gave ->
                    growth.add(new Report.Grown(characters, gave.took().toNanos() / 1_000));
                case Outcome.Failed failed -> {
                    if (OUTGROWN.contains(failed.cause())) {
                        return Optional.of(refuse(
                                null,
                                failed.cause(),
                                "for a state of " + characters + " characters: " + failed.message(),
                                null));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Refusal> property(Situations.Situation situation) {
        if (asksItself) {
            Boolean applies = applies(situation.state(), situation.earlier());
            if (applies == null && situation.real()) {
                return refuse(situation, "applies-failed", "applies gave neither true nor false");
            }
            if (!Boolean.TRUE.equals(applies)) {
                silent++;
                return Optional.empty();
            }
        }
        return switch (once(situation.state(), situation.earlier())) {
            case Outcome.Gave gave -> violation(gave.value()).flatMap(message -> object(situation, "schema", message));
            case Outcome.Failed failed -> {
                // Without the outputs of the earlier stages it may well throw; then it has said nothing.
                if (failed.cause().equals("threw") && !situation.real()) {
                    silent++;
                    yield Optional.empty();
                }
                yield failed.cause().equals("threw")
                        ? object(situation, failed.cause(), failed.message())
                        : refuse(situation, failed.cause(), failed.message());
            }
        };
    }

    /**
     * A state that the schema allows need not be one that can be (a hand of cards that has lost already), and a supplied function that
     * does not say for which states it is was written for those that can. So its author is told, and it is not refused.
     */
    private Optional<Refusal> object(Situations.Situation situation, String cause, String message) {
        Optional<Refusal> refusal = refuse(situation, cause, message);
        if (depth == Verification.Depth.GENERATED || asksItself) {
            return refusal;
        }
        doubtful++;
        doubt = doubt == null ? refusal.map(Refusal::message).orElse(null) : doubt;
        return Optional.empty();
    }

    private Optional<Refusal> determinism(List<Situations.Situation> situations) {
        int repeated = Math.min(Math.min(REPEATED, states), situations.size());
        Optional<Refusal> refusal = Optional.empty();
        for (int index = 0; index < repeated && refusal.isEmpty(); index++) {
            Situations.Situation situation = situations.get(index);
            String first = told(once(situation.state(), situation.earlier()));
            String second = told(
                    index < FRESH
                            ? fresh(situation.state(), situation.earlier())
                            : once(situation.state(), situation.earlier()));
            if (!first.equals(second)) {
                refusal = refuse(
                        situation, "not-deterministic", "it gave " + quote(first) + " and then " + quote(second));
            }
        }
        return checked("determinism", repeated, refusal);
    }

    private Outcome once(Map<String, Object> state, Map<String, Object> earlier) {
        return counted(sandbox.run(tenant, function, state, earlier));
    }

    private Outcome fresh(Map<String, Object> state, Map<String, Object> earlier) {
        freshRuns++;
        return counted(sandbox.run(elsewhere, function, state, earlier));
    }

    private Outcome counted(Outcome outcome) {
        runs++;
        if (outcome instanceof Outcome.Gave gave && gave.took().compareTo(slowest) > 0) {
            slowest = gave.took();
        }
        return outcome;
    }

    /** Null where it gives no answer. */
    private @Nullable Boolean applies(Map<String, Object> state, Map<String, Object> earlier) {
        return sandbox.applies(tenant, function.language(), function.source(), state, earlier)
                        instanceof Outcome.Gave gave
                ? (Boolean) gave.value()
                : null;
    }

    private Optional<String> violation(Object output) {
        return schemas.stream()
                .flatMap(schema -> schema.violations(output).stream())
                .findFirst()
                .map(found -> "the output does not match the schema at '" + found.pointer() + "': " + found.message());
    }

    private static String told(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Gave gave -> CanonicalJson.of(gave.value());
            case Outcome.Failed failed -> failed.cause();
        };
    }

    private Optional<Refusal> checked(String name, int count, Optional<Refusal> refusal) {
        checks.add(new Check(name, refusal.isEmpty(), count));
        return refusal;
    }

    private Optional<Refusal> refuse(Situations.Situation situation, String cause, String message) {
        return Optional.of(refuse(
                null,
                cause,
                "for the state " + quote(CanonicalJson.of(situation.state())) + ": " + message,
                situation.state()));
    }

    private Refusal refuse(@Nullable Integer test, String cause, String message, @Nullable Map<String, Object> state) {
        return new Refusal(function.name(), test, cause, message, state);
    }

    private static String quote(String json) {
        return json.length() <= LONGEST_QUOTE ? json : json.substring(0, LONGEST_QUOTE) + "…";
    }
}
