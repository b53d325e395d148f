package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.background.Stopped;
import io.logicdistillation.functionbase.generation.CandidateStore.Fate;
import io.logicdistillation.functionbase.generation.CandidateStore.Outcome;
import io.logicdistillation.languagemodel.Reply;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One function for one situation: proposed, verified like every generated one, tried on the situation's own states, and repaired with
 * what was wrong. For one thread.
 */
final class SituationAuthoring {
    /** There are no rounds here, but answers are recorded and progress is told by one. */
    private static final int ROUND = 1;

    private final Authoring.Bench bench;
    private final Desk desk;
    private final EmergencyDesk.Situation situation;

    SituationAuthoring(Authoring.Bench bench, Desk desk, EmergencyDesk.Situation situation) {
        this.bench = bench;
        this.desk = desk;
        this.situation = situation;
    }

    /**
     * @param accepts throws what speaks against a function that has passed its verification
     * @throws Stopped if the L-LLM writes none that answers the situation
     */
    FunctionDefinition write(Accepting accepts) {
        List<Prompts.Refused> refused = List.of();
        for (int attempt = 0; attempt <= bench.request().mostRepairs(); attempt++) {
            String step = attempt == 0 ? "answer" : "answer-again-" + attempt;
            List<Prompts.Refused> wrong = refused;
            Reply reply = bench.ask().step(ROUND, step, key -> bench.prompts().answer(key, situation, wrong));
            Optional<FunctionDefinition> written = function(reply);
            if (written.isEmpty()) {
                continue;
            }
            Fate fate = judged(step, written.get(), accepts);
            if (fate.outcome() == Outcome.PASSED) {
                return written.get();
            }
            refused = List.of(
                    new Prompts.Refused(written.get(), String.valueOf(fate.cause()), String.valueOf(fate.message())));
        }
        throw new Stopped("no-answer", "The L-LLM wrote no function that answers the situation and can be verified");
    }

    /** Says why a function can not answer the situation. */
    @FunctionalInterface
    interface Accepting {
        void require(FunctionDefinition function);
    }

    private Fate judged(String step, FunctionDefinition function, Accepting accepts) {
        Fate fate = desk.fate(function, () -> misplaced(function), () -> unfit(function, accepts));
        return desk.note("round-" + ROUND + "/" + step, function, fate);
    }

    private Optional<Fate> misplaced(FunctionDefinition function) {
        return bench.request().isFor(function.stage())
                ? Optional.empty()
                : Optional.of(Fate.refused("stage-not-asked-for", "The function is wanted for another stage"));
    }

    private static Optional<Fate> unfit(FunctionDefinition function, Accepting accepts) {
        try {
            accepts.require(function);
            return Optional.empty();
        } catch (PlatformException wrong) {
            if (wrong.type() != ProblemType.INVALID_FUNCTION && wrong.type() != ProblemType.CONFLICT) {
                throw wrong;
            }
            Map<String, Object> told = wrong.extensions();
            String cause = wrong.type() == ProblemType.CONFLICT ? "name-taken" : String.valueOf(told.get("cause"));
            return Optional.of(Fate.refused(cause, String.valueOf(wrong.getMessage())));
        }
    }

    private Optional<FunctionDefinition> function(Reply reply) {
        return switch (reply.finish()) {
            case REFUSED -> throw new Stopped("refused", "The L-LLM would not answer");
            case TRUNCATED -> Optional.empty();
            case COMPLETE ->
                Answers.read(reply.text(), bench.request().writtenIn(), 1).flatMap(read -> {
                    read.misshapen().forEach(desk::misshapen);
                    return read.functions().stream().findFirst();
                });
        };
    }
}
