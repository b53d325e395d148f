package io.logicdistillation.inference.engine;

import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A student on disk, read and verified: manifest, adapter and activation maxima.
 *
 * @param id {@code sha256:} and the hash of the manifest's bytes
 * @param adapter absent for a student that was never trained
 */
public record StudentPackage(
        String id, StudentManifest manifest, @Nullable Path adapter, Path activations) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /**
     * Reads a package folder; every file it names must have the size and the SHA-256 that the manifest says.
     *
     * @throws EngineException of kind STUDENT_PACKAGE
     */
    public static StudentPackage load(Path folder) {
        Path manifestFile = folder.resolve("manifest.json");
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(manifestFile);
        } catch (IOException e) {
            throw refused("cannot read " + manifestFile, e);
        }
        StudentManifest manifest = parse(bytes);
        StudentManifest.PackagedFile adapter = manifest.files().adapter();
        return new StudentPackage(
                "sha256:" + Sha256.of(bytes),
                manifest,
                adapter == null ? null : verified(folder, adapter),
                verified(folder, manifest.files().activations()));
    }

    /**
     * Checks a manifest on its own, as an import does before it stores anything.
     *
     * @throws EngineException of kind STUDENT_PACKAGE
     */
    public static StudentManifest parse(byte[] manifest) {
        StudentManifest parsed;
        try {
            parsed = JSON.readValue(manifest, StudentManifest.class);
        } catch (JacksonException e) {
            throw refused("the manifest does not parse: " + e.getOriginalMessage(), e);
        }
        String complaint = parsed == null ? "it is empty" : parsed.complaint();
        if (parsed == null || complaint != null) {
            throw refused("the manifest is not one that this engine serves: " + complaint, null);
        }
        return parsed;
    }

    private static Path verified(Path folder, StudentManifest.PackagedFile file) {
        Path path = folder.resolve(file.path()).normalize();
        if (!path.startsWith(folder.normalize())) {
            throw refused(file.path() + " lies outside the package", null);
        }
        String actual;
        try {
            actual = Sha256.of(path);
        } catch (IOException e) {
            throw refused("cannot read " + path, e);
        }
        if (!actual.equals(file.sha256())) {
            throw refused(
                    "%s is damaged: its SHA-256 is %s, the manifest says %s".formatted(path, actual, file.sha256()),
                    null);
        }
        return path;
    }

    private static EngineException refused(String message, @Nullable Throwable cause) {
        return new EngineException(EngineException.Kind.STUDENT_PACKAGE, message, cause);
    }
}
