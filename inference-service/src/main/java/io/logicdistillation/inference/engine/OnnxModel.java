package io.logicdistillation.inference.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/**
 * The part of the ONNX format that the engine writes, as messages of protocol buffers. Twelve kinds of fields do not
 * pay for a compiler of their own in the build; the numbers are those of the format's public definition.
 */
final class OnnxModel {
    static final String MICROSOFT = "com.microsoft";

    private static final int IR_VERSION = 10;
    private static final int OPERATORS_VERSION = 21;

    private final ProtoMessage graph = new ProtoMessage().put(2, "decoder");

    /** The element types in use. */
    enum Type {
        FLOAT(1),
        INT8(3),
        INT32(6),
        INT64(7);

        private final int number;

        Type(int number) {
            this.number = number;
        }
    }

    /** Where a large initialiser lies: in another file beside the graph. */
    record External(String file, long offset, long length) {}

    /** Adds a node named after its first output; an input or output that is left out is an empty string. */
    void node(
            String domain,
            String type,
            List<String> inputs,
            List<String> outputs,
            Map<String, ? extends Number> attributes) {
        ProtoMessage node = new ProtoMessage();
        inputs.forEach(input -> node.put(1, input));
        outputs.forEach(output -> node.put(2, output));
        node.put(3, outputs.getFirst()).put(4, type).put(7, domain);
        attributes.forEach((name, value) -> node.put(5, attribute(name, value)));
        graph.put(1, node);
    }

    private static ProtoMessage attribute(String name, Number value) {
        ProtoMessage attribute = new ProtoMessage().put(1, name);
        return value instanceof Float real
                ? attribute.put(2, real.floatValue()).put(20, 1)
                : attribute.put(3, value.longValue()).put(20, 2);
    }

    /** Adds a small initialiser, kept in the graph's own file. */
    void initialise(String name, float[] values, int... dimensions) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        graph.put(5, tensor(name, Type.FLOAT, dimensions).put(9, bytes.array()));
    }

    void initialise(String name, Type type, External external, int... dimensions) {
        graph.put(
                5,
                tensor(name, type, dimensions)
                        .put(13, entry("location", external.file()))
                        .put(13, entry("offset", Long.toString(external.offset())))
                        .put(13, entry("length", Long.toString(external.length())))
                        .put(14, 1));
    }

    private static ProtoMessage tensor(String name, Type type, int... dimensions) {
        ProtoMessage tensor = new ProtoMessage();
        for (int dimension : dimensions) {
            tensor.put(1, dimension);
        }
        return tensor.put(2, type.number).put(8, name);
    }

    private static ProtoMessage entry(String key, String value) {
        return new ProtoMessage().put(1, key).put(2, value);
    }

    /** Declares an input; a dimension is a number, or a name if it is free. */
    void input(String name, Type type, Object... dimensions) {
        graph.put(11, value(name, type, dimensions));
    }

    void output(String name, Type type, Object... dimensions) {
        graph.put(12, value(name, type, dimensions));
    }

    private static ProtoMessage value(String name, Type type, Object... dimensions) {
        ProtoMessage shape = new ProtoMessage();
        for (Object dimension : dimensions) {
            ProtoMessage declared = new ProtoMessage();
            shape.put(
                    1,
                    dimension instanceof Integer fixed
                            ? declared.put(1, fixed.longValue())
                            : declared.put(2, dimension.toString()));
        }
        ProtoMessage tensor = new ProtoMessage().put(1, type.number).put(2, shape);
        return new ProtoMessage().put(1, name).put(2, new ProtoMessage().put(1, tensor));
    }

    byte[] toByteArray() {
        return new ProtoMessage()
                .put(1, IR_VERSION)
                .put(2, "logic-distillation")
                .put(7, graph)
                .put(8, new ProtoMessage().put(1, "").put(2, OPERATORS_VERSION))
                .put(8, new ProtoMessage().put(1, MICROSOFT).put(2, 1))
                .toByteArray();
    }
}
