package io.logicdistillation.functionbase.review;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ReviewEndpoints {
    private final Reviews reviews;
    private final ReviewStore store;
    private final TaskStore tasks;
    private final TenantTransactions transactions;

    ReviewEndpoints(Reviews reviews, ReviewStore store, TaskStore tasks, TenantTransactions transactions) {
        this.reviews = reviews;
        this.store = store;
        this.tasks = tasks;
        this.transactions = transactions;
    }

    @PostMapping("/v1/tasks/{task}/functions/{name}/reviews")
    @ResponseStatus(HttpStatus.CREATED)
    Review judge(@PathVariable String task, @PathVariable String name, @RequestBody ReviewRequest request) {
        return reviews.judge(Caller.current(), task, name, request);
    }

    @GetMapping("/v1/tasks/{task}/functions/{name}/reviews")
    Page<Review> list(
            @PathVariable String task,
            @PathVariable String name,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        long before = paging.after().isEmpty() ? Long.MAX_VALUE : number(paging.after());
        String tenant = Caller.current().tenant();
        long id = tasks.get(tenant, task).id();
        return paging.page(
                transactions.in(tenant, database -> store.reviews(database, tenant, id, name, before, paging)),
                Review::id);
    }

    /** Versions that wait for a person, or have been judged. */
    @GetMapping("/v1/tasks/{task}/proposals")
    Page<Proposal> proposals(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        long after = paging.after().isEmpty() ? 0 : number(paging.after());
        Proposal.State wanted = state == null ? null : state(state);
        String tenant = Caller.current().tenant();
        long id = tasks.get(tenant, task).id();
        Page<ReviewStore.Row> page = paging.page(
                transactions.in(tenant, database -> store.proposals(database, tenant, id, wanted, after, paging)),
                row -> Long.toString(row.function()));
        List<Proposal> items =
                page.items().stream().map(ReviewStore.Row::proposal).toList();
        return new Page<>(items, page.next());
    }

    private static Proposal.State state(String text) {
        try {
            return Proposal.State.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException none) {
            throw ReviewRequest.invalid("state must be waiting, approved, rejected or edited");
        }
    }

    private static long number(String cursor) {
        try {
            return Long.parseLong(cursor);
        } catch (NumberFormatException notOurs) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "cursor is not one that this list gave");
        }
    }
}
