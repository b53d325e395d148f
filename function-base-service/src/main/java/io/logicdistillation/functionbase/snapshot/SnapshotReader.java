package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.Bans;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.functionbase.ban.BanStore;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Snapshots as clients see them. Thread-safe. */
@Component
class SnapshotReader {
    private final TenantTransactions transactions;
    private final SnapshotStore snapshots;
    private final FunctionStore functions;
    private final BanStore bans;
    private final SnapshotKeys keys;

    SnapshotReader(
            TenantTransactions transactions,
            SnapshotStore snapshots,
            FunctionStore functions,
            BanStore bans,
            SnapshotKeys keys) {
        this.transactions = transactions;
        this.snapshots = snapshots;
        this.functions = functions;
        this.bans = bans;
        this.keys = keys;
    }

    /** @param snapshot a hash, or {@link SnapshotStore#ACTIVE}, which comes with the bans that are in force */
    Snapshot read(String tenant, String task, String snapshot) {
        return transactions.in(tenant, database -> {
            StoredSnapshot stored = snapshots.get(database, tenant, task, snapshot);
            return new Snapshot(
                    stored.hash(),
                    task,
                    stored.number(),
                    stored.active(),
                    stored.publishedAt(),
                    stored.definition(),
                    functions.ofSnapshot(database, tenant, stored.id()),
                    snapshot.equals(SnapshotStore.ACTIVE) ? everBanned(bans.inForce(database, tenant, task)) : null,
                    keys.sign(stored.hash()));
        });
    }

    private static @Nullable Bans everBanned(Bans bans) {
        return bans.revision() == 0 ? null : bans;
    }

    /** Tells whether a client has what {@link #read} would give it for the active snapshot. */
    String activeTag(String tenant, String task) {
        return transactions.in(
                tenant,
                database -> tag(snapshots.activeHash(database, tenant, task), bans.revision(database, tenant, task)));
    }

    /** Content and bans; where nothing was ever banned it is the content's hash alone. */
    static String tag(String hash, long revision) {
        return revision == 0 ? hash : hash + "." + revision;
    }

    static String tag(Snapshot snapshot) {
        return tag(
                snapshot.snapshot(),
                snapshot.bans() == null ? 0 : snapshot.bans().revision());
    }
}
