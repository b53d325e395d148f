package io.logicdistillation.inference.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One decoder layer on its way from the base model's file to a student's graph. */
record LayerWeights(
        float[] inputNorm,
        Matrix query,
        Matrix key,
        Matrix value,
        Matrix output,
        float[] middleNorm,
        Matrix gate,
        Matrix up,
        Matrix down) {
    private static final float SMALLEST = 1e-5f;

    static LayerWeights read(Gguf file, ModelShape shape, int layer) {
        String name = "blk." + layer + ".";
        return new LayerWeights(
                file.tensor(name + "attn_norm.weight").read(),
                Matrix.of(file.tensor(name + "attn_q.weight")).withHalvesApart(shape.heads()),
                Matrix.of(file.tensor(name + "attn_k.weight")).withHalvesApart(shape.keyValueHeads()),
                Matrix.of(file.tensor(name + "attn_v.weight")),
                Matrix.of(file.tensor(name + "attn_output.weight")),
                file.tensor(name + "ffn_norm.weight").read(),
                Matrix.of(file.tensor(name + "ffn_gate.weight")),
                Matrix.of(file.tensor(name + "ffn_up.weight")),
                Matrix.of(file.tensor(name + "ffn_down.weight")));
    }

    void merge(@Nullable Safetensors adapter, StudentManifest.@Nullable Lora lora, int layer) {
        if (adapter == null || lora == null) {
            return;
        }
        String name = "base_model.model.model.layers." + layer + ".";
        merge(adapter, lora, name + "self_attn.q_proj", query);
        merge(adapter, lora, name + "self_attn.k_proj", key);
        merge(adapter, lora, name + "self_attn.v_proj", value);
        merge(adapter, lora, name + "self_attn.o_proj", output);
        merge(adapter, lora, name + "mlp.gate_proj", gate);
        merge(adapter, lora, name + "mlp.up_proj", up);
        merge(adapter, lora, name + "mlp.down_proj", down);
    }

    private static void merge(Safetensors adapter, StudentManifest.Lora lora, String name, Matrix weight) {
        float[] a = adapter.read(name + ".lora_A.weight", lora.rank(), weight.columns());
        float[] b = adapter.read(name + ".lora_B.weight", weight.rows(), lora.rank());
        weight.addProduct(b, a, lora.rank(), (float) (lora.alpha() / lora.rank()));
    }

    /**
     * SmoothQuant (arXiv 2211.10438) with alpha 0.5: moves the size of large activations into the weights that read
     * them, so that eight bits per activation suffice. Changes nothing in exact arithmetic.
     *
     * @return how many times the median the largest input of the last projection still is: eight bits for all of a run's
     *     activations are too few where one stands far above the others
     */
    double smooth(Safetensors activations, int layer) {
        String name = "layers." + layer + ".";
        float[] attention = factors(activations.read(name + "qkv", query.columns()), query, key, value);
        divide(inputNorm, attention);
        query.multiplyColumns(attention);
        key.multiplyColumns(attention);
        value.multiplyColumns(attention);
        float[] middle = factors(activations.read(name + "gate_up", gate.columns()), gate, up);
        divide(middleNorm, middle);
        gate.multiplyColumns(middle);
        up.multiplyColumns(middle);
        float[] largest = activations.read(name + "down", down.columns());
        float[] inner = factors(largest, down);
        up.divideRows(inner);
        down.multiplyColumns(inner);
        divide(largest, inner);
        Arrays.sort(largest);
        return largest[largest.length - 1] / Math.max(largest[largest.length / 2], SMALLEST);
    }

    private static void divide(float[] values, float[] divisors) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= divisors[i];
        }
    }

    private static float[] factors(float[] activation, Matrix... readers) {
        float[] weight = new float[activation.length];
        for (Matrix reader : readers) {
            reader.raiseToColumnMaxima(weight);
        }
        float[] factors = new float[activation.length];
        for (int i = 0; i < factors.length; i++) {
            float ratio = Math.max(activation[i], SMALLEST) / Math.max(weight[i], SMALLEST);
            factors[i] = Math.max((float) Math.sqrt(ratio), 10 * SMALLEST);
        }
        return factors;
    }
}
