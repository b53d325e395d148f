package io.logicdistillation.runtime;

import io.logicdistillation.runtime.FunctionRuntimeContract.Hostile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The hostile samples, {@code hostile-LANGUAGE.txt}: programs under headings that start with four slashes and the kind. */
final class HostilePrograms {

    private HostilePrograms() {}

    static List<Hostile> in(String language) {
        return Arrays.stream(text("hostile-" + language + ".txt").split("(?m)^//// "))
                .skip(1)
                .map(section -> section.split("\n", 2))
                .map(parts -> new Hostile(parts[0], parts[1].stripTrailing()))
                .toList();
    }

    private static String text(String name) {
        try (InputStream resource = Objects.requireNonNull(HostilePrograms.class.getResourceAsStream(name), name)) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
