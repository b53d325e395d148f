package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.Bans;
import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.SnapshotSignature;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Nothing: the drafts are to be published. Or a snapshot as another installation gave it out: it is to be imported.
 *
 * @param number, active, publishedAt, bans say how things stood elsewhere, and mean nothing here
 */
record PublicationRequest(
        @Nullable String snapshot,
        @Nullable String task,
        @Nullable Integer number,
        @Nullable Boolean active,
        @Nullable Instant publishedAt,
        @Nullable TaskDefinition definition,
        @Nullable List<PublishedFunction> functions,
        @Nullable Bans bans,
        @Nullable SnapshotSignature signature) {
    /** A snapshot whose content is what its hash says. */
    record Foreign(String hash, TaskDefinition definition, List<FunctionDefinition> functions) {}

    boolean isImport() {
        return snapshot != null || definition != null || functions != null || signature != null;
    }

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} if anything is missing or is not what its hash says */
    Foreign foreign(String taskInAddress) {
        TaskDefinition given = definition;
        List<PublishedFunction> listed = functions;
        if (snapshot == null || given == null || listed == null) {
            throw invalid("missing", "An import needs snapshot, definition, functions and signature");
        }
        if (!given.name().equals(taskInAddress)) {
            throw invalid("task", "The snapshot is one of task '" + given.name() + "'");
        }
        List<FunctionDefinition> definitions =
                listed.stream().map(PublicationRequest::definition).toList();
        List<String> versions = definitions.stream().map(CanonicalJson::hash).toList();
        if (definitions.stream().map(FunctionDefinition::name).distinct().count() != definitions.size()) {
            throw invalid("content-hash", "Two functions of the snapshot have one name");
        }
        if (!versions.equals(listed.stream().map(PublishedFunction::version).toList())
                || !SnapshotHash.of(given, versions).equals(snapshot)) {
            throw invalid("content-hash", "The content is not the one that the snapshot's hash names");
        }
        return new Foreign(snapshot, given, definitions);
    }

    private static FunctionDefinition definition(PublishedFunction function) {
        if (function == null) {
            throw invalid("missing", "A function is null");
        }
        return new FunctionDefinition(
                function.name(),
                function.stage(),
                function.handle(),
                function.manual(),
                function.language(),
                function.source(),
                function.tests(),
                function.pinned());
    }

    static PlatformException invalid(String cause, String detail) {
        return new PlatformException(ProblemType.INVALID_REQUEST, detail, Map.of("cause", cause));
    }
}
