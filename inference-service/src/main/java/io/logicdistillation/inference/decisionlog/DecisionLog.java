package io.logicdistillation.inference.decisionlog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.tenantdata.TenantChanged;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Remembers every decision. A decision that it did not take must not be answered. Thread-safe. */
public final class DecisionLog {
    private static final String COLUMNS =
            "id, task, snapshot, student, episode, decided_at, state, output, stages, timings, memory, redacted, canary";

    private static final String INSERT = """
            INSERT INTO decisions
                (id, tenant, task, snapshot, student, episode, decided_at, state, output, stages, timings, memory, redacted, canary)
            SELECT CAST(:id AS uuid), :tenant, :task, :snapshot, :student, CAST(:episode AS uuid),
                CAST(:decidedAt AS timestamptz), CAST(:state AS json), CAST(:output AS json), CAST(:stages AS json),
                CAST(:timings AS json), CAST(:memory AS json), CAST(:redacted AS text[]), CAST(:canary AS boolean)
            WHERE CAST(:believed AS text[]) = coalesce(
                (SELECT redactions FROM decision_log_settings WHERE tenant = :tenant AND task = :task), '{}')
            ON CONFLICT (id, tenant) DO NOTHING
            """;
    private static final int TASKS = 1_024;

    private final TenantTransactions transactions;
    private final DecisionRows rows;
    private final Clock clock;
    /** As they were when they were last read; what a task begins with is that there are none. */
    private final Cache<LoggedTask, List<String>> redactions =
            Caffeine.newBuilder().maximumSize(TASKS).build();

    DecisionLog(TenantTransactions transactions, DecisionRows rows, Clock clock) {
        this.transactions = transactions;
        this.rows = rows;
        this.clock = clock;
    }

    /**
     * Writes a decision; with a key, only if the key is new.
     *
     * @param key that the client sent so that its request counts once
     * @return the decision that stands: this one, or the one that the same request got before
     * @throws PlatformException {@link ProblemType#CONFLICT} if the key came with another request before
     */
    public Decision write(String tenant, Decision decision, @Nullable IdempotencyKey key) {
        if (key == null && insertAsBelieved(tenant, decision)) {
            return decision;
        }
        return transactions.of(tenant, jdbc -> {
            if (key != null && !claim(jdbc, tenant, decision, key)) {
                return earlier(jdbc, tenant, key)
                        .orElseThrow(() -> new PlatformException(
                                ProblemType.UNAVAILABLE, "The same request is being answered; try again"));
            }
            insert(jdbc, tenant, decision);
            return decision;
        });
    }

    @EventListener
    void forget(TenantChanged changed) {
        redactions.asMap().keySet().removeIf(task -> task.tenant().equals(changed.tenant()));
    }

