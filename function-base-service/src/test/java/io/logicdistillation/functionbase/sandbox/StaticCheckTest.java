package io.logicdistillation.functionbase.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.runtime.FunctionCall;
import io.logicdistillation.runtime.FunctionResult;
import io.logicdistillation.runtime.FunctionRuntime;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a parser that does not end in time says of the source. What it finds in sources is tested through the API. */
class StaticCheckTest {
    private static final String SOURCE = "function run(state) { return {}; }";

    @Test
    void aSourceIsRefusedThatTakesTooLongWhereAnotherDoesNot() {
        StaticCheck check = new StaticCheck(late(arguments -> arguments.contains("run")));

        assertThat(check.of("javascript", SOURCE).findings())
                .singleElement()
                .satisfies(finding -> assertThat(finding.rule()).isEqualTo("syntax"));
    }

    @Test
    void noSourceIsRefusedForAMachineThatIsSlowWithAny() {
        StaticCheck check = new StaticCheck(late(arguments -> true));

        assertThatExceptionOfType(PlatformException.class)
                .isThrownBy(() -> check.of("javascript", SOURCE))
                .satisfies(thrown -> assertThat(thrown.type()).isEqualTo(ProblemType.UNAVAILABLE));
    }

    /** A runtime in which the parser does not come to an end with some arguments, and finds nothing in others. */
    private static FunctionRuntime late(Predicate<String> which) {
        return new FunctionRuntime() {
            @Override
            public FunctionResult call(FunctionCall call) {
                return which.test(call.argumentsJson())
                        ? new FunctionResult.Failed(FunctionResult.Failure.TIMEOUT, "was still running")
                        : new FunctionResult.Returned("{\"findings\": [], \"names\": []}", Duration.ZERO);
            }

            @Override
            public Optional<FunctionResult.Failed> check(FunctionCall call) {
                return Optional.empty();
            }

            @Override
            public void close() {}
        };
    }
}
