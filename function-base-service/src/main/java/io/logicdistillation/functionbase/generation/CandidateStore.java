package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.function.Report;
import io.logicdistillation.kit.WireJson;
import java.sql.Types;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** What became of every function that an L-LLM wrote; every method runs in its caller's transaction. Thread-safe. */
@Component
class CandidateStore {
    private final JsonMapper json = WireJson.lenient();

    /** What became of a candidate. @param cause of a refusal, or what a duplicate is one of */
    record Fate(
            Outcome outcome,
            @Nullable String cause,
            @Nullable String message,
            @Nullable Report report) {
        static Fate refused(String cause, String message) {
            return new Fate(Outcome.REFUSED, cause, message, null);
        }

        static Fate duplicate(String of, String message) {
            return new Fate(Outcome.DUPLICATE, of, message, null);
        }
    }

    enum Outcome {
        PASSED,
        REFUSED,
        DUPLICATE;

        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Optional<Fate> fate(JdbcClient database, UUID generation, String version) {
        return database.sql("SELECT outcome, cause, message FROM candidates WHERE generation_id = ? AND version = ?")
                .params(generation, version)
                .query((row, number) -> new Fate(
                        Outcome.valueOf(row.getString("outcome").toUpperCase(Locale.ROOT)),
                        row.getString("cause"),
                        row.getString("message"),
                        null))
                .optional();
    }

    void insert(
            JdbcClient database,
            Lease lease,
            long task,
            String definitionHash,
            String step,
            String version,
            FunctionDefinition function,
            Fate fate) {
        database.sql("""
                        INSERT INTO candidates
                            (tenant, task_id, generation_id, step, name, version, outcome, cause, message, definition, definition_hash,
                             report)
                        VALUES (:tenant, :task, :generation, :step, :name, :version, :outcome, :cause, :message, :definition::jsonb,
                            :hash, :report::jsonb)
                        ON CONFLICT (generation_id, version) DO NOTHING
                        """)
                .param("tenant", lease.tenant())
                .param("task", task)
                .param("generation", lease.id())
                .param("step", step)
                .param("name", function.name())
                .param("version", version)
                .param("outcome", fate.outcome().stored())
                .param("cause", fate.cause(), Types.VARCHAR)
                .param("message", fate.message(), Types.VARCHAR)
                .param("definition", json.writeValueAsString(function))
                .param("hash", definitionHash)
                .param("report", fate.report() == null ? null : json.writeValueAsString(fate.report()), Types.VARCHAR)
                .update();
    }
}
