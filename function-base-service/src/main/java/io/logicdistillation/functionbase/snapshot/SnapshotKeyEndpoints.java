package io.logicdistillation.functionbase.snapshot;

import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class SnapshotKeyEndpoints {
    private final SnapshotKeys keys;

    SnapshotKeyEndpoints(SnapshotKeys keys) {
        this.keys = keys;
    }

    /** The public keys that snapshots are checked against; the one that signs here comes first. */
    @GetMapping("/v1/snapshot-keys")
    List<SnapshotKeys.Shown> list() {
        return keys.shown();
    }
}
