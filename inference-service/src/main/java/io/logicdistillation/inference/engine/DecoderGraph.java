package io.logicdistillation.inference.engine;

import io.logicdistillation.inference.engine.OnnxModel.Type;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a student's decoder as an ONNX graph, layer by layer: free positions, an additive attention bias, keys and
 * values that come and go, and logits of the wanted tokens at the wanted positions only.
 *
 * <p>Inputs: {@code embeddings} [1, S, hidden], {@code position_ids} [1, S], {@code attention_bias} [1, 1, S, T],
 * {@code last_key} [1] (total length less one) and {@code total_length}, {@code score_positions} [P],
 * {@code score_columns} [hidden, Q], {@code past_key.i}, {@code past_value.i}. Outputs: {@code scores} [1, P, Q],
 * {@code present_key.i}, {@code present_value.i}.
 */
final class DecoderGraph {
    private static final String STANDARD = "";

    private final ModelShape shape;
    private final Numerics numerics;
    private final WeightFile weights;
    private final OnnxModel model = new OnnxModel();
    private final Set<String> quantised = new HashSet<>();
    private String stream = "embeddings";
    private String branch = "";

    DecoderGraph(ModelShape shape, Numerics numerics, WeightFile weights) {
        this.shape = shape;
        this.numerics = numerics;
        this.weights = weights;
        declareInputs();
        addRotaryTables();
    }

    /**
     * Adds the next layer; called in order.
     *
     * @param outlying whether the inputs of its last projection spread too far for eight bits; it is kept in full precision then
     */
    void add(int layer, LayerWeights w, boolean outlying) throws IOException {
        String name = "layer" + layer + ".";
        String normed = normalise(name + "input_norm", w.inputNorm());
        String packed = linear(name + "qkv", normed, Matrix.stack(w.query(), w.key(), w.value()), numerics);
        String attended = attention(name + "attended", layer, packed);
        if (layer == shape.layers() - 1) {
            attended = onlyScored(name + "scored_attention", attended);
            stream = onlyScored(name + "scored_stream", stream);
        }
        branch = linear(name + "output", attended, w.output(), numerics);
        String middle = normalise(name + "middle_norm", w.middleNorm());
        String gate = linear(name + "gate", middle, w.gate(), numerics);
        String up = linear(name + "up", middle, w.up(), numerics);
        model.node(OnnxModel.MICROSOFT, "QuickGelu", List.of(gate), List.of(name + "silu"), Map.of("alpha", 1f));
        model.node(STANDARD, "Mul", List.of(name + "silu", up), List.of(name + "inner"), Map.of());
        branch = linear(name + "down", name + "inner", w.down(), outlying ? Numerics.FP32 : numerics);
    }

    /** Adds the head; the graph is complete then. */
    byte[] finish(float[] outputNorm) {
        String hidden = normalise("output_norm", outputNorm);
        model.node(STANDARD, "MatMul", List.of(hidden, "score_columns"), List.of("scores"), Map.of());
        model.output("scores", Type.FLOAT, 1, "P", "Q");
        return model.toByteArray();
    }

    private void declareInputs() {
        model.input("embeddings", Type.FLOAT, 1, "S", shape.hidden());
        model.input("position_ids", Type.INT64, 1, "S");
        model.input("attention_bias", Type.FLOAT, 1, 1, "S", "T");
        model.input("last_key", Type.INT32, 1);
        model.input("total_length", Type.INT32);
        model.input("score_positions", Type.INT64, "P");
        model.input("score_columns", Type.FLOAT, shape.hidden(), "Q");
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (String part : List.of("key.", "value.")) {
                Object[] dimensions = {1, shape.keyValueHeads(), "C", shape.headSize()};
                model.input("past_" + part + layer, Type.FLOAT, dimensions);
                model.output("present_" + part + layer, Type.FLOAT, dimensions);
            }
        }
    }

    private void addRotaryTables() {
        int half = shape.headSize() / 2;
        float[] cosines = new float[shape.context() * half];
        float[] sines = new float[shape.context() * half];
        for (int i = 0; i < half; i++) {
            float frequency = (float) (1 / Math.pow(shape.ropeBase(), 2.0 * i / shape.headSize()));
            for (int position = 0; position < shape.context(); position++) {
                float angle = position * frequency;
                cosines[position * half + i] = (float) Math.cos(angle);
                sines[position * half + i] = (float) Math.sin(angle);
            }
        }
        model.initialise("rotary_cosines", cosines, shape.context(), half);
        model.initialise("rotary_sines", sines, shape.context(), half);
    }

    /** Adds the branch to the residual stream, where there is one, and normalises the sum. */
    private String normalise(String name, float[] weight) {
        String weightName = name + ".weight";
        model.initialise(weightName, weight, weight.length);
        if (branch.isEmpty()) {
            model.node(
                    STANDARD,
                    "SimplifiedLayerNormalization",
                    List.of(stream, weightName),
                    List.of(name),
                    Map.of("axis", -1, "stash_type", 1, "epsilon", shape.epsilon()));
            return name;
        }
        model.node(
                OnnxModel.MICROSOFT,
                "SkipSimplifiedLayerNormalization",
                List.of(stream, branch, weightName),
                List.of(name, "", "", name + ".stream"),
                Map.of("epsilon", shape.epsilon()));
        stream = name + ".stream";
        return name;
    }

    private String attention(String name, int layer, String packed) {
        List<String> inputs = List.of(
                packed,
                "",
                "",
                "past_key." + layer,
                "past_value." + layer,
                "last_key",
                "total_length",
                "rotary_cosines",
                "rotary_sines",
                "position_ids",
                "attention_bias");
        model.node(
                OnnxModel.MICROSOFT,
                "GroupQueryAttention",
                inputs,
                List.of(name, "present_key." + layer, "present_value." + layer),
                Map.of("num_heads", shape.heads(), "kv_num_heads", shape.keyValueHeads(), "do_rotary", 1));
        return name;
    }

    /** From the last attention on, only the scored positions are worth computing. */
    private String onlyScored(String name, String input) {
        model.node(STANDARD, "Gather", List.of(input, "score_positions"), List.of(name), Map.of("axis", 1));
        return name;
    }

    private String linear(String name, String input, Matrix matrix, Numerics arithmetic) throws IOException {
        String weight = name + ".weight";
        if (arithmetic == Numerics.FP32) {
            model.initialise(weight, Type.FLOAT, weights.floats(matrix), matrix.columns(), matrix.rows());
            model.node(STANDARD, "MatMul", List.of(input, weight), List.of(name), Map.of());
            return name;
        }
        String eight = input + ".int8";
        String scale = input + ".scale";
        String zero = input + ".zero";
        if (quantised.add(input)) {
            model.node(STANDARD, "DynamicQuantizeLinear", List.of(input), List.of(eight, scale, zero), Map.of());
        }
        float[] scales = new float[matrix.rows()];
        model.initialise(weight, Type.INT8, weights.int8(matrix, scales), matrix.columns(), matrix.rows());
        model.initialise(name + ".scales", scales, scales.length);
        model.node(
                OnnxModel.MICROSOFT,
                "MatMulIntegerToFloat",
                List.of(eight, weight, scale, name + ".scales", zero),
                List.of(name),
                Map.of());
        return name;
    }
}
