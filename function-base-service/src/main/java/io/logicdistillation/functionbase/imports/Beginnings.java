package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Begins imports, each content once, and within what a tenant may have under way. Thread-safe. */
@Component
class Beginnings {
    private final TenantTransactions transactions;
    private final ImportStore imports;
    private final SnapshotStore snapshots;
    private final AuditTrail audit;
    private final ImportProperties properties;

    Beginnings(
            TenantTransactions transactions,
            ImportStore imports,
            SnapshotStore snapshots,
            AuditTrail audit,
            ImportProperties properties) {
        this.transactions = transactions;
        this.imports = imports;
        this.snapshots = snapshots;
        this.audit = audit;
        this.properties = properties;
    }

    /** @param fresh false where the snapshot is here already, or on its way */
    record Begun(Import of, boolean fresh) {}

    AuditTrail audit() {
        return audit;
    }

    /**
     * The import of a content: a new one, the one under way, or one that has come to its end.
     *
     * @param lease of the upload
     * @throws PlatformException {@link ProblemType#CONFLICT} if the same is being uploaded right now,
     *     {@link ProblemType#QUOTA_EXCEEDED} if the tenant has too many under way, {@link ProblemType#TOO_LARGE} for too many functions
     */
    Begun begin(Caller caller, ImportStore.Content content, Duration lease) {
        if (content.functions() > properties.functions()) {
            throw new PlatformException(
                    ProblemType.TOO_LARGE,
                    "An import holds at most " + properties.functions() + " functions; this one has "
                            + content.functions());
        }
        return transactions.in(caller.tenant(), database -> {
            imports.lock(database, caller.tenant());
            Optional<Import> earlier = imports.of(database, caller.tenant(), content.task(), content.snapshot());
            if (earlier.isPresent() && earlier.get().state() == Import.State.UPLOADING) {
                throw new PlatformException(
                        ProblemType.CONFLICT,
                        "Import " + earlier.get().id() + " of this snapshot is being uploaded",
                        Map.of("import", earlier.get().id()));
            }
            boolean here = isHere(database, caller.tenant(), content);
            if (earlier.isPresent() && (here || !earlier.get().state().isFinal())) {
                return new Begun(earlier.get(), false);
            }
            if (!here && imports.underWay(database, caller.tenant()) >= properties.underWay()) {
                throw new PlatformException(
                        ProblemType.QUOTA_EXCEEDED,
                        properties.underWay() + " imports are under way; wait for one to end, or cancel it");
            }
            UUID id = imports.insert(
                    database, caller, content, here ? Import.State.COMPLETED : Import.State.UPLOADING, lease);
            return new Begun(imports.get(database, caller.tenant(), content.task(), id.toString()), !here);
        });
    }

    private boolean isHere(JdbcClient database, String tenant, ImportStore.Content content) {
        return snapshots.exists(database, tenant, content.task(), content.snapshot());
    }
}
