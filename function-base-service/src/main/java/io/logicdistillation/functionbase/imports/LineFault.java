package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.List;
import java.util.Map;

/**
 * What is wrong with a line; serialised as it stands into the problem's {@code errors}.
 *
 * @param line counted from 1
 * @param cause stable word for programs
 */
record LineFault(long line, String cause, String message) {
    /** Some lines are wrong, so nothing is taken. @param faults the first ones, at least one */
    static PlatformException problem(List<LineFault> faults) {
        LineFault first = faults.getFirst();
        return new PlatformException(
                ProblemType.INVALID_REQUEST,
                "Line " + first.line() + ": " + first.message() + "; nothing was stored",
                Map.of("line", first.line(), "cause", first.cause(), "errors", faults));
    }

    static PlatformException problem(long line, String cause, String message) {
        return problem(List.of(new LineFault(line, cause, message)));
    }

    /** The whole is not what it says, though no line is wrong. */
    static PlatformException whole(String cause, String message) {
        return new PlatformException(
                ProblemType.INVALID_REQUEST, message + "; nothing was stored", Map.of("cause", cause));
    }
}
