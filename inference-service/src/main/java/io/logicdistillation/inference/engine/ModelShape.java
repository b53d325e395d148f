package io.logicdistillation.inference.engine;

/** The dimensions of a decoder of the Llama family. */
record ModelShape(
        int layers,
        int hidden,
        int feedForward,
        int heads,
        int keyValueHeads,
        int headSize,
        int vocabulary,
        int context,
        float ropeBase,
        float epsilon) {

    static ModelShape of(Gguf file) {
        if (!"llama".equals(file.text("general.architecture"))) {
            throw new EngineException(
                    EngineException.Kind.BASE_MODEL,
                    "the base model's architecture is %s, not llama".formatted(file.text("general.architecture")));
        }
        int hidden = (int) file.number("llama.embedding_length");
        int heads = (int) file.number("llama.attention.head_count");
        return new ModelShape(
                (int) file.number("llama.block_count"),
                hidden,
                (int) file.number("llama.feed_forward_length"),
                heads,
                (int) file.number("llama.attention.head_count_kv"),
                hidden / heads,
                (int) file.tensor("token_embd.weight").rows(),
                (int) file.number("llama.context_length"),
                (float) file.number("llama.rope.freq_base"),
                (float) file.number("llama.attention.layer_norm_rms_epsilon"));
    }

    /** Width of queries, keys and values side by side. */
    int packedWidth() {
        return (heads + 2 * keyValueHeads) * headSize;
    }

    /** Floats that one token's keys and values take over all layers. */
    int keyValueFloats() {
        return layers * 2 * keyValueHeads * headSize;
    }
}
