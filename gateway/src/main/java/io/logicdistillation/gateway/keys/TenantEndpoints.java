package io.logicdistillation.gateway.keys;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.gateway.callers.CallerAuthentication;
import io.logicdistillation.gateway.keys.Tenants.TenantView;
import io.logicdistillation.kit.Paging;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@WithDatabase
class TenantEndpoints {
    private final Tenants tenants;
    private final AuditTrail trail;
    private final TenantDeletions deletions;

    TenantEndpoints(Tenants tenants, AuditTrail trail, TenantDeletions deletions) {
        this.deletions = deletions;
        this.tenants = tenants;
        this.trail = trail;
    }

    record NewTenant(String name, @Nullable String reason) {}

    @GetMapping("/v1/tenants")
    Page<TenantView> list(
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        return tenants.page(CallerAuthentication.requiredCaller(), Paging.of(cursor, limit));
    }

    @PostMapping("/v1/tenants")
    @ResponseStatus(HttpStatus.CREATED)
    TenantView create(@RequestBody NewTenant order) {
        return tenants.create(CallerAuthentication.requiredCaller(), order.name(), order.reason());
    }

    /** Whoever asks for it a second time is told how far it has come. */
    @DeleteMapping("/v1/tenants/{tenant}")
    ResponseEntity<TenantDeletion> delete(
            @PathVariable String tenant, @RequestParam(required = false) @Nullable String reason) {
        TenantDeletion ordered = deletions.order(CallerAuthentication.requiredCaller(), tenant, reason);
        return ResponseEntity.accepted()
                .location(URI.create("/v1/tenants/" + tenant + "/deletion"))
                .body(ordered);
    }

    @GetMapping("/v1/tenants/{tenant}/deletion")
    TenantDeletion deletion(@PathVariable String tenant) {
        return deletions.get(tenant);
    }

    @GetMapping("/v1/audit")
    Page<AuditEntry> audit(
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        return trail.page(CallerAuthentication.requiredCaller(), Paging.of(cursor, limit));
    }
}
