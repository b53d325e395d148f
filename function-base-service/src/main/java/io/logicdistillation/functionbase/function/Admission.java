package io.logicdistillation.functionbase.function;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.embedding.Embedder;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Takes functions into the base: verified and embedded first, then stored all together in one short transaction. Thread-safe.
 */
@Component
public final class Admission {
    /** Enough to say what the earlier stages give, however large the task is. */
    private static final int COMPANIONS_OF_A_STAGE = 20;

    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final FunctionStore functions;
    private final Verification verification;
    private final Embedder embedder;

    Admission(
            TenantTransactions transactions,
            TaskStore tasks,
            FunctionStore functions,
            Verification verification,
            Embedder embedder) {
        this.transactions = transactions;
        this.tasks = tasks;
        this.functions = functions;
        this.verification = verification;
        this.embedder = embedder;
    }

    /** @param fresh whether any of the versions was new */
    record Admitted(List<PublishedFunction> functions, boolean fresh) {}

    /** A function on its way in. */
    public record Prepared(String version, FunctionDefinition definition, Report report, float[] embedding) {}

    /**
     * Admits all or none; each becomes the draft of its name.
     *
     * @throws PlatformException {@link ProblemType#INVALID_FUNCTION}, {@link ProblemType#UNKNOWN_STAGE}, or
     *     {@link ProblemType#CONFLICT} if a handle is taken or the task changed meanwhile
     */
    Admitted admit(Caller caller, String taskName, List<FunctionDefinition> definitions) {
        Map<String, FunctionDefinition> byVersion = new LinkedHashMap<>();
        definitions.forEach(definition -> byVersion.put(CanonicalJson.hash(definition), definition));
        StoredTask task = tasks.get(caller.tenant(), taskName);
        definitions.forEach(definition -> task.definition().stage(definition.stage()));
        Set<String> known = new HashSet<>(transactions.in(
                caller.tenant(),
                database -> functions.known(database, caller.tenant(), task.id(), byVersion.keySet())));
        List<FunctionDefinition> companions = companions(caller.tenant(), task);
        List<Prepared> fresh = prepare(
                caller.tenant(),
                task.definition(),
                byVersion.entrySet().stream()
                        .filter(entry -> !known.contains(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .toList(),
                companions);
        transactions.in(caller.tenant(), database -> {
            store(database, caller, taskName, task, byVersion.keySet(), fresh);
            return true;
        });
        List<PublishedFunction> published = byVersion.entrySet().stream()
                .map(entry -> PublishedFunction.of(entry.getKey(), entry.getValue()))
                .toList();
        return new Admitted(published, !fresh.isEmpty());
    }

    /** Functions beside which a new one of the task will stand. */
    public List<FunctionDefinition> companions(String tenant, StoredTask task) {
        return transactions.in(
                tenant, database -> functions.companions(database, tenant, task.id(), COMPANIONS_OF_A_STAGE));
    }

    /** A function that has been verified already, ready to be stored. */
    public Prepared prepared(FunctionDefinition function, Report report) {
        return new Prepared(CanonicalJson.hash(function), function, report, embedder.embed(function.manual()));
    }

    /**
     * Verifies and embeds functions under a definition, outside of any transaction.
     *
     * @param companions functions of the task that they will stand beside
     * @throws PlatformException {@link ProblemType#INVALID_FUNCTION} if any does not pass
     */
    public List<Prepared> prepare(
            String tenant, TaskDefinition task, List<FunctionDefinition> fresh, List<FunctionDefinition> companions) {
        List<Report> reports = verification.require(tenant, task, fresh, companions);
        return IntStream.range(0, fresh.size())
                .mapToObj(index -> new Prepared(
                        CanonicalJson.hash(fresh.get(index)),
                        fresh.get(index),
                        reports.get(index),
                        embedder.embed(fresh.get(index).manual())))
                .toList();
    }

    /**
     * Stores what is not there yet, within the caller's transaction and under its lock on the task.
     *
     * @param definitionHash of the definition that the functions were verified under
     * @return the rows, in the order of the functions
     */
    public List<Long> insert(
            JdbcClient database, Caller caller, StoredTask task, String definitionHash, List<Prepared> prepared) {
        return prepared.stream()
                .map(each -> {
                    long row = functions
                            .row(database, task, each.version())
                            .orElseGet(() -> functions.insert(
                                    database, caller, task.id(), each.version(), each.definition(), each.embedding()));
                    functions.saveReport(database, caller.tenant(), row, definitionHash, each.report());
                    return row;
                })
                .toList();
    }

    private void store(
            JdbcClient database,
            Caller caller,
            String taskName,
            StoredTask verifiedFor,
            Set<String> versions,
            List<Prepared> fresh) {
        StoredTask task = tasks.lock(database, caller.tenant(), taskName);
        if (task.id() != verifiedFor.id() || !task.hash().equals(verifiedFor.hash())) {
            throw new PlatformException(
                    ProblemType.CONFLICT, "The task changed while the functions were verified; send them again");
        }
        insert(database, caller, task, task.hash(), fresh);
        versions.forEach(version -> functions.makeDraft(database, caller, task, version));
        functions.approveSent(database, caller, task, versions);
        functions.sharedHandle(database, caller.tenant(), task.id()).ifPresent(shared -> {
            throw new PlatformException(ProblemType.CONFLICT, shared + "; it must be distinct within the stage");
        });
    }
}
