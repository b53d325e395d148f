package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.background.Stopped;
import io.logicdistillation.functionbase.function.Admission;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.function.Report;
import io.logicdistillation.functionbase.function.Situations;
import io.logicdistillation.functionbase.function.Verification;
import io.logicdistillation.functionbase.generation.CandidateStore.Fate;
import io.logicdistillation.functionbase.generation.CandidateStore.Outcome;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.review.ReviewStore;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Verifies what one generation's L-LLM wrote and stores what came of it, under the generation's lease. For one thread. */
final class Desk {
    private final Stores stores;
    private final Lease lease;
    private final Caller author;
    private final StoredTask task;
    private final GenerationRequest request;
    private final Situations situations;

    /** What a generation writes to. */
    record Stores(
            TenantTransactions transactions,
            GenerationStore generations,
            CandidateStore candidates,
            Base base,
            ReviewStore reviews) {}

    /** The functions' own. */
    record Base(
            TaskStore tasks,
            FunctionStore functions,
            Admission admission,
            Verification verification,
            EmergencyDesk emergencies) {}

    /** Of how many states of a stage no function is for how many. */
    record Gap(String stage, int states, int uncovered) {}

    Desk(Stores stores, Lease lease, Caller author, StoredTask task, GenerationRequest request, Situations situations) {
        this.stores = stores;
        this.lease = lease;
        this.author = author;
        this.task = task;
        this.request = request;
        this.situations = situations;
    }

    /**
     * What becomes of a function: what was found before a crash, else what the checks find now, the cheap one first.
     *
     * @param clash found without running it
     * @param same found by running it beside others
     */
    Fate fate(FunctionDefinition function, Supplier<Optional<Fate>> clash, Supplier<Optional<Fate>> same) {
        String version = CanonicalJson.hash(function);
        return in(database -> stores.candidates().fate(database, lease.id(), version))
                .or(clash)
                .orElseGet(() -> {
                    Report report = stores.base()
                            .verification()
                            .verify(
                                    lease.tenant(),
                                    task.definition(),
                                    function,
                                    situations,
                                    Verification.Depth.GENERATED);
                    Report.Refusal refusal = report.refusal();
                    if (refusal != null) {
                        return new Fate(Outcome.REFUSED, refusal.cause(), refusal.message(), report);
                    }
                    return same.get().orElseGet(() -> new Fate(Outcome.PASSED, null, null, report));
                });
    }

    /**
     * Stores a function with what became of it: what passed waits for a person, or is admitted at once.
     *
     * @return what became of it after all: a draft may have taken its name meanwhile
     */
    Fate settle(String step, FunctionDefinition function, Fate fate) {
        String version = CanonicalJson.hash(function);
        Report report = fate.report();
        Admission.@Nullable Prepared prepared = fate.outcome() == Outcome.PASSED && report != null
                ? stores.base().admission().prepared(function, report)
                : null;
        return in(database -> {
            stores.generations().hold(database, lease);
            Optional<Fate> before = stores.candidates().fate(database, lease.id(), version);
            if (before.isPresent()) {
                return before.get();
            }
            Fate after = prepared == null ? fate : admit(database, prepared, fate);
            return written(database, step, version, function, after);
        });
    }

    /** Writes down what became of a function that goes nowhere from here. */
    Fate note(String step, FunctionDefinition function, Fate fate) {
        String version = CanonicalJson.hash(function);
        return in(database -> {
            stores.generations().hold(database, lease);
            Optional<Fate> before = stores.candidates().fate(database, lease.id(), version);
            return before.orElseGet(() -> written(database, step, version, function, fate));
        });
    }

    private Fate written(JdbcClient database, String step, String version, FunctionDefinition function, Fate fate) {
        stores.candidates().insert(database, lease, task.id(), task.hash(), step, version, function, fate);
        Map<String, Object> told = new HashMap<>();
        told.put("name", function.name());
        told.put("stage", function.stage());
        told.put("version", version);
        told.put("outcome", fate.outcome().stored());
        if (fate.cause() != null) {
            told.put("cause", fate.cause());
        }
        stores.generations().event(database, lease.tenant(), lease.id(), "function", told);
        return fate;
    }

    private Fate admit(JdbcClient database, Admission.Prepared prepared, Fate fate) {
        StoredTask now = stores.base()
                .tasks()
                .lock(database, lease.tenant(), task.definition().name());
        if (now.id() != task.id() || !now.hash().equals(task.hash())) {
            throw new Stopped("task-changed", "The task was changed while functions were written for it");
        }
        String name = prepared.definition().name();
        if (stores.base().functions().draftRow(database, task.id(), name).isPresent()) {
            return Fate.refused("name-taken", "A function of this name was admitted meanwhile");
        }
        FunctionDefinition function = prepared.definition();
        Optional<String> owner =
                stores.base().functions().ownerOfHandle(database, task.id(), function.stage(), function.handle());
        if (owner.isPresent()) {
            return Fate.refused("handle-taken", "The handle is that of '" + owner.get() + "'; choose another one");
        }
        long row = stores.base()
                .admission()
                .insert(database, author, now, now.hash(), List.of(prepared))
                .getFirst();
        if (request.approvesItself()) {
            stores.base().functions().makeDraft(database, author, now, prepared.version());
            stores.reviews().approveUnseen(database, author, task.id(), row, lease.id());
        } else {
            stores.reviews().propose(database, lease.tenant(), task.id(), row, lease.id());
        }
        return fate;
    }

    /** States to look for gaps on: not those that functions were verified with. */
    Situations situationsForGaps(List<FunctionDefinition> functions) {
        return stores.base()
                .verification()
                .otherSituations(lease.tenant(), task.definition(), functions, request.statesForGaps());
    }

    void gaps(int round, List<Gap> gaps) {
        in(database -> {
            stores.generations().hold(database, lease);
            stores.generations().gaps(database, lease, gaps);
            stores.generations()
                    .event(database, lease.tenant(), lease.id(), "round", Map.of("round", round, "gaps", gaps));
            return true;
        });
    }

    /** @param result JSON */
    void result(String result) {
        in(database -> {
            stores.generations().hold(database, lease);
            stores.generations().result(database, lease, result);
            return true;
        });
    }

    /** Tells of something that has not the shape of a function. */
    void misshapen(String why) {
        in(database -> {
            stores.generations().event(database, lease.tenant(), lease.id(), "misshapen", Map.of("message", why));
            return true;
        });
    }

    private <T> T in(Function<JdbcClient, T> work) {
        try {
            return stores.transactions().in(lease.tenant(), work);
        } catch (PlatformException gone) {
            throw new Stopped("task-gone", String.valueOf(gone.getMessage()));
        }
    }
}
