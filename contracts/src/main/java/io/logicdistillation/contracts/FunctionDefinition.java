package io.logicdistillation.contracts;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One piece of decision logic and its entry in the user manual. Its source defines {@code run(state, earlier)}.
 *
 * @param handle a lower-case word that is one token of the student's vocabulary, distinct within the stage
 * @param manual says when to use the function; the text by which a model knows it
 * @param pinned true for the answer to an emergency: always among the candidates, whatever the search finds
 */
public record FunctionDefinition(
        String name,
        String stage,
        String handle,
        String manual,
        String language,
        String source,
        @Nullable List<FunctionTest> tests,
        @Nullable Boolean pinned) {
    public static final int LONGEST_SOURCE = 64 * 1024;
    public static final int LONGEST_MANUAL = 1_000;

    public FunctionDefinition {
        Names.requireName("name", name);
        Names.requireName("stage", stage);
        Names.requireName("handle", handle);
        Names.requireText("manual", manual, LONGEST_MANUAL);
        Names.requireName("language", language);
        Names.requireText("source", source, LONGEST_SOURCE);
        if (tests != null && tests.stream().anyMatch(Objects::isNull)) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "tests holds null");
        }
        tests = tests == null ? List.of() : List.copyOf(tests);
        // One spelling of "not pinned", or two versions of a function would differ by nothing.
        pinned = Boolean.TRUE.equals(pinned) ? true : null;
    }

    public FunctionDefinition(
            String name,
            String stage,
            String handle,
            String manual,
            String language,
            String source,
            @Nullable List<FunctionTest> tests) {
        this(name, stage, handle, manual, language, source, tests, null);
    }

    @Override
    public List<FunctionTest> tests() {
        return tests == null ? List.of() : tests;
    }
}
