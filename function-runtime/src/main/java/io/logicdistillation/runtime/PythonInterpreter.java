package io.logicdistillation.runtime;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the interpreter that Python functions run in. */
final class PythonInterpreter {

    /** Where images and distributions have it, whatever the environment says. */
    private static final List<String> USUAL_PLACES = List.of("/usr/local/bin/python3", "/usr/bin/python3");

    private static final int PATIENCE_SECONDS = 10;
    /** A shell script, such as a version manager puts on the path, is no interpreter; it tells which one it starts. */
    private static final String QUESTION = """
            import sys
            print(sys.executable if sys.version_info >= (3, 10) and sys.platform == 'linux' else '')
            """;

    private PythonInterpreter() {}

    /**
     * Looks for an interpreter.
     *
     * @param setting its path; empty to look in the usual places
     * @throws Missing if there is none that is fit
     */
    static Path find(String setting) throws Missing {
        Stream<String> candidates = setting.isBlank() ? candidates() : Stream.of(setting.strip());
        return candidates
                .filter(candidate -> Files.isExecutable(Path.of(candidate)))
                .map(PythonInterpreter::ask)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new Missing(
                        setting.isBlank()
                                ? "no python3 of version 3.10 or newer was found on this machine"
                                : "'" + setting.strip() + "' is not a Python of version 3.10 or newer on Linux"));
    }

    private static Stream<String> candidates() {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.concat(
                        USUAL_PLACES.stream(),
                        Arrays.stream(path.split(File.pathSeparator))
                                .filter(folder -> folder.startsWith("/"))
                                .map(folder -> folder + "/python3"))
                .distinct();
    }

    private static @Nullable Path ask(String candidate) {
        try {
            Process process = new ProcessBuilder(candidate, "-S", "-s", "-B", "-c", QUESTION)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return null;
            }
            String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return answer.isEmpty() ? null : Path.of(answer);
        } catch (IOException notStarted) {
            return null;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** There is no interpreter to run Python functions in; the message says why. */
    static final class Missing extends Exception {

        private static final long serialVersionUID = 1;

        Missing(String why) {
            super(why);
        }
    }
}
