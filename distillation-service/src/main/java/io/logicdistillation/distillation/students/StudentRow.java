package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Student;
import org.jspecify.annotations.Nullable;

/** A student with what the registry keeps beside it. @param manifest the manifest's text exactly as it came */
record StudentRow(
        Student student, String manifest, @Nullable String adapterSha256, String activationsSha256) {}
