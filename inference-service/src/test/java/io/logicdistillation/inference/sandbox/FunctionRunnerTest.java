package io.logicdistillation.inference.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.inference.Maze;
import io.logicdistillation.runtime.FunctionCall;
import io.logicdistillation.runtime.FunctionResult;
import io.logicdistillation.runtime.FunctionRuntime;
import io.logicdistillation.runtime.Limits;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FunctionRunnerTest {
    private static final Duration LIMIT = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final FunctionResult LATE =
            new FunctionResult.Failed(FunctionResult.Failure.TIMEOUT, "was still running");
    private static final FunctionResult BROKEN = new FunctionResult.Failed(FunctionResult.Failure.THREW, "no way out");
    private static final FunctionResult DONE = new FunctionResult.Returned("{}", Duration.ofMillis(1));

    @Test
    void whatRanOutOfTimeIsTriedOnceMoreWithPatience() {
        Played runtime = new Played(LATE, DONE);

        assertThat(run(runtime, PATIENCE)).isInstanceOf(Outcome.Produced.class);
        assertThat(runtime.allowed).containsExactly(LIMIT, PATIENCE);
    }

    @Test
    void whatLoopsIsTriedTwiceAndWhatFailsOnce() {
        Played loops = new Played(LATE, LATE);
        Played fails = new Played(BROKEN);

        assertThat(run(loops, PATIENCE)).isInstanceOf(Outcome.Failed.class);
        assertThat(loops.allowed).hasSize(2);
        assertThat(run(fails, PATIENCE)).isInstanceOf(Outcome.Failed.class);
        assertThat(fails.allowed).hasSize(1);
    }

    @Test
    void thereIsNoSecondTryWithoutMorePatience() {
        Played runtime = new Played(LATE);

        assertThat(run(runtime, LIMIT)).isInstanceOf(Outcome.Failed.class);
        assertThat(runtime.allowed).hasSize(1);
    }

    private static Outcome run(FunctionRuntime runtime, Duration patience) {
        TaskDefinition task = Maze.snapshot(1).definition();
        PublishedFunction function = Maze.snapshot(1).functions().getFirst();
        List<Limits> tries = new SandboxProperties(LIMIT, patience, "")
                .tries()
                .map(Limits.standard()::withWallClock)
                .toList();
        return new FunctionRunner(runtime, tries).run("acme", function, Arguments.of(task, Map.of(), null), List.of());
    }

    /** Answers what it was given, call by call. */
    private static final class Played implements FunctionRuntime {
        private final Deque<FunctionResult> answers;
        private final List<Duration> allowed = new ArrayList<>();

        Played(FunctionResult... answers) {
            this.answers = new ArrayDeque<>(Arrays.asList(answers));
        }

        @Override
        public FunctionResult call(FunctionCall call) {
            allowed.add(call.limits().wallClock());
            return answers.removeFirst();
        }

        @Override
        public Optional<FunctionResult.Failed> check(FunctionCall call) {
            return Optional.empty();
        }

        @Override
        public void close() {}
    }
}
