package io.logicdistillation.inference.engine;

/**
 * Tokens to run in one prefill over cached ones. A new token sees all cached tokens and, of the new ones at or before
 * itself, those of segment {@link #SHARED} and those of its own segment; a token of segment {@link #SEES_ALL} sees all.
 *
 * @param positions for the rotary embedding; free, several tokens may share one
 * @param scored indices of the tokens whose logits are wanted
 */
record NewTokens(int[] ids, int[] positions, int[] segments, int[] scored) {
    static final int SHARED = 0;
    static final int SEES_ALL = -1;

    int length() {
        return ids.length;
    }

    boolean sees(int row, int column) {
        return column <= row
                && (segments[column] == segments[row] || segments[column] == SHARED || segments[row] == SEES_ALL);
    }

    /** An ordinary causal run from this position on, scored at its last token. */
    static NewTokens causal(int[] ids, int position) {
        int[] positions = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            positions[i] = position + i;
        }
        return new NewTokens(ids, positions, new int[ids.length], new int[] {ids.length - 1});
    }
}
