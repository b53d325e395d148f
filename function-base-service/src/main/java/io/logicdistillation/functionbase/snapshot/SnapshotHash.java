package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import java.util.List;
import java.util.Map;

/** The name of a snapshot: over the definition and the sorted versions, so the order of publication does not matter. */
public final class SnapshotHash {
    private SnapshotHash() {}

    public static String of(TaskDefinition definition, List<String> versions) {
        return CanonicalJson.hash(Map.of(
                "definition",
                definition,
                "functions",
                versions.stream().sorted().toList()));
    }
}
