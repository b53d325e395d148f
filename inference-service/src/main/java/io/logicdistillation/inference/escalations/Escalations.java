package io.logicdistillation.inference.escalations;

import io.logicdistillation.inference.policies.DecisionPolicy;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.languagemodel.CallBounds;
import io.logicdistillation.languagemodel.ModelException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the teacher, at a task's expense. Never fails: what goes wrong is an outcome. Thread-safe. */
public final class Escalations {
    private static final Logger log = LoggerFactory.getLogger(Escalations.class);
    private static final double MICROS = 1e6;

    private final @Nullable Teacher teacher;
    private final EscalationProperties properties;
    private final CallBounds bounds;
    private final Books books;
    private final MeterRegistry meters;

    Escalations(
            @Nullable Teacher teacher,
            EscalationProperties properties,
            CallBounds bounds,
            Books books,
            MeterRegistry meters) {
        this.teacher = teacher;
        this.properties = properties;
        this.bounds = bounds;
        this.books = books;
        this.meters = meters;
    }

    /** What is written down: money spent, functions missed. */
    record Books(Spending spending, Wishes wishes) {}

    /** How many functions a question may offer. */
    public int mostFunctions() {
        return properties.mostFunctions();
    }

    /** @param remaining time of the decision */
    public Verdict ask(TaskKey task, DecisionPolicy.Escalation limits, Question question, Duration remaining) {
        long start = System.nanoTime();
        Verdict verdict = verdict(task, limits, question, remaining);
        Timer.builder("escalation")
                .description("Questions to the teacher by outcome")
                .tag("outcome", verdict.outcome().slug())
                .register(meters)
                .record(Duration.ofNanos(System.nanoTime() - start));
        return verdict;
    }

    private Verdict verdict(TaskKey task, DecisionPolicy.Escalation limits, Question question, Duration remaining) {
        String model = Objects.requireNonNullElse(limits.model(), Objects.requireNonNullElse(properties.model(), ""));
        if (teacher == null || model.isBlank()) {
            return new Verdict.Silent(Outcome.NOT_CONFIGURED);
        }
        if (remaining.isZero()) {
            return new Verdict.Silent(Outcome.TIMED_OUT);
        }
        Spending.Reservation reserved = books.spending().reserve(task, mostThatItCosts(question), limit(limits));
        if (reserved == null) {
            return new Verdict.Silent(Outcome.OVER_BUDGET);
        }
        try {
            Teacher.Answer answer = asked(teacher, question, model, remaining);
            settle(reserved, answer.inputTokens(), answer.outputTokens());
            return answer.function() == null
                    ? new Verdict.NothingFits(answer.reason(), books.wishes().add(task, question, answer.reason()))
                    : new Verdict.Chosen(answer.function(), answer.reason());
        } catch (TeacherException silent) {
            log.warn(
                    "The teacher gave task '{}' no choice: {} ({})",
                    task.task(),
                    silent.outcome(),
                    silent.getMessage());
            if (!mayHaveCost(silent.outcome())) {
                settle(reserved, 0, 0);
            }
            return new Verdict.Silent(silent.outcome());
        }
    }

    private Teacher.Answer asked(Teacher of, Question question, String model, Duration remaining) {
        long end = System.nanoTime() + remaining.toNanos();
        try {
            return bounds.within(remaining, () -> {
                Duration left = Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
                return of.ask(question, model, left.compareTo(properties.timeout()) < 0 ? left : properties.timeout());
            });
        } catch (ModelException failure) {
            throw failure.getCause() instanceof TeacherException told
                    ? told
                    : new TeacherException(
                            Outcome.of(failure.failure()), String.valueOf(failure.getMessage()), failure);
        }
    }

    private Spending.Amount mostThatItCosts(Question question) {
        long input = question.tokens();
        return new Spending.Amount(
                input + properties.answerTokens(), properties.prices().micros(input, properties.answerTokens()));
    }

    private Spending.Amount limit(DecisionPolicy.Escalation limits) {
        Long tokens = limits.tokensPerDay();
        Double money = limits.spendPerDay();
        return new Spending.Amount(
                tokens == null ? properties.prices().tokensPerDay() : tokens,
                money == null ? Long.MAX_VALUE / 2 : Math.round(money * MICROS));
    }

    /** Where the API may have worked for an answer that did not arrive or was of no use, what was reserved stays spent. */
    private static boolean mayHaveCost(Outcome outcome) {
        return switch (outcome) {
            case TIMED_OUT, TRUNCATED, GARBLED, REFUSED -> true;
            case ANSWERED,
                    NOTHING_FITS,
                    NOT_CONFIGURED,
                    WITHHELD,
                    OVER_BUDGET,
                    BUSY,
                    RESTING,
                    UNREACHABLE,
                    OVERLOADED,
                    REJECTED -> false;
        };
    }

    private void settle(Spending.Reservation reserved, long input, long output) {
        long micros = properties.prices().micros(input, output);
        books.spending().settle(reserved, new Spending.Amount(input + output, micros));
        meters.counter("escalation.tokens", "kind", "input").increment(input);
        meters.counter("escalation.tokens", "kind", "output").increment(output);
        meters.counter("escalation.spend").increment(micros / MICROS);
    }
}
