package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import java.util.Iterator;
import java.util.List;

/**
 * The name of a snapshot: the hash of {@code {"definition":…,"functions":[…]}} as canonical JSON, over the sorted versions, so the order
 * of publication does not matter.
 */
public final class SnapshotHash {
    private SnapshotHash() {}

    public static String of(TaskDefinition definition, List<String> versions) {
        return of(definition, versions.stream().sorted().iterator());
    }

    /** However many they are, in constant memory. @param sorted the versions */
    public static String of(TaskDefinition definition, Iterator<String> sorted) {
        CanonicalJson.Digest digest = new CanonicalJson.Digest();
        digest.add("{\"definition\":" + CanonicalJson.of(definition) + ",\"functions\":[");
        for (String separator = ""; sorted.hasNext(); separator = ",") {
            digest.add(separator + CanonicalJson.of(sorted.next()));
        }
        digest.add("]}");
        return digest.hash();
    }
}
