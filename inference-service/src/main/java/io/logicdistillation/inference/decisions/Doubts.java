package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.decisionlog.Discretion;
import io.logicdistillation.inference.escalations.Escalations;
import io.logicdistillation.inference.escalations.Outcome;
import io.logicdistillation.inference.escalations.Question;
import io.logicdistillation.inference.escalations.Verdict;
import io.logicdistillation.inference.feedback.Judgements;
import io.logicdistillation.inference.functionbase.Candidate;
import io.logicdistillation.inference.policies.DecisionPolicy;
import io.logicdistillation.inference.policies.Policies;
import io.logicdistillation.inference.policies.Thresholds;
import io.logicdistillation.inference.sandbox.Arguments;
import io.logicdistillation.inference.students.Engines;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Does what a task's policy says where its student's choice does not stand by itself. Thread-safe. */
final class Doubts {
    private final Policies policies;
    private final Thresholds thresholds;
    private final Escalations escalations;
    private final Discretion discretion;
    private final MeterRegistry meters;
    private final Judgements judgements;

    Doubts(
            Policies policies,
            Thresholds thresholds,
            Escalations escalations,
            Discretion discretion,
            MeterRegistry meters) {
        this.policies = policies;
        this.thresholds = thresholds;
        this.escalations = escalations;
        this.discretion = discretion;
        this.meters = meters;
        this.judgements = new Judgements(meters);
    }

    /**
     * One stage of one decision.
     *
     * @param arguments the state and the outputs of the stages before
     */
    record Place(StageDecider.Work work, StageDefinition stage, Arguments arguments, String view) {
        List<PublishedFunction> functions() {
            return work.room().snapshot().functions(stage.name());
        }
    }

    /**
     * @param choice all that could be chosen
     * @param order in which functions may run
     * @param teacher what it chose, if it did
     */
    record Settled(
            Choice choice,
            List<Choice.Ranked> order,
            Decision.@Nullable Doubt doubt,
            Verdict.@Nullable Chosen teacher) {
        static Settled asChosen(Choice choice, Decision.@Nullable Doubt doubt) {
            return new Settled(choice, choice.ranked(), doubt, null);
        }
    }

    /** @throws PlatformException {@link io.logicdistillation.contracts.ProblemType#UNDECIDED} if the policy refuses */
    Settled weigh(Place at, Choice choice) {
        Engines.Lease student = at.work().student();
        Double none = choice.none();
        Double sure = choice.ranked().getFirst().probability();
        if (choice.imposed() || student == null || none == null || sure == null) {
            return Settled.asChosen(choice, null);
        }
        DecisionPolicy policy = policies.of(at.work().room().task());
        int stages = at.work().room().snapshot().task().stages().size();
        OptionalDouble threshold = thresholds.of(policy, stages, at.stage().name(), choice.ways(), student.heldOut());
        Decision.Cause cause = cause(at, choice, none, sure, threshold);
        if (cause == null) {
            return Settled.asChosen(choice, null);
        }
        Double asked = threshold.isPresent() ? threshold.getAsDouble() : null;
        return settle(at, policy, choice, choice.ranked(), new Doubt(cause, sure, asked));
    }

    private static Decision.@Nullable Cause cause(
            Place at, Choice choice, double none, double sure, OptionalDouble threshold) {
        if (none > sure) {
            return choice.ranked().size() < at.functions().size()
                    ? Decision.Cause.RETRIEVER_MISSED
                    : Decision.Cause.NONE_FITS;
        }
        return threshold.isPresent() && !Thresholds.isEnough(sure, threshold.getAsDouble())
                ? Decision.Cause.NOT_SURE
                : null;
    }

    /**
     * The first function failed.
     *
     * @param left what could run in its place
     * @param failure thrown if the policy refuses
     */
    Settled afterFailure(Place at, Choice choice, List<Choice.Ranked> left, PlatformException failure) {
        DecisionPolicy policy = policies.of(at.work().room().task());
        Doubt doubt = new Doubt(
                Decision.Cause.FUNCTION_FAILED, choice.ranked().getFirst().probability(), null);
        if (policy.when(doubt.cause()) == DecisionPolicy.Below.REFUSE) {
            count(doubt.cause(), "refused");
            throw failure;
        }
        return settle(at, policy, choice, left, doubt);
    }

    private Settled settle(Place at, DecisionPolicy policy, Choice choice, List<Choice.Ranked> order, Doubt doubt) {
        return switch (policy.when(doubt.cause())) {
            case RUNNER_UP -> runnerUp(choice, order, doubt);
            case REFUSE -> {
                count(doubt.cause(), "refused");
                throw doubt.refusal(at.stage(), choice);
            }
            case ESCALATE -> escalate(at, policy, choice, order, doubt);
        };
    }

