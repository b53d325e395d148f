package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.background.Stopped;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Component;

/**
 * The end of an import: one transaction that makes its functions the task's and publishes the snapshot, or nothing. The import itself is
 * ended in it last, and only by whoever still has the lease, so its row stays free for renewals and for a cancellation. Thread-safe.
 */
@Component
class Closing {
    /** Functions stored by one statement. */
    private static final int BATCH = 500;
    /** One enters a hundred thousand functions into the vector index: 1 to 4 ms each, by how busy the machine is. */
    private static final Duration LONGEST_STATEMENT = Duration.ofMinutes(30);

    private final TenantTransactions transactions;
    private final DataSource connections;
    private final Base base;
    private final ImportStore imports;
    private final StagedStore staged;

    Closing(
            TenantTransactions transactions,
            DataSource connections,
            Base base,
            ImportStore imports,
            StagedStore staged) {
        this.transactions = transactions;
        this.connections = connections;
        this.base = base;
        this.imports = imports;
        this.staged = staged;
    }

    /** What an import becomes part of. */
    @Component
    record Base(TaskStore tasks, SnapshotStore snapshots) {}

    /**
     * @throws Stopped without a cause if the import was cancelled or taken over, with one if the task went away
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if another import of the task is being stored
     */
    void publish(Lease lease, ImportStore.Work work) {
        transactions.in(lease.tenant(), database -> {
            imports.publishing(database, lease);
            return true;
        });
        Caller caller = new Caller(lease.tenant(), work.createdBy(), Set.of(Scope.AUTHOR));
        transactions.in(lease.tenant(), database -> {
            beMorePatient();
            store(database, lease, caller, work);
            return true;
        });
    }

    /** For this transaction alone: the pool sets the connection back when it is returned. */
    private void beMorePatient() {
        Connection connection = DataSourceUtils.getConnection(connections);
        try {
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(LONGEST_STATEMENT.toMillis()));
        } catch (SQLException failure) {
            throw new DataAccessResourceFailureException("The connection takes no other timeout", failure);
        } finally {
            DataSourceUtils.releaseConnection(connection, connections);
        }
    }

    private void store(JdbcClient database, Lease lease, Caller caller, ImportStore.Work work) {
        ImportStore.Content content = work.content();
        if (!imports.tryTurn(database, caller.tenant(), content.task())) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "Another import of the task is being stored");
        }
        base.tasks().insert(caller, content.definition());
        StoredTask task = base.tasks().get(caller.tenant(), content.task());
        StagedStore.Admission admission = new StagedStore.Admission(work.createdBy(), work.definitionHash());
        int last = staged.lastLine(database, lease.id());
        List<Long> rows = new ArrayList<>();
        for (int from = 1; from <= last; from += BATCH) {
            rows.addAll(staged.admit(database, lease, task, admission, from, from + BATCH - 1));
        }
        if (rows.size() != content.functions()) {
            throw stillOurs(database, lease)
                    ? new Stopped(
                            "task-gone", "The task was removed while its functions were verified; import it again")
                    : new Stopped();
        }
        // From here on others who change the task wait; before, only functions were added that nothing refers to.
        publish(database, caller, base.tasks().lock(database, caller.tenant(), content.task()), content, rows);
        ImportStore.LEASES.hold(database, lease);
        imports.end(database, lease.tenant(), lease.id(), Import.State.COMPLETED, null, null);
    }

    private void publish(
            JdbcClient database, Caller caller, StoredTask task, ImportStore.Content content, List<Long> rows) {
        if (base.snapshots()
                .find(database, caller.tenant(), task.id(), content.snapshot())
                .isPresent()) {
            return;
        }
        long snapshot = base.snapshots()
                .insert(
                        database,
                        caller,
                        task,
                        new SnapshotStore.Content(content.definition(), content.snapshot(), rows),
                        "snapshot-imported");
        if (task.activeSnapshot() == null) {
            base.snapshots().activate(database, caller, task, snapshot, "first snapshot of the task");
        }
    }

    private boolean stillOurs(JdbcClient database, Lease lease) {
        try {
            ImportStore.LEASES.hold(database, lease);
            return true;
        } catch (Stopped anothers) {
            return false;
        }
    }
}
