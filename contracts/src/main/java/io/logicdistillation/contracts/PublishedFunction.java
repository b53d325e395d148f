package io.logicdistillation.contracts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function as it stands in the base: its definition and its version.
 *
 * @param version {@code sha256:} of the definition's canonical JSON
 */
public record PublishedFunction(
        String version,
        String name,
        String stage,
        String handle,
        String manual,
        String language,
        String source,
        List<FunctionTest> tests,
        @Nullable Boolean pinned) {
    public static PublishedFunction of(String version, FunctionDefinition definition) {
        return new PublishedFunction(
                version,
                definition.name(),
                definition.stage(),
                definition.handle(),
                definition.manual(),
                definition.language(),
                definition.source(),
                definition.tests(),
                definition.pinned());
    }

    /** The same for those who only call it. */
    public PublishedFunction withoutTests() {
        return new PublishedFunction(version, name, stage, handle, manual, language, source, List.of(), pinned);
    }

    /** Whether it is a candidate whatever the search finds. */
    public boolean alwaysCandidate() {
        return Boolean.TRUE.equals(pinned);
    }
}
