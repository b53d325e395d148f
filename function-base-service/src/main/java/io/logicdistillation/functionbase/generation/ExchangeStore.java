package io.logicdistillation.functionbase.generation;

import io.logicdistillation.kit.WireJson;
import io.logicdistillation.languagemodel.Reply;
import java.sql.Types;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Questions, answers and what they cost; every method runs in its caller's transaction. Thread-safe. */
@Component
class ExchangeStore {
    private final JsonMapper json = WireJson.lenient();

    /**
     * A question that is being asked.
     *
     * @param day (UTC) on which it was reserved, and is settled
     */
    record Asked(long id, LocalDate day, Amount reserved) {}

    /** The recorded answer to a step. */
    Optional<Reply> answer(JdbcClient database, UUID generation, String step) {
        return database.sql(
                        "SELECT reply FROM generation_exchanges WHERE generation_id = ? AND step = ? AND reply IS NOT NULL")
                .params(generation, step)
                .query((row, number) -> json.readValue(row.getString("reply"), Reply.class))
                .optional();
    }

    /** @return false if the generation's own budget does not allow it */
    boolean reserve(JdbcClient database, UUID generation, Amount amount, Amount limit) {
        return database.sql("""
                        UPDATE generations
                        SET reserved_tokens = reserved_tokens + :tokens, reserved_micros = reserved_micros + :micros
                        WHERE id = :id
                            AND input_tokens + output_tokens + reserved_tokens + :tokens <= :mostTokens
                            AND micros + reserved_micros + :micros <= :mostMicros
                        """)
                        .param("tokens", amount.tokens())
                        .param("micros", amount.micros())
                        .param("id", generation)
                        .param("mostTokens", limit.tokens())
                        .param("mostMicros", limit.micros())
                        .update()
                == 1;
    }

    /** @return false if what the task may spend on a day does not allow it */
    boolean reserveOfDay(JdbcClient database, String tenant, long task, LocalDate day, Amount amount, Amount limit) {
        if (amount.tokens() > limit.tokens() || amount.micros() > limit.micros()) {
            return false;
        }
        return database.sql("""
                        INSERT INTO generation_spend AS spent (tenant, task_id, day, tokens, micros)
                        VALUES (:tenant, :task, :day, :tokens, :micros)
                        ON CONFLICT (task_id, day) DO UPDATE
                        SET tokens = spent.tokens + :tokens, micros = spent.micros + :micros
                        WHERE spent.tokens + :tokens <= :mostTokens AND spent.micros + :micros <= :mostMicros
                        """)
                        .param("tenant", tenant)
                        .param("task", task)
                        .param("day", day)
                        .param("tokens", amount.tokens())
                        .param("micros", amount.micros())
                        .param("mostTokens", limit.tokens())
                        .param("mostMicros", limit.micros())
                        .update()
                == 1;
    }

    /** What the task has spent on a day, reservations included. */
    Amount spent(JdbcClient database, long task, LocalDate day) {
        return database.sql("SELECT tokens, micros FROM generation_spend WHERE task_id = ? AND day = ?")
                .params(task, day)
                .query((row, number) -> new Amount(row.getLong("tokens"), row.getLong("micros")))
                .optional()
                .orElse(Amount.NOTHING);
    }

    Asked ask(
            JdbcClient database,
            String tenant,
            UUID generation,
            String step,
            String model,
            LocalDate day,
            Amount reserved) {
        long id = database.sql("""
                        INSERT INTO generation_exchanges
                            (tenant, generation_id, step, model, reserved_on, reserved_tokens, reserved_micros, outcome)
                        VALUES (?, ?, ?, ?, ?, ?, ?, 'asked') RETURNING id
                        """)
                .params(tenant, generation, step, model, day, reserved.tokens(), reserved.micros())
                .query(Long.class)
                .single();
        return new Asked(id, day, reserved);
    }

    /**
     * Records an answer, unless the step has one already: then what another worker paid stands beside it and is settled all the same.
     */
    void record(JdbcClient database, UUID generation, Asked asked, String step, Reply reply) {
        boolean known = answer(database, generation, step).isPresent();
        String outcome = known ? "superseded" : reply.finish().name().toLowerCase(Locale.ROOT);
        database.sql("""
                        UPDATE generation_exchanges SET outcome = :outcome, reply = :reply::jsonb, answered_at = now() WHERE id = :id
                        """)
                .param("outcome", outcome)
                .param("reply", known ? null : json.writeValueAsString(reply), Types.VARCHAR)
                .param("id", asked.id())
                .update();
    }

    /** Takes back what was reserved and counts what it cost instead. */
    void settle(JdbcClient database, UUID generation, Asked asked, Reply.Usage usage, long micros) {
        database.sql("""
                        UPDATE generations
                        SET input_tokens = input_tokens + :input, output_tokens = output_tokens + :output, micros = micros + :micros,
                            reserved_tokens = reserved_tokens - :reservedTokens, reserved_micros = reserved_micros - :reservedMicros
                        WHERE id = :id
                        """)
                .param("input", usage.inputTokens())
                .param("output", usage.outputTokens())
                .param("micros", micros)
                .param("reservedTokens", asked.reserved().tokens())
                .param("reservedMicros", asked.reserved().micros())
                .param("id", generation)
                .update();
        database.sql("""
                        UPDATE generation_spend SET tokens = tokens + ?, micros = micros + ?
                        WHERE day = ? AND task_id = (SELECT task_id FROM generations WHERE id = ?)
                        """)
                .params(
                        usage.inputTokens()
                                + usage.outputTokens()
                                - asked.reserved().tokens(),
                        micros - asked.reserved().micros(),
                        asked.day(),
                        generation)
                .update();
    }

    void failed(JdbcClient database, Asked asked, String outcome) {
        database.sql("UPDATE generation_exchanges SET outcome = ?, answered_at = now() WHERE id = ?")
                .params(outcome, asked.id())
                .update();
    }
}
