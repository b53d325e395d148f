package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.SnapshotSignature;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.function.StoredFunction;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.snapshot.SnapshotHeader;
import io.logicdistillation.functionbase.snapshot.SnapshotKeys;
import io.logicdistillation.functionbase.task.DefinitionCheck;
import io.logicdistillation.kit.NdjsonReader;
import io.logicdistillation.kit.ProblemAdvice;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Reads the lines of an import and checks what can be checked of one line alone. Thread-safe. */
@Component
class Lines {
    /** A function with the longest source, or a definition: as much as a request has that is no import. */
    private static final int LONGEST_LINE = 1 << 20;

    private final JsonMapper json;
    private final SnapshotKeys keys;

    Lines(JsonMapper json, SnapshotKeys keys) {
        this.json = json;
        this.keys = keys;
    }

    /** A line that can not be used. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient LineFault fault;

        Unusable(long line, String cause, String message) {
            super(message, null, false, false);
            this.fault = new LineFault(line, cause, message);
        }

        LineFault fault() {
            return fault;
        }
    }

    NdjsonReader reader(InputStream body) {
        return new NdjsonReader(body, 1, LONGEST_LINE);
    }

    /**
     * The first line.
     *
     * @throws PlatformException {@code invalid-request} if it is missing, is not of this task, or nobody trusted vouches for it
     */
    ImportStore.Content header(String task, NdjsonReader reader) throws IOException {
        NdjsonReader.Line line = reader.next();
        if (line == null || line.isBlank()) {
            throw LineFault.problem(1, "missing", "The first line says which snapshot it is; there is none");
        }
        SnapshotHeader header;
        try {
            header = read(line, SnapshotHeader.class);
        } catch (Unusable unusable) {
            throw LineFault.problem(List.of(unusable.fault()));
        }
        String snapshot = header.snapshot();
        TaskDefinition definition = header.definition();
        Integer functions = header.functions();
        SnapshotSignature signature = header.signature();
        if (snapshot == null || definition == null || functions == null || functions < 1) {
            throw LineFault.problem(
                    1, "missing", "The first line needs snapshot, functions (their number), definition and signature");
        }
        if (!definition.name().equals(task)) {
            throw LineFault.problem(1, "task", "The snapshot is one of task '" + definition.name() + "'");
        }
        if (!keys.vouches(signature, snapshot)) {
            throw LineFault.problem(
                    1,
                    "signature",
                    "No trusted key vouches for this snapshot; an operator adds the public key of who published it");
        }
        try {
            return new ImportStore.Content(task, snapshot, DefinitionCheck.require(definition), functions);
        } catch (PlatformException flawed) {
            Map<String, Object> extensions = new LinkedHashMap<>(flawed.extensions());
            extensions.put("line", 1);
            extensions.put("cause", "definition");
            throw new PlatformException(flawed.type(), String.valueOf(flawed.getMessage()), extensions);
        }
    }

    /** @throws Unusable if it is no function of the task, or not the one that its version names */
    Staged function(NdjsonReader.Line line, TaskDefinition task) throws Unusable {
        PublishedFunction published = read(line, PublishedFunction.class);
        FunctionDefinition function;
        String version;
        try {
            function = new StoredFunction(0, published).definition();
            version = CanonicalJson.hash(function);
        } catch (PlatformException misshapen) {
            throw new Unusable(line.number(), "function", String.valueOf(misshapen.getMessage()));
        }
        if (task.stages().stream().noneMatch(stage -> stage.name().equals(function.stage()))) {
            throw new Unusable(
                    line.number(),
                    "unknown-stage",
                    "Function '" + function.name() + "' is of stage '" + function.stage()
                            + "', which the task has not");
        }
        if (!version.equals(published.version())) {
            throw new Unusable(
                    line.number(),
                    "content-hash",
                    "Function '" + function.name() + "' is not the one that its version names");
        }
        return new Staged((int) line.number(), version, function);
    }

    private <T> T read(NdjsonReader.Line line, Class<T> type) throws Unusable {
        String text = line.text();
        if (text == null) {
            throw new Unusable(line.number(), "line", "It " + line.fault());
        }
        try {
            @Nullable T value = json.readValue(text, type);
            if (value == null) {
                throw new Unusable(line.number(), "malformed-json", "It is null");
            }
            return value;
        } catch (JacksonException unreadable) {
            PlatformException problem = ProblemAdvice.problem(unreadable);
            throw new Unusable(
                    line.number(),
                    problem.type() == ProblemType.MALFORMED_JSON
                            ? "malformed-json"
                            : type == SnapshotHeader.class ? "definition" : "function",
                    String.valueOf(problem.getMessage()));
        }
    }
}
