package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.function.Report;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** What a worker reads of an import and writes down about it, each in a transaction and under its lease. Thread-safe. */
@Component
class Book {
    private static final int PAGE = 50;

    private final TenantTransactions transactions;
    private final ImportStore imports;
    private final StagedStore staged;
    private final TaskStore tasks;

    Book(TenantTransactions transactions, ImportStore imports, StagedStore staged, TaskStore tasks) {
        this.transactions = transactions;
        this.imports = imports;
        this.staged = staged;
        this.tasks = tasks;
    }

    ImportStore.Work work(Lease lease) {
        return transactions.in(lease.tenant(), database -> imports.work(database, lease.id()));
    }

    /** Passes over what has passed here before under the same definition. @throws Stopped if the import is another's now */
    void markKnown(Lease lease, ImportStore.Work work) {
        transactions.in(lease.tenant(), database -> {
            ImportStore.LEASES.hold(database, lease);
            imports.event(database, lease.tenant(), lease.id(), "state", Map.of("state", Import.State.VERIFYING));
            tasks.find(database, lease.tenant(), work.content().task()).ifPresent(task -> {
                int known = staged.markKnown(database, lease, task.id(), work.definitionHash());
                imports.known(database, lease, known);
            });
            return true;
        });
    }

    List<FunctionDefinition> first(Lease lease, Collection<String> stages, int ofEach) {
        return transactions.in(lease.tenant(), database -> staged.first(database, lease.id(), stages, ofEach));
    }

    List<Staged> waiting(Lease lease, String stage, int most) {
        return transactions.in(lease.tenant(), database -> staged.waiting(database, lease.id(), stage, most));
    }

    /** The functions of a stage, read as they are asked for. */
    Iterator<FunctionDefinition> all(Lease lease, String stage) {
        return Stream.iterate(
                        page(lease, stage, 0),
                        page -> !page.isEmpty(),
                        page -> page(lease, stage, page.getLast().line()))
                .flatMap(List::stream)
                .map(Staged::function)
                .iterator();
    }

    private List<Staged> page(Lease lease, String stage, int after) {
        return transactions.in(lease.tenant(), database -> staged.page(database, lease.id(), stage, after, PAGE));
    }

    /** @param tell whether those who watch are told how far it is @throws Stopped if the import is another's now */
    void save(Lease lease, List<Staged.Verified> verified, Duration worked, boolean tell) {
        transactions.in(lease.tenant(), database -> {
            ImportStore.LEASES.hold(database, lease);
            staged.save(database, lease.id(), verified);
            int passed = (int)
                    verified.stream().filter(each -> each.report().passed()).count();
            imports.progress(database, lease, passed, verified.size() - passed, worked);
            for (Staged.Verified each : verified) {
                Report.Refusal refusal = each.report().refusal();
                if (refusal != null) {
                    imports.event(
                            database,
                            lease.tenant(),
                            lease.id(),
                            "refused",
                            refused(each.staged().line(), refusal));
                }
            }
            if (tell) {
                imports.tellProgress(database, lease);
            }
            return true;
        });
    }

    private static Map<String, Object> refused(int line, Report.Refusal refusal) {
        Map<String, Object> told = new HashMap<>();
        told.put("line", line);
        told.put("function", refusal.function());
        told.put("cause", refusal.cause());
        told.put("message", refusal.message());
        return told;
    }
}
