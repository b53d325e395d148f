package io.logicdistillation.inference.functionbase;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.inference.upstream.Watch;
import io.logicdistillation.kit.tenantdata.TenantChanged;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;

/** The snapshots that decisions are made from: a task's active one, followed as it changes, or any one by its hash. Thread-safe. */
public final class Snapshots implements AutoCloseable {
    private final FunctionBase base;
    private final Watch<TaskKey, PreparedSnapshot> active;
    private final Map<Key, PreparedSnapshot> kept;

    Snapshots(FunctionBase base, FunctionBaseProperties properties) {
        this.base = base;
        this.kept = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, PreparedSnapshot> eldest) {
                return size() > properties.keptSnapshots();
            }
        };
        this.active = new Watch<>(
                "active snapshot",
                base::active,
                properties.poll(),
                properties.idle(),
                (task, snapshot) -> keep(new Key(task, snapshot.id()), snapshot));
    }

    /**
     * @param id of a snapshot; the active one when absent
     * @throws PlatformException {@link ProblemType#UNKNOWN_TASK} or {@link ProblemType#UNKNOWN_SNAPSHOT}
     */
    public PreparedSnapshot of(TaskKey task, @Nullable String id) {
        if (id == null) {
            return active.get(task);
        }
        if (!Names.isHash(id)) {
            throw new PlatformException(
                    ProblemType.UNKNOWN_SNAPSHOT, "Task '" + task.task() + "' has no such snapshot");
        }
        Key key = new Key(task, id);
        PreparedSnapshot known = known(key);
        if (known == null) {
            known = base.snapshot(task, id, another(task));
            keep(key, known);
        }
        return known;
    }

    /**
     * What a new decision is made from: the snapshot under the bans that are in force now, which are the task's whatever its snapshot.
     *
     * @throws PlatformException as {@link #of}
     */
    public PreparedSnapshot inForce(TaskKey task, @Nullable String id) {
        PreparedSnapshot wanted = of(task, id);
        return id == null ? wanted : wanted.under(active.get(task).bans());
    }

    @EventListener
    void forget(TenantChanged changed) {
        active.forget(task -> task.tenant().equals(changed.tenant()));
        synchronized (kept) {
            kept.keySet().removeIf(key -> key.task().tenant().equals(changed.tenant()));
        }
    }

    private @Nullable PreparedSnapshot known(Key key) {
        synchronized (kept) {
            return kept.get(key);
        }
    }

    /** Any snapshot of the task that is kept: most of what another one has it has too. */
    private @Nullable PreparedSnapshot another(TaskKey task) {
        synchronized (kept) {
            return kept.entrySet().stream()
                    .filter(each -> each.getKey().task().equals(task))
                    .map(Map.Entry::getValue)
                    .reduce((one, later) -> later)
                    .orElse(null);
        }
    }

    private void keep(Key key, PreparedSnapshot snapshot) {
        synchronized (kept) {
            kept.put(key, snapshot);
        }
    }

    @Override
    public void close() {
        active.close();
    }

    private record Key(TaskKey task, String snapshot) {}
}
