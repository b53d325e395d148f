package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Student;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A student with what the registry keeps beside it. @param manifest the manifest's text exactly as it came */
record StudentRow(
        Student student, String manifest, @Nullable String adapterSha256, String activationsSha256) {
    /** SHA-256 of what lies in the store for it; the manifest's own is the student's id. */
    Set<String> files() {
        return Stream.of(student.id().substring("sha256:".length()), adapterSha256, activationsSha256)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }
}
