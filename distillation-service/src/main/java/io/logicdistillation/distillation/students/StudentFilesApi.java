package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** A student's files over HTTP: checked against their hash before the first byte leaves, and never different later. */
@RestController
class StudentFilesApi {
    private static final CacheControl FOREVER =
            CacheControl.maxAge(Duration.ofDays(365)).cachePrivate().immutable();

    private final Students students;
    private final ArtifactStore store;

    StudentFilesApi(Students students, ArtifactStore store) {
        this.students = students;
        this.store = store;
    }

    @GetMapping("/v1/students/{student}/files/{file}")
    ResponseEntity<Resource> file(@PathVariable String student, @PathVariable String file) {
        StudentRow row = students.find(Caller.current().tenant(), student, null);
        String sha256 = hashOf(row, file);
        if (sha256 == null) {
            throw new PlatformException(ProblemType.NOT_FOUND, "The student has no file '" + file + "'");
        }
        return ResponseEntity.ok()
                .contentType(file.equals("manifest") ? MediaType.APPLICATION_JSON : MediaType.APPLICATION_OCTET_STREAM)
                .cacheControl(FOREVER)
                .eTag('"' + sha256 + '"')
                .header(
                        "Repr-Digest",
                        "sha-256=:"
                                + Base64.getEncoder()
                                        .encodeToString(HexFormat.of().parseHex(sha256)) + ":")
                .body(store.verified(sha256));
    }

    private static @Nullable String hashOf(StudentRow row, String file) {
        return switch (file) {
            case "manifest" -> row.student().id().substring("sha256:".length());
            case "adapter" -> row.adapterSha256();
            case "activations" -> row.activationsSha256();
            default -> null;
        };
    }
}
