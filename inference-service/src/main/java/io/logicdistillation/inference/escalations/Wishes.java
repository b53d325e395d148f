package io.logicdistillation.inference.escalations;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Sha256;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Remembers what functions are missing. Thread-safe. */
final class Wishes {
    private final TenantTransactions transactions;
    private final Clock clock;

    Wishes(TenantTransactions transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
    }

    /** @return the wish's id; the same words of a stage are the same wish */
    String add(TaskKey task, Question question, String reason) {
        return transactions.of(
                task.tenant(),
                jdbc -> jdbc.sql("""
                        INSERT INTO generation_wishes AS wish
                            (id, tenant, task, snapshot, stage, view, view_hash, reason, times, created_at, last_at)
                        VALUES (:id, :tenant, :task, :snapshot, :stage, :view, :hash, :reason, 1, :now, :now)
                        ON CONFLICT (tenant, task, stage, view_hash) DO UPDATE
                        SET times = wish.times + 1, last_at = :now, snapshot = excluded.snapshot, reason = excluded.reason
                        RETURNING id
                        """)
                        .param("id", UuidCreator.getTimeOrderedEpoch())
                        .param("tenant", task.tenant())
                        .param("task", task.task())
                        .param("snapshot", question.snapshot())
                        .param("stage", question.stage())
                        .param("view", question.view().replace("\0", ""))
                        .param("hash", Sha256.of(question.view()))
                        .param("reason", reason)
                        .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                        .query(String.class)
                        .single());
    }

    /** Newest first. */
    Page<Wish> list(TaskKey task, @Nullable UUID before, int limit) {
        List<Wish> found = transactions.of(
                task.tenant(),
                jdbc -> jdbc.sql("SELECT * FROM generation_wishes WHERE tenant = :tenant AND task = :task"
                                + (before == null ? "" : " AND id < :before") + " ORDER BY id DESC LIMIT :limit")
                        .param("tenant", task.tenant())
                        .param("task", task.task())
                        .param("before", before)
                        .param("limit", limit + 1)
                        .query(Wishes::row)
                        .list());
        boolean more = found.size() > limit;
        List<Wish> page = more ? found.subList(0, limit) : found;
        return new Page<>(page, more ? page.getLast().id() : null);
    }

    /** Forgets a wish that was granted, or is not wanted; one that comes up again is a new one. */
    void remove(TaskKey task, UUID id) {
        transactions.of(
                task.tenant(),
                jdbc -> jdbc.sql("DELETE FROM generation_wishes WHERE tenant = :tenant AND task = :task AND id = :id")
                        .param("tenant", task.tenant())
                        .param("task", task.task())
                        .param("id", id)
                        .update());
    }

    private static Wish row(ResultSet row, int number) throws SQLException {
        return new Wish(
                row.getString("id"),
                row.getString("task"),
                row.getString("snapshot"),
                row.getString("stage"),
                row.getString("view"),
                row.getString("reason"),
                row.getLong("times"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("last_at", OffsetDateTime.class).toInstant());
    }
}
