package io.logicdistillation.inference;

import io.logicdistillation.inference.decisionlog.TenantTransactions;
import java.time.OffsetDateTime;
import java.util.UUID;

/** A decision as if it had been made at another time, in a month that may have to be made for it. */
final class AgedDecision {
    private AgedDecision() {}

    /** @return its id, which tells the time */
    static UUID like(TenantTransactions transactions, UUID like, OffsetDateTime then) {
        UUID id = new UUID(
                then.toInstant().toEpochMilli() << 16 | 0x7000,
                UUID.randomUUID().getLeastSignificantBits());
        transactions.ofEverybody(jdbc -> {
            jdbc.sql("SELECT 1 FROM (SELECT ensure_decision_partitions(:then)) AS made")
                    .param("then", then)
                    .query(Integer.class)
                    .single();
            return jdbc.sql("""
                            INSERT INTO decisions (id, tenant, task, snapshot, student, decided_at, state, output, stages, timings)
                            SELECT :id, tenant, task, snapshot, student, :then, state, output, stages, timings
                            FROM decisions WHERE id = :like
                            """)
                    .param("id", id)
                    .param("then", then)
                    .param("like", like)
                    .update();
        });
        return id;
    }
}
