package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.web.multipart.MultipartFile;

/** Whether the files of an upload are those that the manifest promises, and of the kind that the engine can merge. */
final class PackageCheck {
    private static final Pattern ADAPTER_TENSOR = Pattern.compile(".+\\.lora_([AB])\\.weight");
    private static final Pattern ACTIVATION_TENSOR = Pattern.compile("layers\\.\\d{1,4}\\.(qkv|gate_up|down)");
    private static final Set<String> ADAPTER_TYPES = Set.of("F16", "BF16", "F32");

    private PackageCheck() {}

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} */
    static void adapter(MultipartFile part, StudentManifest.File promised, StudentManifest.Lora lora)
            throws IOException {
        for (Safetensors.Tensor tensor : read("adapter", part, promised).tensors()) {
            Matcher name = ADAPTER_TENSOR.matcher(tensor.name());
            boolean sane = name.matches()
                    && ADAPTER_TYPES.contains(tensor.type())
                    && tensor.shape().size() == 2
                    && tensor.shape().get(name.group(1).equals("A") ? 0 : 1) == lora.rank();
            if (!sane) {
                throw invalid(
                        "adapter", "has a tensor that is no LoRA matrix of rank " + lora.rank() + ": " + tensor.name());
            }
        }
    }

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} */
    static void activations(MultipartFile part, StudentManifest.File promised) throws IOException {
        for (Safetensors.Tensor tensor : read("activations", part, promised).tensors()) {
            boolean sane = ACTIVATION_TENSOR.matcher(tensor.name()).matches()
                    && tensor.type().equals("F32")
                    && tensor.shape().size() == 1;
            if (!sane) {
                throw invalid("activations", "has a tensor that is no vector of activation maxima: " + tensor.name());
            }
        }
    }

    private static Safetensors read(String name, MultipartFile part, StudentManifest.File promised) throws IOException {
        if (part.getSize() != promised.bytes()) {
            throw invalid(name, "has " + part.getSize() + " bytes, the manifest says " + promised.bytes());
        }
        try (InputStream bytes = part.getInputStream()) {
            if (!Sha256.copying(bytes, OutputStream.nullOutputStream()).equals(promised.sha256())) {
                throw invalid(name, "does not have the SHA-256 that the manifest says");
            }
        }
        try (InputStream bytes = part.getInputStream()) {
            return Safetensors.read(name, bytes, part.getSize());
        }
    }

    private static PlatformException invalid(String part, String what) {
        return new PlatformException(ProblemType.INVALID_REQUEST, "The part '" + part + "' " + what);
    }
}
