package io.logicdistillation.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The programs that the function runtime's tests attack it with. */
final class HostilePrograms {
    private HostilePrograms() {}

    /**
     * @param folder with a {@code hostile-LANGUAGE.txt} for each language, with programs under headings of four slashes
     */
    static List<String> of(Path folder, String language) throws IOException {
        String all = Files.readString(folder.resolve("hostile-" + language + ".txt"));
        return Arrays.stream(all.split("(?m)^//// "))
                .skip(1)
                .map(section -> section.split("\n", 2)[1].stripTrailing())
                .toList();
    }
}
