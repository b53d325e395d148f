package io.logicdistillation.distillation.students;

import io.logicdistillation.kit.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A student's files as a worker writes them, small, and mutable where a test wants them wrong. */
public final class StudentPackage {
    static final String LORA = "base_model.model.model.layers.0.self_attn.q_proj.lora_";
    static final String ADAPTER_HEADER = """
            {"__metadata__":{"format":"pt"},"%sA.weight":{"dtype":"F16","shape":[2,8],"data_offsets":[0,32]},\
            "%sB.weight":{"dtype":"F16","shape":[8,2],"data_offsets":[32,64]}}""".formatted(LORA, LORA);
    static final String ACTIVATIONS_HEADER = """
            {"layers.0.qkv":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}""";

    static final String METRICS = """
            {"recall":{"move":{"agreement":0.97,"rows":200,"expectedCalibrationError":0.02}}}""";

    final String manifest;
    final byte[] adapter;
    final byte[] activations;

    StudentPackage(String manifest, byte[] adapter, byte[] activations) {
        this.manifest = manifest;
        this.adapter = adapter;
        this.activations = activations;
    }

    public static StudentPackage tuned(String name, String task) {
        byte[] adapter = safetensors(ADAPTER_HEADER, 64, name);
        byte[] activations = safetensors(ACTIVATIONS_HEADER, 32, "");
        return new StudentPackage(manifest(name, task, "ld", adapter, activations), adapter, activations);
    }

    public static StudentPackage untuned(String task) {
        byte[] activations = safetensors(ACTIVATIONS_HEADER, 32, "");
        return new StudentPackage(manifest("untuned", task, "untuned", null, activations), null, activations);
    }

    /** The same, of another base model. */
    public StudentPackage onBase(String name) {
        return withManifest(manifest.replace("\"name\":\"SmolLM2-135M-Instruct\"", "\"name\":\"" + name + "\""));
    }

    StudentPackage withManifest(String other) {
        return new StudentPackage(other, adapter, activations);
    }

    /** Another adapter that the manifest describes rightly. */
    StudentPackage withAdapter(byte[] other) {
        return new StudentPackage(manifest("pursuit-ld", "pursuit", "ld", other, activations), other, activations);
    }

    StudentPackage withActivations(byte[] other) {
        return new StudentPackage(manifest("pursuit-ld", "pursuit", "ld", adapter, other), adapter, other);
    }

    public String id() {
        return "sha256:" + Sha256.of(manifest);
    }

    static byte[] safetensors(String header, int data, String fill) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        byte[] tensors = Arrays.copyOf(fill.getBytes(StandardCharsets.UTF_8), data);
        return ByteBuffer.allocate(8 + text.length + data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(tensors)
                .array();
    }

    static String manifest(String name, String task, String method, byte[] adapter, byte[] activations) {
        return """
                {"format":1,"name":"%s","task":"%s","method":"%s",
                 "base":{"name":"SmolLM2-135M-Instruct","file":"SmolLM2-135M-Instruct.Q4_1.gguf","sha256":"%s"},
                 "files":{"adapter":%s,"activations":%s},
                 "lora":%s,"prompt":{"format":"set-v1","longestEntry":48},"preferredWay":"recall",
                 "knownEntries":[],"calibration":{},"training":{"seed":7},"metrics":%s}
                """.formatted(
                        name,
                        task,
                        method,
                        "0".repeat(64),
                        file("adapter.safetensors", adapter),
                        file("activations.safetensors", activations),
                        adapter == null ? "null" : "{\"rank\":2,\"alpha\":4}",
                        adapter == null ? "{}" : METRICS);
    }

    private static String file(String path, byte[] bytes) {
        return bytes == null
                ? "null"
                : "{\"path\":\"%s\",\"sha256\":\"%s\",\"bytes\":%d}".formatted(path, Sha256.of(bytes), bytes.length);
    }

    /** As a multipart body with the boundary {@code xyz}. */
    public byte[] body() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        part(body, "manifest", manifest.getBytes(StandardCharsets.UTF_8));
        if (adapter != null) {
            part(body, "adapter", adapter);
        }
        if (activations != null) {
            part(body, "activations", activations);
        }
        body.writeBytes("--xyz--\r\n".getBytes(StandardCharsets.UTF_8));
        return body.toByteArray();
    }

    private static void part(ByteArrayOutputStream body, String name, byte[] bytes) {
        body.writeBytes(("--xyz\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"" + name
                        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        body.writeBytes(bytes);
        body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    }
}
