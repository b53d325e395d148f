package io.logicdistillation.inference.engine;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * One student's graph inside ONNX Runtime, fed from buffers outside the heap that are kept between runs.
 *
 * <p>Not thread-safe; the holder of the model's turn uses it.
 */
final class DecoderSession implements AutoCloseable {
    private static final float MASKED = -1e9f;
    private static final Set<String> SCORES = Set.of("scores");

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final BaseModel base;
    private final OrtSession session;
    private final Scratch embeddings = new Scratch();
    private final Scratch positions = new Scratch();
    private final Scratch bias = new Scratch();
    private final Scratch scored = new Scratch();
    private final Scratch columns = new Scratch();
    private final Scratch lengths = new Scratch();

    private DecoderSession(BaseModel base, OrtSession session) {
        this.base = base;
        this.session = session;
    }

    static DecoderSession open(BaseModel base, Path graph, int threads) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            // Waiting threads spin within a run, which is made of hundreds of short steps, and sleep between runs.
            options.addConfigEntry("session.intra_op.allow_spinning", "1");
            options.addConfigEntry("session.force_spinning_stop", "1");
            // Every call has its own shapes; patterns kept for each of them would pile up.
            options.setMemoryPatternOptimization(false);
            return new DecoderSession(base, OrtEnvironment.getEnvironment().createSession(graph.toString(), options));
        } catch (OrtException e) {
            throw failed("cannot load the converted student " + graph, e);
        }
    }

    Workspace newWorkspace(int capacity) {
        try {
            return new Workspace(environment, base.shape(), capacity);
        } catch (OrtException e) {
            throw failed("cannot prepare buffers", e);
        }
    }

    /**
     * Runs the new tokens over the first {@code cached} tokens of the workspace and leaves their keys and values behind
     * those.
     *
     * @return logits, a row per scored token and a column per answer
     */
    float[] run(Workspace workspace, int cached, NewTokens tokens, int[] answers) {
        int count = tokens.length();
        int total = cached + count;
        int hidden = base.shape().hidden();
        Map<String, OnnxTensor> inputs = new HashMap<>(workspace.past());
        Map<String, OnnxTensor> own = new HashMap<>();
        try {
            FloatBuffer embedded = embeddings.floats(count * hidden);
            base.embed(tokens.ids(), embedded);
            own.put("embeddings", tensor(embedded.flip(), 1, count, hidden));
            own.put("position_ids", tensor(longs(positions, tokens.positions()), 1, count));
            own.put("attention_bias", tensor(bias(tokens, cached), 1, 1, count, total));
            IntBuffer both = lengths.bytes(2 * Integer.BYTES)
                    .asIntBuffer()
                    .put(0, total - 1)
                    .put(1, total);
            own.put("last_key", OnnxTensor.createTensor(environment, both.slice(0, 1), new long[] {1}));
            own.put("total_length", OnnxTensor.createTensor(environment, both.slice(1, 1), new long[] {}));
            own.put("score_positions", tensor(longs(scored, tokens.scored()), tokens.scored().length));
            FloatBuffer head = columns.floats(hidden * answers.length);
            base.headColumns(answers, head);
            own.put("score_columns", tensor(head, hidden, answers.length));
            inputs.putAll(own);
            try (OrtSession.Result result = session.run(inputs, SCORES, workspace.present())) {
                float[] scores = new float[tokens.scored().length * answers.length];
                ((OnnxTensor) result.get("scores").orElseThrow())
                        .getFloatBuffer()
                        .get(scores);
                return scores;
            }
        } catch (OrtException e) {
            throw failed("the model did not run", e);
        } finally {
            own.values().forEach(OnnxTensor::close);
        }
    }

    private FloatBuffer bias(NewTokens tokens, int cached) {
        int count = tokens.length();
        int total = cached + count;
        MemorySegment rows = bias.segment((long) count * total * Float.BYTES).fill((byte) 0);
        for (int row = 0; row < count; row++) {
            long at = (long) row * total + cached;
            for (int column = 0; column < row; column++) {
                if (!tokens.sees(row, column)) {
                    rows.setAtIndex(ValueLayout.JAVA_FLOAT, at + column, MASKED);
                }
            }
        }
        return rows.asByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    private static LongBuffer longs(Scratch scratch, int[] values) {
        LongBuffer buffer = scratch.bytes((long) values.length * Long.BYTES).asLongBuffer();
        for (int value : values) {
            buffer.put(value);
        }
        return buffer.flip();
    }

    private OnnxTensor tensor(FloatBuffer buffer, long... dimensions) throws OrtException {
        return OnnxTensor.createTensor(environment, buffer, dimensions);
    }

    private OnnxTensor tensor(LongBuffer buffer, long... dimensions) throws OrtException {
        return OnnxTensor.createTensor(environment, buffer, dimensions);
    }

    private static EngineException failed(String what, OrtException cause) {
        return new EngineException(EngineException.Kind.RUNTIME, what, cause);
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw failed("the session did not close", e);
        }
    }

    /** Memory outside the heap that grows to the largest size ever asked for; freed with its owner. */
    private static final class Scratch {
        private MemorySegment memory = MemorySegment.NULL;

        MemorySegment segment(long bytes) {
            if (memory.byteSize() < bytes) {
                memory = Arena.ofAuto().allocate(Math.max(bytes, 2 * memory.byteSize()), 64);
            }
            return memory.asSlice(0, bytes);
        }

        ByteBuffer bytes(long bytes) {
            return segment(bytes).asByteBuffer().order(ByteOrder.nativeOrder());
        }

        FloatBuffer floats(int count) {
            return bytes((long) count * Float.BYTES).asFloatBuffer();
        }
    }
}