    private Settled runnerUp(Choice choice, List<Choice.Ranked> order, Doubt doubt) {
        count(doubt.cause(), "runner-up");
        return new Settled(choice, order, doubt.handled(Decision.Handled.RUNNER_UP), null);
    }

    private Settled escalate(Place at, DecisionPolicy policy, Choice choice, List<Choice.Ranked> order, Doubt doubt) {
        List<PublishedFunction> offered = offered(at, choice, order, doubt.cause());
        if (offered.isEmpty()) {
            return runnerUp(choice, order, doubt);
        }
        Decisions.Room room = at.work().room();
        Verdict verdict = room.steps().time(Steps.Step.ESCALATE, () -> asked(at, policy, offered));
        room.deadline().check("the teacher was asked about stage '" + at.stage().name() + "'");
        judge(doubt, choice, verdict);
        Doubt told = doubt.told(verdict, choice);
        if (verdict instanceof Verdict.Chosen chosen) {
            count(told.cause(), "escalated");
            return taught(at, choice, order, chosen, told.handled(Decision.Handled.ESCALATED));
        }
        if (policy.escalationOrUsual().otherwise() == DecisionPolicy.Below.REFUSE) {
            count(told.cause(), "refused");
            throw told.refusal(at.stage(), choice);
        }
        return runnerUp(choice, order, told);
    }

    /** A function that failed was not put to the teacher again, so what it chose instead says nothing of the student. */
    private void judge(Doubt doubt, Choice choice, Verdict verdict) {
        Double sure = doubt.sure();
        if (sure == null || doubt.cause() == Decision.Cause.FUNCTION_FAILED) {
            return;
        }
        String first = choice.ranked().getFirst().name();
        switch (verdict) {
            case Verdict.Chosen chosen ->
                judgements.byTeacher(sure, chosen.function().equals(first));
            case Verdict.NothingFits nothing -> judgements.byTeacher(sure, false);
            case Verdict.Silent silent -> {}
        }
    }

    private Verdict asked(Place at, DecisionPolicy policy, List<PublishedFunction> offered) {
        Decisions.Room room = at.work().room();
        Optional<String> shown = discretion.view(
                room.task().tenant(),
                room.task().task(),
                at.arguments().state(),
                at.arguments().earlier(),
                at.view());
        if (shown.isEmpty()) {
            return new Verdict.Silent(Outcome.WITHHELD);
        }
        Question question = new Question(
                room.snapshot().id(),
                room.snapshot().task().rules(),
                at.stage().name(),
                at.stage().instruction(),
                shown.get(),
                offered);
        return escalations.ask(
                room.task(),
                policy.escalationOrUsual(),
                question,
                room.deadline().remaining());
    }

    /** What could run; where the search may have missed something, the stage's other functions as well. */
    private List<PublishedFunction> offered(Place at, Choice choice, List<Choice.Ranked> order, Decision.Cause cause) {
        Stream<PublishedFunction> runnable =
                order.stream().map(Choice.Ranked::candidate).map(Candidate::function);
        List<String> shown = choice.ranked().stream().map(Choice.Ranked::name).toList();
        Stream<PublishedFunction> others = cause == Decision.Cause.NOT_SURE
                ? Stream.empty()
                : at.functions().stream().filter(function -> !shown.contains(function.name()));
        return Stream.concat(runnable, others)
                .limit(Math.max(order.size(), escalations.mostFunctions()))
                .toList();
    }

    private static Settled taught(
            Place at, Choice choice, List<Choice.Ranked> order, Verdict.Chosen chosen, Decision.Doubt doubt) {
        Choice.Ranked first = order.stream()
                .filter(each -> each.name().equals(chosen.function()))
                .findFirst()
                .orElseGet(() -> added(at, chosen.function()));
        List<Choice.Ranked> all = new ArrayList<>(choice.ranked());
        if (!all.contains(first)) {
            all.add(first);
        }
        List<Choice.Ranked> run = new ArrayList<>(order);
        run.remove(first);
        run.addFirst(first);
        Choice known = new Choice(all, choice.none(), choice.way(), choice.engine(), choice.ways(), false);
        return new Settled(known, run, doubt, chosen);
    }

    private static Choice.Ranked added(Place at, String function) {
        PublishedFunction found =
                at.work().room().snapshot().function(at.stage().name(), function);
        return new Choice.Ranked(new Candidate(found, Decision.Origin.PINNED), null);
    }

    private void count(Decision.Cause cause, String handled) {
        meters.counter("decision.doubts", "cause", Doubt.slug(cause), "handled", handled)
                .increment();
    }
}
