package io.logicdistillation.inference.engine;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * The base model's byte-level BPE, built from the vocabulary and merges inside its GGUF file. Special tokens are left
 * out on purpose: whatever a state or a manual says, it is plain text to the student.
 *
 * <p>Thread-safe.
 */
final class StudentTokenizer implements AutoCloseable {
    private static final int REMEMBERED = 10_000;
    private static final int LONGEST_REMEMBERED = 2_000;

    private final HuggingFaceTokenizer tokenizer;
    private final Map<String, int[]> remembered = new ConcurrentHashMap<>();

    private StudentTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    static StudentTokenizer of(Gguf file) {
        if (!"gpt2".equals(file.text("tokenizer.ggml.model")) || !"smollm".equals(file.text("tokenizer.ggml.pre"))) {
            throw new EngineException(
                    EngineException.Kind.BASE_MODEL, "the base model's tokenizer is not the byte-level BPE of SmolLM");
        }
        byte[] definition = definition(file.texts("tokenizer.ggml.tokens"), file.texts("tokenizer.ggml.merges"));
        try {
            return new StudentTokenizer(HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(definition),
                    Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false")));
        } catch (IOException e) {
            throw new EngineException(EngineException.Kind.BASE_MODEL, "the tokenizer cannot be built", e);
        }
    }

    /** The tokens of a text that is seen once. */
    int[] tokens(String text) {
        long[] ids = tokenizer.encode(text, false, false).getIds();
        int[] tokens = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            tokens[i] = (int) ids[i];
        }
        return tokens;
    }

    /** The same for texts that come again with every request: prefixes and manual entries. Not to be changed. */
    int[] repeatedTokens(String text) {
        if (text.length() > LONGEST_REMEMBERED) {
            return tokens(text);
        }
        if (remembered.size() > REMEMBERED) {
            remembered.clear();
        }
        return remembered.computeIfAbsent(text, this::tokens);
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private static byte[] definition(List<String> vocabulary, List<String> merges) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(2 << 20);
        try (JsonGenerator json = JsonMapper.shared().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringProperty("version", "1.0");
            json.writeArrayPropertyStart("added_tokens").writeEndArray();
            json.writeName("pre_tokenizer").writeRawValue("""
                            {"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
                            {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}""");
            json.writeName("decoder")
                    .writeRawValue("{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true}");
            json.writeObjectPropertyStart("model");
            json.writeStringProperty("type", "BPE");
            json.writeObjectPropertyStart("vocab");
            Set<String> seen = new HashSet<>();
            for (int i = 0; i < vocabulary.size(); i++) {
                if (seen.add(vocabulary.get(i))) {
                    json.writeNumberProperty(vocabulary.get(i), i);
                }
            }
            json.writeEndObject();
            json.writeArrayPropertyStart("merges");
            for (String merge : merges) {
                json.writeString(merge);
            }
            json.writeEndArray().writeEndObject().writeEndObject();
        }
        return out.toByteArray();
    }
}
