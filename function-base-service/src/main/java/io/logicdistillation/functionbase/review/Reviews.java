package io.logicdistillation.functionbase.review;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.function.Admission;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.function.StoredFunction;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Carries out what a person decided about a version. Approved is what the next snapshot takes; rejected is what it leaves out, and
 * may be approved again; an edit is verified like any supplied function. Published snapshots stay as they are. Thread-safe.
 */
@Component
class Reviews {
    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final Base base;
    private final Admission admission;
    private final ReviewStore store;

    Reviews(TenantTransactions transactions, TaskStore tasks, Base base, Admission admission, ReviewStore store) {
        this.transactions = transactions;
        this.tasks = tasks;
        this.base = base;
        this.admission = admission;
        this.store = store;
    }

    /** What functions are kept in, and changes written down in. */
    @Component
    record Base(FunctionStore functions, AuditTrail audit) {}

    /**
     * @throws PlatformException {@link ProblemType#UNKNOWN_FUNCTION}, {@link ProblemType#INVALID_FUNCTION} for an edit or for what no
     *     longer passes, {@link ProblemType#CONFLICT} for a handle that is taken
     */
    Review judge(Caller caller, String taskName, String name, ReviewRequest request) {
        StoredTask task = tasks.get(caller.tenant(), taskName);
        StoredFunction judged =
                transactions.in(caller.tenant(), database -> find(database, task, name, request.version()));
        Admission.@Nullable Prepared prepared = prepared(caller, task, judged, request);
        return transactions.in(caller.tenant(), database -> {
            StoredTask now = tasks.lock(database, caller.tenant(), taskName);
            if (now.id() != task.id() || !now.hash().equals(task.hash())) {
                throw new PlatformException(
                        ProblemType.CONFLICT,
                        "The task changed while the function was verified; send the review again");
            }
            if (prepared != null) {
                admission.insert(database, caller, now, now.hash(), List.of(prepared));
            }
            return carryOut(database, caller, now, judged, request, prepared);
        });
    }

    private StoredFunction find(JdbcClient database, StoredTask task, String name, @Nullable String version) {
        String wanted =
                version == null ? store.waiting(database, task.id(), name).orElse(null) : version;
        return (wanted == null
                        ? base.functions().draftRow(database, task.id(), name)
                        : base.functions().version(database, task.id(), wanted))
                .filter(found -> found.function().name().equals(name))
                .orElseThrow(() -> new PlatformException(
                        ProblemType.UNKNOWN_FUNCTION,
                        "Task '" + task.definition().name() + "' has no such version of a function '" + name + "'"));
    }

    /** What has to be verified first: the edit, or a version that was verified under another definition only. */
    private Admission.@Nullable Prepared prepared(
            Caller caller, StoredTask task, StoredFunction judged, ReviewRequest request) {
        FunctionDefinition edit = request.function();
        if (edit != null) {
            if (!edit.name().equals(judged.function().name())) {
                throw ReviewRequest.invalid("function.name must be the one in the address");
            }
            task.definition().stage(edit.stage());
        }
        boolean verified = edit == null
                && (request.verdict() == Review.Verdict.REJECT
                        || transactions.in(
                                caller.tenant(),
                                database -> !base.functions()
                                        .verified(database, caller.tenant(), task.hash(), List.of(judged.id()))
                                        .isEmpty()));
        if (verified) {
            return null;
        }
        FunctionDefinition subject = edit == null ? judged.definition() : edit;
        return admission
                .prepare(
                        caller.tenant(),
                        task.definition(),
                        List.of(subject),
                        admission.companions(caller.tenant(), task))
                .getFirst();
    }

    private Review carryOut(
            JdbcClient database,
            Caller caller,
            StoredTask task,
            StoredFunction judged,
            ReviewRequest request,
            Admission.@Nullable Prepared prepared) {
        Review.Verdict verdict = Objects.requireNonNull(request.verdict());
        String reason = Objects.requireNonNull(request.reason());
        String version = judged.function().version();
        String edited = verdict == Review.Verdict.EDIT
                ? Objects.requireNonNull(prepared).version()
                : null;
        switch (verdict) {
            case APPROVE -> base.functions().makeDraft(database, caller, task, version);
            case REJECT -> base.functions().dropDraft(database, judged.id());
            case EDIT -> base.functions().makeDraft(database, caller, task, Objects.requireNonNull(edited));
        }
        base.functions().sharedHandle(database, caller.tenant(), task.id()).ifPresent(shared -> {
            throw new PlatformException(ProblemType.CONFLICT, shared + "; it must be distinct within the stage");
        });
        String name = task.definition().name();
        String action = switch (verdict) {
            case APPROVE -> "function-approved";
            case REJECT -> "function-rejected";
            case EDIT -> "function-edited";
        };
        base.audit().record(database, caller, name, action, version, reason);
        return store.record(database, caller, task.id(), judged.id(), verdict, reason, edited);
    }
}
