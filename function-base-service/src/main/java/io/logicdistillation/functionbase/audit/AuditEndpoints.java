package io.logicdistillation.functionbase.audit;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class AuditEndpoints {
    private final TenantTransactions transactions;
    private final AuditTrail trail;

    AuditEndpoints(TenantTransactions transactions, AuditTrail trail) {
        this.transactions = transactions;
        this.trail = trail;
    }

    /** Newest first; a task that was deleted is still on record. */
    @GetMapping("/v1/tasks/{task}/audit")
    Page<AuditEntry> list(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        long before = before(paging.after());
        String tenant = Caller.current().tenant();
        List<AuditEntry> found =
                transactions.in(tenant, database -> trail.page(database, tenant, task, before, paging));
        if (found.isEmpty() && paging.after().isEmpty()) {
            throw new PlatformException(ProblemType.UNKNOWN_TASK, "There is no record of such a task");
        }
        return paging.page(found, AuditEntry::id);
    }

    private static long before(String cursor) {
        try {
            return cursor.isEmpty() ? Long.MAX_VALUE : Long.parseLong(cursor);
        } catch (NumberFormatException notOurs) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "cursor is not one that this list gave");
        }
    }
}
