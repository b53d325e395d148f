package io.logicdistillation.contracts;

import java.util.List;

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
        List<FunctionTest> tests) {
    public static PublishedFunction of(String version, FunctionDefinition definition) {
        return new PublishedFunction(
                version,
                definition.name(),
                definition.stage(),
                definition.handle(),
                definition.manual(),
                definition.language(),
                definition.source(),
                definition.tests());
    }
}
