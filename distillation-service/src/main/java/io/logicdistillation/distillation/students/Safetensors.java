package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The header of a safetensors file, checked against the file's size: a reader that trusts it never reads past the end, and no
 * byte lies unclaimed between the tensors.
 *
 * @param tensors in the order of their data
 */
record Safetensors(List<Tensor> tensors) {
    private static final int LENGTH_BYTES = 8;
    private static final long LARGEST_HEADER = 8L << 20;
    private static final int MOST_TENSORS = 100_000;
    private static final Map<String, Integer> ELEMENT_BYTES = Map.ofEntries(
            Map.entry("BOOL", 1),
            Map.entry("U8", 1),
            Map.entry("I8", 1),
            Map.entry("F8_E5M2", 1),
            Map.entry("F8_E4M3", 1),
            Map.entry("U16", 2),
            Map.entry("I16", 2),
            Map.entry("F16", 2),
            Map.entry("BF16", 2),
            Map.entry("U32", 4),
            Map.entry("I32", 4),
            Map.entry("F32", 4),
            Map.entry("U64", 8),
            Map.entry("I64", 8),
            Map.entry("F64", 8));
    private static final JsonMapper JSON = JsonMapper.shared();

    Safetensors {
        tensors = List.copyOf(tensors);
    }

    /** @param begin first byte of the data, counted from the end of the header */
    record Tensor(String name, String type, List<Long> shape, long begin, long end) {}

    /**
     * @param part what the file is called in problems
     * @param size of the whole file
     * @throws PlatformException {@link ProblemType#INVALID_REQUEST} if the header is not sane
     */
    static Safetensors read(String part, InputStream file, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw invalid(part, "is too short to be a safetensors file");
        }
        DataInputStream data = new DataInputStream(file);
        long length = Long.reverseBytes(data.readLong());
        if (length < 2 || length > LARGEST_HEADER || length > size - LENGTH_BYTES) {
            throw invalid(part, "has a header length that can not be");
        }
        byte[] header = data.readNBytes((int) length);
        Safetensors found = new Safetensors(tensors(part, header));
        found.requireGapless(part, size - LENGTH_BYTES - length);
        return found;
    }

    private static List<Tensor> tensors(String part, byte[] header) {
        JsonNode root;
        try {
            root = JSON.readTree(header);
        } catch (JacksonException malformed) {
            throw invalid(part, "has a header that is not JSON");
        }
        if (!root.isObject() || root.size() > MOST_TENSORS) {
            throw invalid(part, "has a header that is not an object of tensors");
        }
        List<Tensor> tensors = new ArrayList<>();
        root.properties().forEach(entry -> {
            if (!entry.getKey().equals("__metadata__")) {
                tensors.add(tensor(part, entry.getKey(), entry.getValue()));
            }
        });
        tensors.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
        return tensors;
    }

    private static Tensor tensor(String part, String name, JsonNode description) {
        JsonNode type = description.path("dtype");
        JsonNode offsets = description.path("data_offsets");
        JsonNode dimensions = description.path("shape");
        if (!type.isString() || !ELEMENT_BYTES.containsKey(type.stringValue())) {
            throw invalid(part, "has a tensor of unknown type: " + name);
        }
        if (!dimensions.isArray() || !offsets.isArray() || offsets.size() != 2) {
            throw invalid(part, "has a tensor without shape or place: " + name);
        }
        List<Long> shape = new ArrayList<>();
        long bytes = ELEMENT_BYTES.get(type.stringValue());
        try {
            for (JsonNode dimension : dimensions) {
                long value = dimension.longValue();
                if (value < 0) {
                    throw invalid(part, "has a tensor of negative shape: " + name);
                }
                bytes = Math.multiplyExact(bytes, value);
                shape.add(value);
            }
            long begin = offsets.get(0).longValue();
            long end = offsets.get(1).longValue();
            if (begin < 0 || Math.subtractExact(end, begin) != bytes) {
                throw invalid(part, "has a tensor whose place does not fit its shape: " + name);
            }
            return new Tensor(name, type.stringValue(), List.copyOf(shape), begin, end);
        } catch (ArithmeticException | JacksonException absurd) {
            throw invalid(part, "has a tensor of absurd shape or place: " + name);
        }
    }

    private void requireGapless(String part, long dataBytes) {
        long reached = 0;
        for (Tensor tensor : tensors) {
            if (tensor.begin() != reached) {
                throw invalid(part, "has tensors that overlap or leave a gap at " + tensor.name());
            }
            reached = tensor.end();
        }
        if (tensors.isEmpty() || reached != dataBytes) {
            throw invalid(part, "has data of another length than its header says");
        }
    }

    private static PlatformException invalid(String part, String what) {
        return new PlatformException(ProblemType.INVALID_REQUEST, "The part '" + part + "' " + what);
    }
}
