package io.logicdistillation.functionbase.function;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What the verification of a version found: of those that passed, and of those an L-LLM wrote that did not. */
@RestController
@RequestMapping("/v1/tasks/{task}/functions/{name}/verification")
class VerificationEndpoints {
    /** Of a version the report under the newest definition; without a version the draft's, else the newest one's. */
    private static final String FIND = """
            SELECT version, definition_hash, report, at FROM (
                SELECT f.version, v.definition_hash, v.report, v.verified_at AS at, d.function_id IS NOT NULL AS draft
                FROM functions f JOIN verifications v ON v.function_id = f.id LEFT JOIN drafts d ON d.function_id = f.id
                WHERE f.task_id = :task AND f.name = :name AND (:version::text IS NULL OR f.version = :version)
                UNION ALL
                SELECT c.version, c.definition_hash, c.report, c.created_at, false FROM candidates c
                WHERE c.task_id = :task AND c.name = :name AND c.outcome = 'refused' AND c.report IS NOT NULL
                    AND (:version::text IS NULL OR c.version = :version)) found
            ORDER BY draft DESC, at DESC LIMIT 1
            """;

    private final TenantTransactions transactions;
    private final TaskStore tasks;

    VerificationEndpoints(TenantTransactions transactions, TaskStore tasks) {
        this.transactions = transactions;
        this.tasks = tasks;
    }

    /** @param definition hash of the task's definition that it was verified under */
    record VerificationReport(
            String function,
            String version,
            String definition,
            Instant at,
            @JsonRawValue String report) {}

    @GetMapping
    VerificationReport get(
            @PathVariable String task,
            @PathVariable String name,
            @RequestParam(required = false) @Nullable String version) {
        String tenant = Caller.current().tenant();
        long id = tasks.get(tenant, task).id();
        return transactions
                .in(
                        tenant,
                        database -> database.sql(FIND)
                                .param("task", id)
                                .param("name", name)
                                .param("version", version, Types.VARCHAR)
                                .query((row, number) -> new VerificationReport(
                                        name,
                                        row.getString("version"),
                                        row.getString("definition_hash"),
                                        row.getObject("at", OffsetDateTime.class)
                                                .toInstant(),
                                        row.getString("report")))
                                .optional())
                .orElseThrow(() -> new PlatformException(
                        ProblemType.UNKNOWN_FUNCTION, "Task '" + task + "' has no verified function '" + name + "'"));
    }
}