    private boolean claim(JdbcClient jdbc, String tenant, Decision decision, IdempotencyKey key) {
        return jdbc.sql("""
                        INSERT INTO idempotency_keys (tenant, key, request_hash, decision, created_at)
                        VALUES (:tenant, :key, :hash, :decision, :now)
                        ON CONFLICT (tenant, key) DO NOTHING
                        """)
                        .param("tenant", tenant)
                        .param("key", key.key())
                        .param("hash", key.requestHash())
                        .param("decision", UUID.fromString(decision.id()))
                        .param("now", OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                        .update()
                == 1;
    }

    /**
     * Whoever sets redactions may rely on them from the answer on, so what this replica believes is checked by the statement that writes.
     *
     * @return whether the decision is written: not if the redactions are others, nor if it was there already
     */
    private boolean insertAsBelieved(String tenant, Decision decision) {
        List<String> believed = redactions.get(new LoggedTask(tenant, decision.task()), unread -> List.of());
        return transactions.update(tenant, INSERT, parameters(tenant, decision, believed)) == 1;
    }

    /** Reads the redactions in the transaction that writes. */
    private void insert(JdbcClient jdbc, String tenant, Decision decision) {
        List<String> now = LogSettingsStore.get(jdbc, tenant, decision.task()).redactions();
        redactions.put(new LoggedTask(tenant, decision.task()), now);
        jdbc.sql(INSERT).params(parameters(tenant, decision, now)).update();
    }

    private Map<String, @Nullable Object> parameters(String tenant, Decision decision, List<String> believed) {
        Map<String, @Nullable Object> parameters = rows.columns(decision, believed);
        parameters.put("tenant", tenant);
        parameters.put("believed", believed.toArray(String[]::new));
        return parameters;
    }

    /** The decision that the same request got before, if any. @throws PlatformException as {@link #write} */
    public Optional<Decision> earlier(String tenant, IdempotencyKey key) {
        return transactions.of(tenant, jdbc -> earlier(jdbc, tenant, key));
    }

    private Optional<Decision> earlier(JdbcClient jdbc, String tenant, IdempotencyKey key) {
        return jdbc.sql("SELECT request_hash, decision FROM idempotency_keys WHERE tenant = :tenant AND key = :key")
                .param("tenant", tenant)
                .param("key", key.key())
                .query((row, number) -> new Claim(row.getString(1), row.getObject(2, UUID.class)))
                .optional()
                .flatMap(claim -> {
                    if (!claim.requestHash().equals(key.requestHash())) {
                        throw new PlatformException(
                                ProblemType.CONFLICT, "The idempotency key was used for another request before");
                    }
                    return find(jdbc, tenant, claim.decision());
                });
    }

    /** @throws PlatformException {@link ProblemType#UNKNOWN_DECISION} */
    public Decision get(String tenant, String id) {
        return logged(tenant, id).decision();
    }

    /** @throws PlatformException {@link ProblemType#UNKNOWN_DECISION} */
    public LoggedDecision logged(String tenant, String id) {
        return uuid(id).flatMap(uuid -> transactions.of(tenant, jdbc -> findLogged(jdbc, tenant, uuid)))
                .orElseThrow(
                        () -> new PlatformException(ProblemType.UNKNOWN_DECISION, "There is no decision '" + id + "'"));
    }

    private Optional<Decision> find(JdbcClient jdbc, String tenant, UUID id) {
        return findLogged(jdbc, tenant, id).map(LoggedDecision::decision);
    }

    private Optional<LoggedDecision> findLogged(JdbcClient jdbc, String tenant, UUID id) {
        return jdbc.sql("SELECT " + COLUMNS + " FROM decisions WHERE tenant = :tenant AND id = :id")
                .param("tenant", tenant)
                .param("id", id)
                .query(rows::logged)
                .optional();
    }

    /**
     * A task's decisions, newest first.
     *
     * @param cursor of the page before
     * @throws PlatformException {@link ProblemType#INVALID_REQUEST} for a cursor that is none
     */
    public Page<LoggedDecision> list(
            String tenant, String task, @Nullable String cursor, int limit, DecisionFilter filter) {
        UUID before = cursor == null ? null : uuid(cursor).orElseThrow(() -> invalid("cursor"));
        List<LoggedDecision> found = transactions.of(
                tenant,
                jdbc -> jdbc.sql("SELECT " + COLUMNS + " FROM decisions WHERE tenant = :tenant AND task = :task"
                                + (before == null ? "" : " AND id < :before")
                                + filter.sql()
                                + " ORDER BY id DESC LIMIT :limit")
                        .param("tenant", tenant)
                        .param("task", task)
                        .param("before", before)
                        .params(filter.parameters())
                        .param("limit", limit + 1)
                        .query(rows::logged)
                        .list());
        boolean more = found.size() > limit;
        List<LoggedDecision> page = more ? found.subList(0, limit) : found;
        return new Page<>(page, more ? page.getLast().decision().id() : null);
    }

    /**
     * Some of a task's decisions, oldest first.
     *
     * @param after only what is younger than this one
     * @return empty at the end
     */
    public List<LoggedDecision> following(
            String tenant, String task, @Nullable UUID after, int limit, DecisionFilter filter) {
        return transactions.of(
                tenant,
                jdbc -> jdbc.sql("SELECT " + COLUMNS + " FROM decisions WHERE tenant = :tenant AND task = :task"
                                + (after == null ? "" : " AND id > :after")
                                + filter.sql()
                                + " ORDER BY id LIMIT :limit")
                        .param("tenant", tenant)
                        .param("task", task)
                        .param("after", after)
                        .params(filter.parameters())
                        .param("limit", limit)
                        .query(rows::logged)
                        .list());
    }

    /** Who decided last in an episode. @param canary as in {@link Decision} */
    public record Turn(String student, @Nullable Boolean canary) {}

    /** The newest decision of a task in an episode, if there is one: an episode's name may be used by several tasks. */
    public Optional<Turn> lastOfEpisode(String tenant, String task, UUID episode) {
        return transactions.of(
                tenant,
                jdbc -> jdbc.sql("""
                                SELECT student, canary FROM decisions
                                WHERE tenant = :tenant AND task = :task AND episode = :episode
                                ORDER BY id DESC LIMIT 1
                                """)
                        .param("tenant", tenant)
                        .param("task", task)
                        .param("episode", episode)
                        .query((row, number) ->
                                new Turn(row.getString("student"), row.getObject("canary", Boolean.class)))
                        .optional());
    }

    /** What is known of an episode when its next decision begins. @param last who decided last, if anybody did */
    public record Recollection(Decision.Memory memory, Optional<Turn> last) {}

    /**
     * The last decisions of an episode as its next one remembers them: as they are logged, less what the task's redactions of now name.
     *
     * @param most decisions
     */
    public Recollection remembered(String tenant, String task, String episode, int most) {
        return transactions.of(tenant, jdbc -> {
            List<Decision> last = jdbc.sql(
                            "SELECT " + COLUMNS + " FROM decisions"
                                    + " WHERE tenant = :tenant AND task = :task AND episode = :episode ORDER BY id DESC LIMIT :most")
                    .param("tenant", tenant)
                    .param("task", task)
                    .param("episode", UUID.fromString(episode))
                    .param("most", most)
                    .query(rows)
                    .list();
            Decision.Memory memory = rows.redacted(
                    EpisodeMemory.of(last.reversed()),
                    LogSettingsStore.get(jdbc, tenant, task).redactions());
            return new Recollection(
                    memory, last.stream().findFirst().map(newest -> new Turn(newest.student(), newest.canary())));
        });
    }

    static Optional<UUID> uuid(String text) {
        try {
            return text.length() == 36 ? Optional.of(UUID.fromString(text)) : Optional.empty();
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static PlatformException invalid(String what) {
        return new PlatformException(ProblemType.INVALID_REQUEST, what + " is not one that this service gave out");
    }

    private record LoggedTask(String tenant, String task) {}

    private record Claim(String requestHash, UUID decision) {}
}
