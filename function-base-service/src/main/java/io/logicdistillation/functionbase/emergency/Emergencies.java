package io.logicdistillation.functionbase.emergency;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.function.Admission;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.function.StoredFunction;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.snapshot.SnapshotHash;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import io.logicdistillation.functionbase.snapshot.StoredSnapshot;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Puts an emergency's function into the active snapshot and takes it out again. What is published is the active snapshot with that
 * one function, not the drafts: an emergency must not carry along what nobody has released. Thread-safe.
 */
@Component
class Emergencies {
    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final Base base;
    private final Applicability applicability;
    private final EmergencyStore store;

    Emergencies(
            TenantTransactions transactions,
            TaskStore tasks,
            Base base,
            Applicability applicability,
            EmergencyStore store) {
        this.transactions = transactions;
        this.tasks = tasks;
        this.base = base;
        this.applicability = applicability;
        this.store = store;
    }

    /** What functions and snapshots are kept in. */
    @Component
    record Base(FunctionStore functions, SnapshotStore snapshots, Admission admission, AuditTrail audit) {}

    /** The active snapshot as it was read. */
    record Active(StoredSnapshot snapshot, List<StoredFunction> functions) {
        List<FunctionDefinition> definitions() {
            return functions.stream().map(StoredFunction::definition).toList();
        }
    }

    Active active(Caller caller, String task) {
        return transactions.in(caller.tenant(), database -> active(database, caller, task));
    }

    private Active active(JdbcClient database, Caller caller, String task) {
        StoredSnapshot snapshot = base.snapshots().get(database, caller.tenant(), task, SnapshotStore.ACTIVE);
        return new Active(snapshot, base.functions().storedOfSnapshot(database, caller.tenant(), snapshot.id()));
    }

    /**
     * Everything that has to hold before the function may be pinned; stores nothing.
     *
     * @throws PlatformException {@link ProblemType#CONFLICT} for a name or handle that is taken, {@link ProblemType#INVALID_FUNCTION}
     */
    Admission.Prepared verify(Caller caller, Active active, EmergencyRequest request) {
        FunctionDefinition pinned = request.pinned();
        active.snapshot().definition().stage(pinned.stage());
        for (StoredFunction stored : active.functions()) {
            PublishedFunction other = stored.function();
            if (other.name().equals(pinned.name())) {
                throw new PlatformException(
                        ProblemType.CONFLICT, "The active snapshot has a function '" + other.name() + "' already");
            }
            if (other.stage().equals(pinned.stage()) && other.handle().equals(pinned.handle())) {
                throw new PlatformException(
                        ProblemType.CONFLICT,
                        "Handle '" + other.handle() + "' of stage '" + other.stage() + "' is that of '" + other.name()
                                + "'");
            }
        }
        Admission.Prepared prepared = base.admission()
                .prepare(caller.tenant(), active.snapshot().definition(), List.of(pinned), active.definitions())
                .getFirst();
        applicability.requireExamples(caller.tenant(), active.snapshot().definition(), request);
        return prepared;
    }

    /** @throws PlatformException {@link ProblemType#INVALID_STATE} for an example that is no state of the task */
    void requireStates(TaskDefinition task, EmergencyRequest request) {
        applicability.requireStates(task, request);
    }

    /** Like {@link #pin}, and the same emergency again where this very function is pinned already. */
    Emergency pinOnce(Caller caller, String task, EmergencyRequest request) {
        String version = CanonicalJson.hash(request.pinned());
        Optional<Emergency> before = transactions.in(
                caller.tenant(),
                database -> store.activeOf(database, tasks.lock(database, caller.tenant(), task), version));
        return before.orElseGet(() -> pin(caller, task, request));
    }

    /** Pins the function: snapshot, activation and record together, or none of them. */
    Emergency pin(Caller caller, String taskName, EmergencyRequest request) {
        Active active = active(caller, taskName);
        Admission.Prepared prepared = verify(caller, active, request);
        return transactions.in(caller.tenant(), database -> {
            StoredTask task = tasks.lock(database, caller.tenant(), taskName);
            Active now = active(database, caller, taskName);
            if (now.snapshot().id() != active.snapshot().id()) {
                throw new PlatformException(
                        ProblemType.CONFLICT, "Another snapshot was activated meanwhile; send the emergency again");
            }
            String definition = CanonicalJson.hash(now.snapshot().definition());
            long row = base.admission()
                    .insert(database, caller, task, definition, List.of(prepared))
                    .getFirst();
            base.functions().makeDraft(database, caller, task, prepared.version());
            base.functions().sharedHandle(database, caller.tenant(), task.id()).ifPresent(shared -> {
                throw new PlatformException(ProblemType.CONFLICT, shared + "; it must be distinct within the stage");
            });
            List<StoredFunction> functions = new ArrayList<>(now.functions());
            functions.add(new StoredFunction(row, PublishedFunction.of(prepared.version(), request.pinned())));
            String hash = activate(database, caller, task, now, functions, "emergency: " + shortened(request));
            String id = store.insert(database, caller, task, request, row, hash);
            base.audit().record(database, caller, taskName, "emergency-pinned", id, shortened(request));
            return store.get(database, task, id);
        });
    }

    /** Takes the function out again; one that has ended stays as it is. */
    Emergency end(Caller caller, String taskName, String id, Emergency.Status status) {
        return transactions.in(caller.tenant(), database -> {
            StoredTask task = tasks.lock(database, caller.tenant(), taskName);
            Emergency emergency = store.get(database, task, id);
            if (emergency.status() != Emergency.Status.ACTIVE) {
                return emergency;
            }
            Active now = active(database, caller, taskName);
            List<StoredFunction> left = now.functions().stream()
                    .filter(stored -> !stored.function().version().equals(emergency.version()))
                    .toList();
            if (left.stream().noneMatch(stored -> stored.function().stage().equals(emergency.stage()))) {
                throw new PlatformException(
                        ProblemType.CONFLICT, "Stage '" + emergency.stage() + "' would be left without a function");
            }
            if (left.size() < now.functions().size()) {
                activate(database, caller, task, now, left, "emergency " + status.stored() + ": " + id);
            }
            base.functions()
                    .row(database, task, emergency.version())
                    .ifPresent(row -> base.functions().dropDraft(database, row));
            store.end(database, caller, emergency, status);
            base.audit().record(database, caller, taskName, "emergency-" + status.stored(), id, null);
            return store.get(database, task, id);
        });
    }

    private String activate(
            JdbcClient database,
            Caller caller,
            StoredTask task,
            Active from,
            List<StoredFunction> functions,
            String reason) {
        String hash = SnapshotHash.of(
                from.snapshot().definition(),
                functions.stream().map(stored -> stored.function().version()).toList());
        Optional<Long> known = base.snapshots().find(database, caller.tenant(), task.id(), hash);
        long snapshot = known.orElseGet(() -> base.snapshots()
                .insert(
                        database,
                        caller,
                        task,
                        new SnapshotStore.Content(
                                from.snapshot().definition(),
                                hash,
                                functions.stream().map(StoredFunction::id).toList()),
                        "snapshot-published"));
        base.snapshots().activate(database, caller, task, snapshot, reason);
        return hash;
    }

    private static String shortened(EmergencyRequest request) {
        String text = String.valueOf(request.situation());
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
