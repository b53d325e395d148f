package io.logicdistillation.inference.timings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this runs on, in words. */
final class Machine {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    private Machine() {}

    /** The processor's name and how many of it this process may use, as far as the system tells. */
    static String name() {
        return Runtime.getRuntime().availableProcessors() + " x " + processor();
    }

    private static String processor() {
        try (Stream<String> lines = Files.lines(PROCESSORS, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.startsWith("model name") && line.contains(":"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElseGet(Machine::architecture);
        } catch (IOException elsewhere) {
            return architecture();
        }
    }

    private static String architecture() {
        return System.getProperty("os.arch") + ", " + System.getProperty("os.name");
    }
}
