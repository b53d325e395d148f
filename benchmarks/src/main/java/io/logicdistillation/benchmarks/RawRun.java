package io.logicdistillation.benchmarks;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The reference: nothing but {@code OrtSession.run} on a student's graph, every tensor built beforehand, keys and values
 * written in place.
 */
final class RawRun implements AutoCloseable {
    private static final String PAST = "past_";
    private static final Set<String> SCORES = Set.of("scores");

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    RawRun(Path graph, int threads) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "1");
            options.addConfigEntry("session.force_spinning_stop", "1");
            options.setMemoryPatternOptimization(false);
            this.session = environment.createSession(graph.toString(), options);
        }
    }

    /** A call of this shape, ready to be timed. */
    Call prepare(int newTokens, int cachedTokens, int scoredPositions, int answers) throws OrtException {
        int total = newTokens + cachedTokens;
        Map<String, NodeInfo> declared = session.getInputInfo();
        int hidden = (int) dimensions(Objects.requireNonNull(declared.get("embeddings")))[2];
        Map<String, OnnxTensor> inputs = new HashMap<>();
        Map<String, OnnxTensor> present = new HashMap<>();
        LongBuffer positions = direct(newTokens * Long.BYTES).asLongBuffer();
        for (int i = 0; i < newTokens; i++) {
            positions.put(i, cachedTokens + i);
        }
        LongBuffer scored = direct(scoredPositions * Long.BYTES).asLongBuffer();
        for (int i = 0; i < scoredPositions; i++) {
            scored.put(i, newTokens - 1L - i);
        }
        inputs.put("embeddings", floats(1, newTokens, hidden));
        inputs.put("position_ids", OnnxTensor.createTensor(environment, positions, new long[] {1, newTokens}));
        inputs.put("attention_bias", floats(1, 1, newTokens, total));
        inputs.put("last_key", lengths(total - 1, new long[] {1}));
        inputs.put("total_length", lengths(total, new long[] {}));
        inputs.put("score_positions", OnnxTensor.createTensor(environment, scored, new long[] {scoredPositions}));
        inputs.put("score_columns", floats(hidden, answers));
        for (Map.Entry<String, NodeInfo> input : declared.entrySet()) {
            if (input.getKey().startsWith(PAST)) {
                long[] shape = dimensions(input.getValue());
                OnnxTensor cache = floats(1, shape[1], total, shape[3]);
                inputs.put(input.getKey(), cache);
                present.put("present_" + input.getKey().substring(PAST.length()), cache);
            }
        }
        return new Call(inputs, present);
    }

    final class Call {
        private final Map<String, OnnxTensor> inputs;
        private final Map<String, OnnxTensor> present;

        private Call(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> present) {
            this.inputs = inputs;
            this.present = present;
        }

        long nanos() throws OrtException {
            long begun = System.nanoTime();
            session.run(inputs, SCORES, present).close();
            return System.nanoTime() - begun;
        }

        float[] scores() throws OrtException {
            try (OrtSession.Result result = session.run(inputs, SCORES, present)) {
                FloatBuffer found = ((OnnxTensor) result.get("scores").orElseThrow()).getFloatBuffer();
                float[] scores = new float[found.remaining()];
                found.get(scores);
                return scores;
            }
        }
    }

    private static long[] dimensions(NodeInfo input) {
        return ((TensorInfo) input.getInfo()).getShape();
    }

    private OnnxTensor floats(long... shape) throws OrtException {
        long count = 1;
        for (long dimension : shape) {
            count *= dimension;
        }
        FloatBuffer values = direct(Math.toIntExact(count * Float.BYTES)).asFloatBuffer();
        if (shape.length != 4 || shape[1] != 1) {
            for (int i = 0; i < values.capacity(); i++) {
                values.put(i, (i * 31 % 101 - 50) / 100f);
            }
        }
        return OnnxTensor.createTensor(environment, values, shape);
    }

    private OnnxTensor lengths(int value, long[] shape) throws OrtException {
        return OnnxTensor.createTensor(
                environment, direct(Integer.BYTES).asIntBuffer().put(0, value), shape);
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
