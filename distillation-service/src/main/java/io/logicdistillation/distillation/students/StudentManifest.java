package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.WireJson;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the registry must know of a student's manifest; everything else in it (training, metrics, calibration) is kept and handed
 * out as it came.
 *
 * @param method {@code untuned} if and only if there is no adapter
 */
record StudentManifest(
        int format,
        String name,
        String task,
        String method,
        Base base,
        Files files,
        @Nullable Lora lora,
        Prompt prompt,
        String preferredWay) {
    static final int LARGEST_BYTES = 1 << 20;

    private static final int FORMAT = 1;
    private static final String UNTUNED = "untuned";
    private static final Set<String> WAYS = Set.of("recall", "reading");
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    /** Two members of one name could mean one thing here and another to the engine that reads the same bytes. */
    private static final JsonMapper JSON = WireJson.strict(JsonMapper.builder())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** @param sha256 of the base model's file, which the registry does not hold */
    record Base(String name, String file, String sha256) {
        Base {
            requireThat(name != null && !name.isBlank() && name.length() <= 200, "base.name must name the base model");
            requireThat(file != null && FILE_NAME.matcher(file).matches(), "base.file must be a plain file name");
            requireThat(isHex(sha256), "base.sha256 must be 64 hexadecimal digits");
        }
    }

    record Files(@Nullable File adapter, File activations) {
        Files {
            requireThat(activations != null, "files.activations is missing");
        }
    }

    record File(String path, String sha256, long bytes) {
        File {
            requireThat(path != null && FILE_NAME.matcher(path).matches(), "files.*.path must be a plain file name");
            requireThat(isHex(sha256), "files.*.sha256 must be 64 hexadecimal digits");
            requireThat(bytes > 0, "files.*.bytes must be positive");
        }
    }

    record Lora(int rank, double alpha) {
        Lora {
            requireThat(rank > 0 && rank <= 1024 && alpha > 0, "lora must have a positive rank and alpha");
        }
    }

    record Prompt(String format) {
        Prompt {
            requireThat(format != null && !format.isBlank(), "prompt.format is missing");
        }
    }

    StudentManifest {
        requireThat(format == FORMAT, "format must be " + FORMAT);
        Names.requireName("name", name);
        Names.requireName("task", task);
        Names.requireName("method", method);
        requireThat(base != null, "base is missing: name the model that the adapter belongs to");
        requireThat(files != null, "files is missing");
        requireThat(prompt != null, "prompt is missing");
        requireThat(WAYS.contains(String.valueOf(preferredWay)), "preferredWay must be recall or reading");
        boolean tuned = files != null && files.adapter() != null;
        requireThat(
                tuned != UNTUNED.equals(method), "a student has an adapter exactly when its method is not 'untuned'");
        requireThat(!tuned || lora != null, "lora is missing: rank and alpha of the adapter");
    }

    /** @throws PlatformException {@link ProblemType#MALFORMED_JSON} or {@link ProblemType#INVALID_REQUEST} */
    static StudentManifest parse(byte[] bytes) {
        try {
            StudentManifest manifest = JSON.readValue(bytes, StudentManifest.class);
            if (manifest == null) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "The manifest is null");
            }
            return manifest;
        } catch (JacksonException failure) {
            for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof PlatformException refusal) {
                    throw refusal;
                }
            }
            ProblemType type =
                    failure instanceof StreamReadException ? ProblemType.MALFORMED_JSON : ProblemType.INVALID_REQUEST;
            throw new PlatformException(type, "The manifest can not be read: " + failure.getOriginalMessage());
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> asMap(String manifest) {
        return JSON.readValue(manifest, Map.class);
    }

    private static boolean isHex(@Nullable String text) {
        return text != null && HEX.matcher(text).matches();
    }

    private static void requireThat(boolean condition, String otherwise) {
        if (!condition) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "The manifest is not valid: " + otherwise);
        }
    }
}
