package io.logicdistillation.contracts;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decision with everything needed to explain and to replay it.
 *
 * @param id UUIDv7 (RFC 9562)
 * @param state what was decided on; left out of the answer to the request that brought it, present when read from the log
 * @param output the last stage's output
 * @param memory what views and functions were told of the episode's decisions before; absent where the task remembers none, or
 *     there is no episode
 * @param canary true if a student on trial decided; false if it was its turn and it could not, so that the one that serves decided
 *     in its place; absent otherwise
 */
public record Decision(
        String id,
        String task,
        String snapshot,
        String student,
        @Nullable String episode,
        Instant decidedAt,
        @Nullable Map<String, Object> state,
        Object output,
        List<Stage> stages,
        Timings timings,
        @Nullable Memory memory,
        @Nullable Boolean canary) {
    /**
     * @param step which of its episode's decisions this is, counted from 1; decisions that were made at the same time share it
     * @param steps the last ones before it, oldest first
     */
    public record Memory(int step, List<Remembered> steps) {
        public Memory {
            steps = List.copyOf(steps);
        }

        /** As views and functions are told: without ids, so that the same words stand wherever the same happened. */
        public static List<Map<String, Object>> told(@Nullable Memory memory) {
            return memory == null
                    ? List.of()
                    : memory.steps().stream().map(each -> told(each)).toList();
        }

        private static Map<String, Object> told(Remembered remembered) {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("step", remembered.step());
            told.put("outputs", remembered.outputs());
            return told;
        }
    }

    /**
     * A decision as later ones of its episode remember it.
     *
     * @param decision its id
     * @param outputs by stage, in the stages' order
     */
    public record Remembered(int step, String decision, Map<String, Object> outputs) {}

    /**
     * @param view the text that the student read
     * @param none calibrated probability that no candidate fits; absent when no model was asked
     * @param way absent when no model was asked
     * @param engine that the student's scores came from: {@code in-process}, or the name of a remote one; absent when no model was asked
     * @param reason one line from the manual of the chosen function, or the teacher's
     * @param doubt why the student's first choice did not simply run; absent where it did
     * @param banned functions of the stage that could not be candidates because a ban was in force; absent when there were none
     */
    public record Stage(
            String stage,
            String view,
            List<Candidate> candidates,
            @Nullable Double none,
            String chosen,
            DecidedBy decidedBy,
            @Nullable Way way,
            @Nullable String engine,
            String reason,
            Object output,
            @Nullable Doubt doubt,
            @Nullable List<String> banned) {
        /** The same stage, naming what bans kept out of it. */
        public Stage withBanned(List<String> names) {
            return new Stage(
                    stage,
                    view,
                    candidates,
                    none,
                    chosen,
                    decidedBy,
                    way,
                    engine,
                    reason,
                    output,
                    doubt,
                    names.isEmpty() ? null : names);
        }
    }

    /**
     * @param probability of the student's first choice
     * @param threshold that the probability had to reach; absent if the task asks for none
     * @param escalation what came of asking the teacher; absent if it was not asked
     * @param wish id of the generation wish, where the teacher found that no function fits
     */
    public record Doubt(
            Cause cause,
            @Nullable Double probability,
            @Nullable Double threshold,
            Handled handled,
            @Nullable String escalation,
            @Nullable String wish) {}

    /** Why a student's choice does not stand by itself. */
    public enum Cause {
        /** The best candidate's probability is below the stage's threshold. */
        NOT_SURE,
        /** "None of these" is most probable, and the student saw every function of the stage. */
        NONE_FITS,
        /** "None of these" is most probable, and the stage has functions that the search did not show. */
        RETRIEVER_MISSED,
        /** The chosen function ran and gave nothing of use. */
        FUNCTION_FAILED
    }

    /** What happened to a doubtful choice. */
    public enum Handled {
        /** The most probable function that works ran all the same. */
        RUNNER_UP,
        /** The teacher chose. */
        ESCALATED
    }

    /** @param probability calibrated, over the candidates and none; absent when no model was asked */
    public record Candidate(
            String function,
            String version,
            String handle,
            @Nullable Double probability,
            Origin origin) {}

    /** Milliseconds by step, summed over the stages. */
    public record Timings(double retrieveMs, double prefillMs, double executeMs, double logMs, double totalMs) {}

    /** Why a function is a candidate. */
    public enum Origin {
        ALL,
        RETRIEVED,
        PINNED
    }

    /** Who chose. */
    public enum DecidedBy {
        STUDENT,
        RUNNER_UP,
        TEACHER,
        RULE
    }

    /** How the student saw the candidates. */
    public enum Way {
        RECALL,
        READING
    }
}
