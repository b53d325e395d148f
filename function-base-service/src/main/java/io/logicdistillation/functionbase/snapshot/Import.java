package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.function.Admission;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.task.DefinitionCheck;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Takes a snapshot that another installation published: vouched for by a trusted key, the content that its hash names, and every
 * function verified here too. It makes the task where there is none, and leaves drafts and the active snapshot alone. Thread-safe.
 */
@Component
class Import {
    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final Admission admission;
    private final SnapshotStore snapshots;
    private final Guards guards;

    Import(
            TenantTransactions transactions,
            TaskStore tasks,
            Admission admission,
            SnapshotStore snapshots,
            Guards guards) {
        this.transactions = transactions;
        this.tasks = tasks;
        this.admission = admission;
        this.snapshots = snapshots;
        this.guards = guards;
    }

    /** What has to hold before anything is stored. */
    @Component
    record Guards(SnapshotKeys keys, ViewCheck views) {}

    /**
     * @throws PlatformException {@link ProblemType#INVALID_REQUEST} if the snapshot is not what it says or nobody trusted vouches for
     *     it, {@link ProblemType#INVALID_FUNCTION} if something does not pass here
     */
    Publication.Published take(Caller caller, String taskName, PublicationRequest request) {
        PublicationRequest.Foreign foreign = request.foreign(taskName);
        if (!guards.keys().vouches(request.signature(), foreign.hash())) {
            throw PublicationRequest.invalid("signature", "No trusted key vouches for this snapshot");
        }
        TaskDefinition definition = DefinitionCheck.require(foreign.definition());
        requireEveryStageFilled(foreign);
        List<Admission.Prepared> prepared =
                admission.prepare(caller.tenant(), definition, foreign.functions(), List.of());
        guards.views().require(caller.tenant(), definition, foreign.functions());
        tasks.insert(caller, definition);
        return transactions.in(caller.tenant(), database -> {
            StoredTask task = tasks.lock(database, caller.tenant(), taskName);
            Optional<Long> known = snapshots.find(database, caller.tenant(), task.id(), foreign.hash());
            if (known.isPresent()) {
                return new Publication.Published(foreign.hash(), false);
            }
            List<Long> rows = admission.insert(database, caller, task, CanonicalJson.hash(definition), prepared);
            long snapshot = snapshots.insert(
                    database,
                    caller,
                    task,
                    new SnapshotStore.Content(definition, foreign.hash(), rows),
                    "snapshot-imported");
            if (task.activeSnapshot() == null) {
                snapshots.activate(database, caller, task, snapshot, "first snapshot of the task");
            }
            return new Publication.Published(foreign.hash(), true);
        });
    }

    private static void requireEveryStageFilled(PublicationRequest.Foreign foreign) {
        for (StageDefinition stage : foreign.definition().stages()) {
            if (foreign.functions().stream()
                    .noneMatch(function -> function.stage().equals(stage.name()))) {
                throw PublicationRequest.invalid("stage", "Stage '" + stage.name() + "' has no function");
            }
        }
    }
}
