package io.logicdistillation.functionbase.function;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/v1/tasks/{task}/functions")
class FunctionEndpoints {
    private final Admission admission;
    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final FunctionStore functions;

    FunctionEndpoints(Admission admission, TenantTransactions transactions, TaskStore tasks, FunctionStore functions) {
        this.admission = admission;
        this.transactions = transactions;
        this.tasks = tasks;
        this.functions = functions;
    }

    /** Admits one function or a list of them; what is there already is answered with 200. */
    @PostMapping
    ResponseEntity<Object> admit(@PathVariable String task, @RequestBody FunctionBatch batch) {
        Admission.Admitted admitted = admission.admit(Caller.current(), task, batch.functions());
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.status(admitted.fresh() ? HttpStatus.CREATED : HttpStatus.OK);
        if (!batch.single()) {
            return answer.body(admitted.functions());
        }
        PublishedFunction function = admitted.functions().getFirst();
        return answer.location(URI.create("/v1/tasks/" + task + "/functions/" + function.name()))
                .body(function);
    }

    @GetMapping
    Page<PublishedFunction> list(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        String tenant = Caller.current().tenant();
        long id = tasks.get(tenant, task).id();
        return paging.page(
                transactions.in(tenant, database -> functions.page(database, tenant, id, paging)),
                PublishedFunction::name);
    }

    @GetMapping("/{name}")
    PublishedFunction get(@PathVariable String task, @PathVariable String name) {
        String tenant = Caller.current().tenant();
        long id = tasks.get(tenant, task).id();
        return transactions
                .in(tenant, database -> functions.draft(database, tenant, id, name))
                .orElseThrow(() -> new PlatformException(
                        ProblemType.UNKNOWN_FUNCTION, "Task '" + task + "' has no function '" + name + "'"));
    }
}
