package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.background.Stopped;
import io.logicdistillation.functionbase.function.Situations;
import io.logicdistillation.functionbase.function.Situations.Situation;
import io.logicdistillation.functionbase.generation.CandidateStore.Fate;
import io.logicdistillation.functionbase.generation.CandidateStore.Outcome;
import io.logicdistillation.languagemodel.Question;
import io.logicdistillation.languagemodel.Reply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The rounds of one generation: propose, verify, repair with the errors, drop duplicates, find states that no function covers, ask for
 * those. Everything that it decides by is recorded or made anew the same, so a run from the beginning goes where the one before it
 * went and asks only what is not recorded yet. For one thread.
 */
final class Authoring {
    /** States of a gap that a question shows, per stage. */
    private static final int MOST_SHOWN = 8;
    /** Situations on which two functions have to differ at least once. */
    private static final int COMPARED = 300;
    /** Times that a cut-off or broken answer is asked for again, each time with half as many functions. */
    private static final int SHORTER = 2;

    private final Bench bench;
    private final Desk desk;
    private final Behaviour behaviour;
    private final Situations situations;
    private final List<FunctionDefinition> known;

    /** What the rounds work with. @param ask answers the question of a step, by its name */
    record Bench(TaskDefinition task, GenerationRequest request, Prompts prompts, Asking ask) {}

    /** The step's recorded answer, or a new one. */
    @FunctionalInterface
    interface Asking {
        Reply step(int round, String step, Function<String, Question> question);
    }

    /** @param known functions that the task has already */
    Authoring(Bench bench, Desk desk, Behaviour behaviour, Situations situations, List<FunctionDefinition> known) {
        this.bench = bench;
        this.desk = desk;
        this.behaviour = behaviour;
        this.situations = situations;
        this.known = new ArrayList<>(known);
    }

    /** @throws Stopped if there is no way on */
    void run() {
        Map<String, List<Map<String, Object>>> gaps = Map.of();
        for (int round = 1; round <= bench.request().mostRounds(); round++) {
            int before = known.size();
            List<Prompts.Refused> refused = judge(round, "propose", propose(round, gaps));
            for (int repair = 1; repair <= bench.request().mostRepairs() && !refused.isEmpty(); repair++) {
                String step = "repair-" + repair;
                List<Prompts.Refused> wrong = refused;
                Reply reply =
                        bench.ask().step(round, step, key -> bench.prompts().repair(key, List.copyOf(known), wrong));
                refused = judge(round, step, functions(reply).orElse(List.of()));
            }
            gaps = gaps(round);
            if (gaps.isEmpty() || (round > 1 && known.size() == before)) {
                return;
            }
        }
    }

    /** An answer that was cut off, or is no JSON, is asked for again, shorter. */
    private List<FunctionDefinition> propose(int round, Map<String, List<Map<String, Object>>> gaps) {
        int most = bench.request().mostFunctions();
        for (int attempt = 0; attempt <= SHORTER; attempt++) {
            String step = attempt == 0 ? "propose" : "propose-shorter-" + attempt;
            int asked = Math.max(1, most >> attempt);
            Reply reply =
                    bench.ask().step(round, step, key -> bench.prompts().propose(key, List.copyOf(known), gaps, asked));
            Optional<List<FunctionDefinition>> read = functions(reply);
            if (read.isPresent()) {
                return read.get();
            }
        }
        throw new Stopped(
                "garbled", "The L-LLM gave no answer that can be read, however few functions it was asked for");
    }

    private Optional<List<FunctionDefinition>> functions(Reply reply) {
        return switch (reply.finish()) {
            case REFUSED -> throw new Stopped("refused", "The L-LLM would not answer");
            case TRUNCATED -> Optional.empty();
            case COMPLETE ->
                Answers.read(
                                reply.text(),
                                bench.request().writtenIn(),
                                bench.request().mostFunctions())
                        .map(read -> {
                            read.misshapen().forEach(desk::misshapen);
                            return read.functions();
                        });
        };
    }

    /** @return those that did not pass and may be repaired */
    private List<Prompts.Refused> judge(int round, String step, List<FunctionDefinition> written) {
        List<Prompts.Refused> refused = new ArrayList<>();
        for (StageDefinition stage : bench.task().stages()) {
            for (FunctionDefinition function : written) {
                if (function.stage().equals(stage.name())) {
                    judge(round, step, function, refused);
                }
            }
        }
        written.stream()
                .filter(function -> bench.task().stages().stream()
                        .noneMatch(stage -> stage.name().equals(function.stage())))
                .forEach(function -> refused.add(new Prompts.Refused(
                        function, "unknown-stage", "The task has no stage '" + function.stage() + "'")));
        return refused;
    }

    private void judge(int round, String step, FunctionDefinition function, List<Prompts.Refused> refused) {
        Fate fate = desk.fate(
                function,
                () -> clash(function),
                () -> behaviour
                        .sameAs(function, known, compared(function.stage()))
                        .map(same -> Fate.duplicate(same.name(), "It does what '" + same.name() + "' does")));
        fate = desk.settle("round-" + round + "/" + step, function, fate);
        if (fate.outcome() == Outcome.PASSED) {
            known.add(function);
            situations.join(function);
        } else if (fate.outcome() == Outcome.REFUSED) {
            refused.add(new Prompts.Refused(function, String.valueOf(fate.cause()), String.valueOf(fate.message())));
        }
    }

    private List<Situation> compared(String stage) {
        List<Situation> all = situations.of(stage);
        return all.subList(0, Math.min(COMPARED, all.size()));
    }

    /** What can be told without running it. */
    private Optional<Fate> clash(FunctionDefinition function) {
        if (!bench.request().isFor(function.stage())) {
            return Optional.of(Fate.refused("stage-not-asked-for", "No functions are wanted for its stage"));
        }
        for (FunctionDefinition other : known) {
            boolean sameStage = other.stage().equals(function.stage());
            if (sameStage && Behaviour.squeezed(other).equals(Behaviour.squeezed(function))) {
                return Optional.of(Fate.duplicate(other.name(), "It has the source of '" + other.name() + "'"));
            }
            if (other.name().equals(function.name())) {
                return Optional.of(Fate.refused("name-taken", "There is a function of this name; choose another one"));
            }
            if (sameStage && other.handle().equals(function.handle())) {
                return Optional.of(Fate.refused(
                        "handle-taken", "The handle is that of '" + other.name() + "'; choose another one"));
            }
        }
        return Optional.empty();
    }

    private Map<String, List<Map<String, Object>>> gaps(int round) {
        if (bench.request().statesForGaps() == 0) {
            return Map.of();
        }
        Map<String, List<Map<String, Object>>> shown = new LinkedHashMap<>();
        List<Desk.Gap> gaps = new ArrayList<>();
        for (StageDefinition stage : bench.task().stages()) {
            if (!bench.request().isFor(stage.name())) {
                continue;
            }
            List<FunctionDefinition> of = known.stream()
                    .filter(function -> function.stage().equals(stage.name()))
                    .toList();
            List<Situation> looked = desk.situationsForGaps(List.copyOf(known)).of(stage.name());
            List<Situation> uncovered = behaviour.uncovered(of, looked);
            gaps.add(new Desk.Gap(stage.name(), looked.size(), uncovered.size()));
            if (!uncovered.isEmpty()) {
                shown.put(
                        stage.name(),
                        uncovered.stream()
                                .limit(MOST_SHOWN)
                                .map(Situation::state)
                                .toList());
            }
        }
        desk.gaps(round, gaps);
        return shown;
    }
}
