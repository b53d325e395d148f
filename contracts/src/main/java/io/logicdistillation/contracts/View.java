package io.logicdistillation.contracts;

/**
 * Code that renders a state into the words that a student reads and that retrieval embeds. Its source defines
 * {@code view(state, earlier)}, which returns a string of at most {@value #LONGEST_TEXT} characters.
 *
 * @param language of the source, for example {@code javascript}
 */
public record View(String language, String source) {
    public static final int LONGEST_TEXT = 2_000;

    public View {
        Names.requireName("view.language", language);
        Names.requireText("view.source", source, FunctionDefinition.LONGEST_SOURCE);
    }
}
