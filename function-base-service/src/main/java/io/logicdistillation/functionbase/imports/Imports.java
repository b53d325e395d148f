package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.background.LeaseRunner;
import io.logicdistillation.functionbase.background.Leases;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Looks after imports: has them worked on, forgets uploads that never ended, and ends them early. Thread-safe. */
@Component
class Imports implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Imports.class);

    private final TenantTransactions transactions;
    private final ImportStore store;
    private final AuditTrail audit;
    private final LeaseRunner runner;

    Imports(
            TenantTransactions transactions,
            ImportStore store,
            AuditTrail audit,
            Worker worker,
            ImportProperties properties) {
        this.transactions = transactions;
        this.store = store;
        this.audit = audit;
        this.runner = new LeaseRunner(
                transactions,
                ImportStore.LEASES,
                new LeaseRunner.Terms("import", properties.lease(), properties.running()),
                worker::work);
    }

    @Scheduled(fixedDelayString = "${platform.imports.poll:500ms}")
    void poll() {
        runner.poll();
    }

    @Scheduled(fixedDelayString = "${platform.imports.sweep:1m}")
    void sweep() {
        try {
            List<Lease> abandoned = transactions.in(Leases.ALL_TENANTS, store::abandonedUploads);
            for (Lease upload : abandoned) {
                log.info("Import {} never came to its end and is forgotten", upload.id());
                transactions.in(upload.tenant(), database -> {
                    store.discardUpload(database, upload.id());
                    return true;
                });
            }
        } catch (RuntimeException away) {
            log.debug("Abandoned uploads could not be looked for: {}", away.toString());
        }
    }

    /**
     * What was staged goes; one that has ended stays as it is.
     *
     * @throws PlatformException {@link ProblemType#NOT_FOUND}
     */
    Import cancel(Caller caller, String task, String id) {
        return transactions.in(caller.tenant(), database -> {
            Import found = store.get(database, caller.tenant(), task, id);
            if (store.end(database, caller.tenant(), UUID.fromString(found.id()), Import.State.CANCELLED, null, null)) {
                audit.record(database, caller, task, "import-cancelled", found.snapshot(), null);
            }
            return store.get(database, caller.tenant(), task, id);
        });
    }

    @Override
    public void close() {
        runner.close();
    }
}
