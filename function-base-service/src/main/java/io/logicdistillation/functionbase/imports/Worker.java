package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.background.Stopped;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Works on an import from where it stands to its end, or to where it has to pause. Thread-safe. */
@Component("importWorker")
class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    private final TenantTransactions transactions;
    private final ImportStore imports;
    private final Steps steps;
    private final ImportProperties properties;

    Worker(TenantTransactions transactions, ImportStore imports, Steps steps, ImportProperties properties) {
        this.transactions = transactions;
        this.imports = imports;
        this.steps = steps;
        this.properties = properties;
    }

    /** One after the other. */
    @Component
    record Steps(Book book, Verifier verifier, Closing closing) {}

    /** Never throws but an {@link Error}. */
    void work(Lease lease) {
        try {
            toItsEnd(lease, steps.book().work(lease));
        } catch (RuntimeException failure) {
            // The lease ends by itself, and whoever takes it next finds what was written down.
            log.warn("Import {} is left as it is: {}", lease.id(), failure.toString());
        }
    }

    private void toItsEnd(Lease lease, ImportStore.Work work) {
        try {
            steps.verifier().verify(lease, work);
            steps.closing().publish(lease, work);
        } catch (Stopped stopped) {
            if (stopped.slug() != null) {
                fail(lease, stopped.slug(), String.valueOf(stopped.getMessage()));
            }
        } catch (DataAccessException | TransactionException away) {
            throw away;
        } catch (PlatformException failure) {
            if (failure.type() == ProblemType.UNAVAILABLE) {
                pause(lease);
            } else {
                fail(lease, "refused", String.valueOf(failure.getMessage()));
            }
        } catch (RuntimeException unexpected) {
            log.error("Import {} failed", lease.id(), unexpected);
            fail(lease, "internal", "The failure is in the service's log");
        }
    }

    private void fail(Lease lease, String cause, String message) {
        transactions.in(lease.tenant(), database -> {
            try {
                ImportStore.LEASES.hold(database, lease);
            } catch (Stopped anothers) {
                return false;
            }
            return imports.end(database, lease.tenant(), lease.id(), Import.State.FAILED, cause, message);
        });
    }

    private void pause(Lease lease) {
        transactions.in(lease.tenant(), database -> {
            ImportStore.LEASES.pause(database, lease, properties.pause(), true);
            return true;
        });
    }
}
