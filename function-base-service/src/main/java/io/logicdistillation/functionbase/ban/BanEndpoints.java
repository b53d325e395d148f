package io.logicdistillation.functionbase.ban;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/v1/tasks/{task}/functions/{name}/bans")
class BanEndpoints {
    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final BanStore bans;
    private final AuditTrail audit;

    BanEndpoints(TenantTransactions transactions, TaskStore tasks, BanStore bans, AuditTrail audit) {
        this.transactions = transactions;
        this.tasks = tasks;
        this.bans = bans;
        this.audit = audit;
    }

    /** Why a function must not be chosen any more. */
    record BanRequest(@Nullable String reason) {
        String required() {
            String given = AuditTrail.checked(reason);
            if (given == null || given.isBlank()) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "reason is missing or blank");
            }
            return given;
        }
    }

    /** In force for every snapshot from the next decision on; banning again answers 200 with the ban that stands. */
    @PostMapping
    ResponseEntity<Ban> ban(@PathVariable String task, @PathVariable String name, @RequestBody BanRequest request) {
        Caller caller = Caller.current();
        String reason = request.required();
        return transactions.in(caller.tenant(), database -> {
            StoredTask locked = known(database, caller, task, name);
            boolean fresh = bans.ban(database, caller, locked, name, reason);
            if (fresh) {
                audit.record(database, caller, task, "function-banned", name, reason);
            }
            return ResponseEntity.status(fresh ? HttpStatus.CREATED : HttpStatus.OK)
                    .body(bans.standing(database, locked, name).orElseThrow());
        });
    }

    @DeleteMapping
    ResponseEntity<Void> lift(
            @PathVariable String task,
            @PathVariable String name,
            @RequestParam(required = false) @Nullable String reason) {
        Caller caller = Caller.current();
        String why = AuditTrail.checked(reason);
        return transactions.in(caller.tenant(), database -> {
            StoredTask locked = known(database, caller, task, name);
            if (!bans.lift(database, caller, locked, name, why)) {
                throw new PlatformException(ProblemType.NOT_FOUND, "Function '" + name + "' is not banned");
            }
            audit.record(database, caller, task, "ban-lifted", name, why);
            return ResponseEntity.noContent().build();
        });
    }

    /** All bans of the function, the newest first; one without {@code liftedAt} is in force. */
    @GetMapping
    List<Ban> history(@PathVariable String task, @PathVariable String name) {
        Caller caller = Caller.current();
        StoredTask stored = tasks.get(caller.tenant(), task);
        return transactions.in(caller.tenant(), database -> {
            require(database, stored, name);
            return bans.history(database, stored, name);
        });
    }

    private StoredTask known(JdbcClient database, Caller caller, String task, String name) {
        StoredTask locked = tasks.lock(database, caller.tenant(), task);
        require(database, locked, name);
        return locked;
    }

    private void require(JdbcClient database, StoredTask task, String name) {
        if (!bans.hasFunction(database, task, name)) {
            throw new PlatformException(
                    ProblemType.UNKNOWN_FUNCTION, "Task '" + task.definition().name() + "' has no such function");
        }
    }
}
