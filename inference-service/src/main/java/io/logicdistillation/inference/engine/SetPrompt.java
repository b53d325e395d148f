package io.logicdistillation.inference.engine;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The layout "set-v1" of prompts, which training uses as well: every candidate's block starts at the same position and
 * no candidate sees another, so their order cannot matter to the model; a canonical order keeps it from mattering to
 * the arithmetic.
 */
final class SetPrompt {
    static final String FORMAT = "set-v1";
    static final Comparator<Entry> CANONICAL = Comparator.comparing(Entry::handle);
    static final String NONE = " none";

    private final StudentTokenizer tokenizer;
    private final int longestEntry;

    SetPrompt(StudentTokenizer tokenizer, int longestEntry) {
        this.tokenizer = tokenizer;
        this.longestEntry = longestEntry;
    }

    int[] prefix(String prefix) {
        return tokenizer.repeatedTokens(prefix);
    }

    static String recallText(Entry entry) {
        return "- " + entry.handle() + ": " + entry.manual() + "\n";
    }

    /** One entry's block of recall, cut to the length that its place has. */
    int[] recallEntry(String recallText) {
        int[] tokens = tokenizer.repeatedTokens(recallText);
        return tokens.length <= longestEntry ? tokens : Arrays.copyOf(tokens, longestEntry);
    }

    /** What recall runs once prefix and entries are there; scored at its end. */
    NewTokens recallTail(int prefixLength, String view) {
        return NewTokens.causal(tokenizer.tokens(view + "\nAnswer:"), prefixLength + longestEntry);
    }

    /** What several requests of reading share behind the prefix. */
    int[] context(String context) {
        return tokenizer.tokens(context);
    }

    /**
     * What reading runs once prefix and context are there; scored at every block's end.
     *
     * @param before how many tokens these two have
     */
    NewTokens reading(int before, String view, List<Entry> canonical) {
        int[] state = tokenizer.tokens(view + "\n");
        int[][] blocks = new int[canonical.size()][];
        int length = state.length;
        for (int k = 0; k < blocks.length; k++) {
            Entry entry = canonical.get(k);
            blocks[k] = tokenizer.repeatedTokens(ScoringRequest.block(entry));
            length += blocks[k].length;
        }
        NewTokens all = NewTokens.causal(Arrays.copyOf(state, length), before);
        int[] scored = new int[blocks.length];
        int at = state.length;
        for (int k = 0; k < blocks.length; k++) {
            for (int i = 0; i < blocks[k].length; i++, at++) {
                all.ids()[at] = blocks[k][i];
                all.positions()[at] = before + state.length + i;
                all.segments()[at] = k + 1;
            }
            scored[k] = at - 1;
        }
        return new NewTokens(all.ids(), all.positions(), all.segments(), scored);
    }

    /** The tokens that recall compares: every candidate's handle, then "none". */
    int[] recallAnswers(List<Entry> canonical) {
        int[] answers = new int[canonical.size() + 1];
        for (int k = 0; k < canonical.size(); k++) {
            answers[k] = single(" " + canonical.get(k).handle());
        }
        answers[canonical.size()] = single(NONE);
        return answers;
    }

    /** The tokens that reading compares: yes, no. */
    int[] readingAnswers() {
        return new int[] {single(ScoringRequest.YES), single(ScoringRequest.NO)};
    }

    boolean isSingleToken(String handle) {
        return tokenizer.repeatedTokens(" " + handle).length == 1;
    }

    private int single(String text) {
        int[] tokens = tokenizer.repeatedTokens(text);
        if (tokens.length != 1) {
            throw new EngineException(
                    EngineException.Kind.INVALID_REQUEST,
                    "recall needs handles of one token, and '%s' has %d; reading does not"
                            .formatted(text.strip(), tokens.length));
        }
        return tokens[0];
    }
}
