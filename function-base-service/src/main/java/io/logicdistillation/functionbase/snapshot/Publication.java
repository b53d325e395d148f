package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.function.Report;
import io.logicdistillation.functionbase.function.StoredFunction;
import io.logicdistillation.functionbase.function.Verification;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Freezes the drafts of a task into a snapshot. What is slow, the sandbox, runs before the transaction; what it found holds only
 * if nothing changed meanwhile. Thread-safe.
 */
@Component
final class Publication {
    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final FunctionStore functions;
    private final SnapshotStore snapshots;
    private final Checks checks;

    Publication(
            TenantTransactions transactions,
            TaskStore tasks,
            FunctionStore functions,
            SnapshotStore snapshots,
            Checks checks) {
        this.transactions = transactions;
        this.tasks = tasks;
        this.functions = functions;
        this.snapshots = snapshots;
        this.checks = checks;
    }

    /** What has to hold before anything is published. */
    @Component
    record Checks(Verification verification, ViewCheck views) {}

    /** @param fresh whether there was no snapshot of this content yet */
    record Published(String hash, boolean fresh) {}

    /** Task and drafts as they were read together. */
    private record Drafts(StoredTask task, List<StoredFunction> functions, Set<Long> verified) {
        String hash() {
            return SnapshotHash.of(
                    task.definition(),
                    functions.stream()
                            .map(stored -> stored.function().version())
                            .toList());
        }
    }

    /**
     * Publishes the drafts, or finds the snapshot that holds just them. The first snapshot of a task becomes the active one.
     *
     * @throws PlatformException {@link ProblemType#CONFLICT} if a stage has no function or the drafts changed meanwhile,
     *     {@link ProblemType#INVALID_FUNCTION} if something does not pass
     */
    Published publish(Caller caller, String taskName) {
        Drafts drafts = read(caller, taskName);
        requireEveryStageFilled(drafts);
        String hash = drafts.hash();
        Optional<Long> known = transactions.in(
                caller.tenant(),
                database ->
                        snapshots.find(database, caller.tenant(), drafts.task().id(), hash));
        if (known.isPresent()) {
            return new Published(hash, false);
        }
        List<StoredFunction> unverified = drafts.functions().stream()
                .filter(function -> !drafts.verified().contains(function.id()))
                .toList();
        List<Report> reports = checks.verification()
                .require(
                        caller.tenant(),
                        drafts.task().definition(),
                        definitions(unverified),
                        definitions(drafts.functions()));
        checks.views().require(caller.tenant(), drafts.task().definition(), definitions(drafts.functions()));
        return transactions.in(caller.tenant(), database -> {
            for (int index = 0; index < unverified.size(); index++) {
                functions.saveReport(
                        database,
                        caller.tenant(),
                        unverified.get(index).id(),
                        drafts.task().hash(),
                        reports.get(index));
            }
            return store(database, caller, drafts, hash);
        });
    }

    private Drafts read(Caller caller, String taskName) {
        StoredTask task = tasks.get(caller.tenant(), taskName);
        return transactions.in(caller.tenant(), database -> {
            List<StoredFunction> drafts = functions.drafts(database, caller.tenant(), task.id());
            List<Long> rows = drafts.stream().map(StoredFunction::id).toList();
            return new Drafts(
                    task, drafts, new HashSet<>(functions.verified(database, caller.tenant(), task.hash(), rows)));
        });
    }

    private Published store(JdbcClient database, Caller caller, Drafts drafts, String hash) {
        StoredTask task =
                tasks.lock(database, caller.tenant(), drafts.task().definition().name());
        Drafts now = new Drafts(task, functions.drafts(database, caller.tenant(), task.id()), Set.of());
        if (!now.hash().equals(hash)) {
            throw new PlatformException(
                    ProblemType.CONFLICT, "The task or its functions changed while they were published; publish again");
        }
        if (snapshots.find(database, caller.tenant(), task.id(), hash).isPresent()) {
            return new Published(hash, false);
        }
        long snapshot = snapshots.insert(
                database,
                caller,
                task,
                new SnapshotStore.Content(
                        task.definition(),
                        hash,
                        now.functions().stream().map(StoredFunction::id).toList()),
                "snapshot-published");
        if (task.activeSnapshot() == null) {
            snapshots.activate(database, caller, task, snapshot, "first snapshot of the task");
        }
        return new Published(hash, true);
    }

    private static void requireEveryStageFilled(Drafts drafts) {
        for (StageDefinition stage : drafts.task().definition().stages()) {
            if (drafts.functions().stream()
                    .noneMatch(stored -> stored.function().stage().equals(stage.name()))) {
                throw new PlatformException(
                        ProblemType.CONFLICT,
                        "Stage '" + stage.name() + "' has no function yet",
                        Map.of("stage", stage.name()));
            }
        }
    }

    private static List<FunctionDefinition> definitions(List<StoredFunction> stored) {
        return stored.stream().map(StoredFunction::definition).toList();
    }
}
