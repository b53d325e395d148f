package io.logicdistillation.functionbase.search;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import io.logicdistillation.functionbase.snapshot.StoredSnapshot;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.tenantdata.TenantChanged;
import java.util.Map;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The snapshots that are searched. What a hash names never changes, so its row is read and its definition parsed once, not at
 * every search; which snapshot is active is asked every time. Thread-safe.
 */
@Component
final class SearchedSnapshots {
    private static final int KEPT = 256;

    private final TenantTransactions transactions;
    private final SnapshotStore snapshots;
    private final Cache<Key, Searched> known =
            Caffeine.newBuilder().maximumSize(KEPT).build();

    SearchedSnapshots(TenantTransactions transactions, SnapshotStore snapshots) {
        this.transactions = transactions;
        this.snapshots = snapshots;
    }

    /** What a search needs of a snapshot. @param id row @param task row @param sizes number of functions by stage */
    record Searched(long id, long task, String hash, TaskDefinition definition, Map<String, Integer> sizes) {
        FusedQuery.Stage stage(String tenant, String name) {
            return new FusedQuery.Stage(tenant, task, id, name, sizes.getOrDefault(name, 0));
        }
    }

    /**
     * A snapshot, which may have been deleted with its task since it was read; see {@link #requireStillThere}.
     *
     * @param snapshot a hash, or {@link SnapshotStore#ACTIVE}
     * @throws PlatformException {@link ProblemType#UNKNOWN_TASK} or {@link ProblemType#UNKNOWN_SNAPSHOT}
     */
    Searched get(String tenant, String task, String snapshot) {
        if (Names.isHash(snapshot)) {
            Searched kept = known.getIfPresent(new Key(tenant, task, snapshot));
            if (kept != null) {
                return kept;
            }
        }
        return transactions.in(tenant, database -> {
            StoredSnapshot stored = snapshots.get(database, tenant, task, snapshot);
            Key key = new Key(tenant, task, stored.hash());
            Searched kept = known.getIfPresent(key);
            if (kept != null && kept.id() == stored.id()) {
                return kept;
            }
            Searched read = new Searched(
                    stored.id(),
                    stored.task(),
                    stored.hash(),
                    stored.definition(),
                    snapshots.sizes(database, stored.id()));
            known.put(key, read);
            return read;
        });
    }

    /**
     * To be asked when a search finds nothing.
     *
     * @throws PlatformException as {@link #get}, if the snapshot is gone
     */
    void requireStillThere(String tenant, String task, Searched searched) {
        known.invalidate(new Key(tenant, task, searched.hash()));
        Searched now = get(tenant, task, searched.hash());
        if (now.id() != searched.id()) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE, "Task '" + task + "' was just made anew; search again");
        }
    }

    @EventListener
    void forget(TenantChanged changed) {
        known.asMap().keySet().removeIf(key -> key.tenant().equals(changed.tenant()));
    }

    private record Key(String tenant, String task, String hash) {}
}
