package io.logicdistillation.distillation.students;

import com.github.f4b6a3.uuid.UuidCreator;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Canaries and what happened to them. Every statement names the tenant. Who changes anything holds the task's lock. */
@Component
class CanaryRows {
    private static final String RUNNING = """
            SELECT * FROM canaries WHERE tenant = :tenant AND task = :task AND ended_at IS NULL
            """;
    private static final String NEWEST = """
            SELECT * FROM canaries WHERE tenant = :tenant AND task = :task ORDER BY number DESC LIMIT 1
            """;
    private static final String BY_ID = "SELECT * FROM canaries WHERE tenant = :tenant AND id = :id";
    private static final String START = """
            INSERT INTO canaries (tenant, id, task, student, serving, percent, min_decisions, max_error_increase,
                                  max_escalation_increase, max_disagreement_increase, started_at)
            VALUES (:tenant, :id, :task, :student, :serving, :percent, :minDecisions, :maxErrorIncrease,
                    :maxEscalationIncrease, :maxDisagreementIncrease, :now)
            """;
    private static final String CHANGE = """
            UPDATE canaries
            SET percent = :percent, min_decisions = :minDecisions, max_error_increase = :maxErrorIncrease,
                max_escalation_increase = :maxEscalationIncrease, max_disagreement_increase = :maxDisagreementIncrease
            WHERE tenant = :tenant AND id = :id AND ended_at IS NULL
            """;
    private static final String COUNT = """
            UPDATE canaries
            SET figures = :figures, looked_decisions = :lookedDecisions, looked_corrections = :lookedCorrections
            WHERE tenant = :tenant AND id = :id AND ended_at IS NULL
            """;
    private static final String END = """
            UPDATE canaries SET ended_at = :now WHERE tenant = :tenant AND id = :id AND ended_at IS NULL
            """;
    private static final String NOTE = """
            INSERT INTO canary_events (tenant, canary, event, terms, figures, reason, overrode, decided_by, decided_at,
                                       promotion)
            SELECT tenant, number, :event, :terms, :figures, :reason, :overrode, :decidedBy, :now, :promotion
            FROM canaries WHERE tenant = :tenant AND id = :id
            """;
    private static final String EVENTS = """
            SELECT e.*, c.id, c.task, c.student, c.serving, c.ended_at, c.figures AS live
            FROM canary_events e JOIN canaries c ON c.number = e.canary
            WHERE e.tenant = :tenant AND (c.student = :student OR c.serving = :student)
            ORDER BY e.number DESC
            LIMIT 100
            """;

    private final JdbcClient jdbc;
    private final Clock clock;
    private final JsonMapper json;

    CanaryRows(JdbcClient jdbc, Clock clock, JsonMapper json) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.json = json;
    }

    /** @param figures as they were reported last */
    record Canary(
            String tenant,
            UUID id,
            String task,
            String student,
            String serving,
            CanaryTerms terms,
            @Nullable CanaryFigures figures,
            CanaryJudge.Looks looks,
            boolean ended) {}

    /** What can happen to a canary. */
    enum Event {
        STARTED,
        CHANGED,
        COMPLETED,
        ROLLED_BACK,
        /** What it was compared with serves no more. */
        SUPERSEDED;

        /** In the table, and to clients. */
        String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Who did it, and why. @param overrode what the gate had against it */
    record Doing(
            String by, @Nullable String reason, @Nullable String overrode) {
        static Doing of(String by, @Nullable String reason) {
            return new Doing(by, reason, null);
        }
    }

    /**
     * @param figures until then, or until now for what still runs
     * @param promotion by which it was completed
     */
    record Noted(
            UUID id,
            String task,
            String student,
            String serving,
            String event,
            CanaryTerms terms,
            @Nullable CanaryFigures figures,
            Doing doing,
            Instant at,
            @Nullable Long promotion) {}

    Optional<Canary> running(String tenant, String task) {
        return one(RUNNING, tenant, task);
    }

    /** The one that runs, or the last one that did. */
    Optional<Canary> newest(String tenant, String task) {
        return one(NEWEST, tenant, task);
    }

    private Optional<Canary> one(String sql, String tenant, String task) {
        return jdbc.sql(sql)
                .param("tenant", tenant)
                .param("task", task)
                .query(this::canary)
                .optional();
    }

    Optional<Canary> byId(String tenant, UUID id) {
        return jdbc.sql(BY_ID)
                .param("tenant", tenant)
                .param("id", id)
                .query(this::canary)
                .optional();
    }

    void start(String tenant, String task, String student, String serving, CanaryTerms terms, Doing doing) {
        UUID id = UuidCreator.getTimeOrderedEpoch();
        terms(jdbc.sql(START), terms)
                .param("tenant", tenant)
                .param("id", id)
                .param("task", task)
                .param("student", student)
                .param("serving", serving)
                .param("now", Timestamp.from(clock.instant()))
                .update();
        note(tenant, id, Event.STARTED, terms, null, doing, null);
    }

    void change(Canary canary, CanaryTerms terms, Doing doing) {
        terms(jdbc.sql(CHANGE), terms)
                .param("tenant", canary.tenant())
                .param("id", canary.id())
                .update();
        note(canary.tenant(), canary.id(), Event.CHANGED, terms, canary.figures(), doing, null);
    }

    void count(Canary canary, CanaryFigures figures, CanaryJudge.Looks looks) {
        jdbc.sql(COUNT)
                .param("tenant", canary.tenant())
                .param("id", canary.id())
                .param("figures", json.writeValueAsString(figures))
                .param("lookedDecisions", looks.decisions())
                .param("lookedCorrections", looks.corrections())
                .update();
    }

    /** @param promotion number of the entry by which it was completed */
    void end(Canary canary, Event event, @Nullable CanaryFigures figures, Doing doing, @Nullable Long promotion) {
        jdbc.sql(END)
                .param("tenant", canary.tenant())
                .param("id", canary.id())
                .param("now", Timestamp.from(clock.instant()))
                .update();
        note(canary.tenant(), canary.id(), event, canary.terms(), figures, doing, promotion);
    }

    private void note(
            String tenant,
            UUID id,
            Event event,
            CanaryTerms terms,
            @Nullable CanaryFigures figures,
            Doing doing,
            @Nullable Long promotion) {
        jdbc.sql(NOTE)
                .param("tenant", tenant)
                .param("id", id)
                .param("event", event.wire())
                .param("terms", json.writeValueAsString(terms))
                .param("figures", figures == null ? null : json.writeValueAsString(figures))
                .param("reason", doing.reason())
                .param("overrode", doing.overrode())
                .param("decidedBy", doing.by())
                .param("now", Timestamp.from(clock.instant()))
                .param("promotion", promotion)
                .update();
    }

    /** What happened to a student as a canary, and to canaries beside it, newest first, at most the last hundred. */
    List<Noted> events(String tenant, String student) {
        return jdbc.sql(EVENTS)
                .param("tenant", tenant)
                .param("student", student)
                .query(this::noted)
                .list();
    }

    private static JdbcClient.StatementSpec terms(JdbcClient.StatementSpec statement, CanaryTerms terms) {
        return statement
                .param("percent", terms.percent())
                .param("minDecisions", terms.minDecisions())
                .param("maxErrorIncrease", terms.maxErrorIncrease())
                .param("maxEscalationIncrease", terms.maxEscalationIncrease())
                .param("maxDisagreementIncrease", terms.maxDisagreementIncrease());
    }

    private Canary canary(ResultSet row, int index) throws SQLException {
        return new Canary(
                row.getString("tenant"),
                row.getObject("id", UUID.class),
                row.getString("task"),
                row.getString("student"),
                row.getString("serving"),
                new CanaryTerms(
                        row.getInt("percent"),
                        row.getInt("min_decisions"),
                        row.getDouble("max_error_increase"),
                        row.getDouble("max_escalation_increase"),
                        row.getDouble("max_disagreement_increase")),
                figures(row.getString("figures")),
                new CanaryJudge.Looks(row.getLong("looked_decisions"), row.getLong("looked_corrections")),
                row.getObject("ended_at") != null);
    }

    private Noted noted(ResultSet row, int index) throws SQLException {
        boolean begins = row.getString("event").equals(Event.STARTED.wire());
        boolean runs = row.getObject("ended_at") == null;
        return new Noted(
                row.getObject("id", UUID.class),
                row.getString("task"),
                row.getString("student"),
                row.getString("serving"),
                row.getString("event"),
                json.readValue(row.getString("terms"), CanaryTerms.class),
                figures(row.getString(begins && runs ? "live" : "figures")),
                new Doing(row.getString("decided_by"), row.getString("reason"), row.getString("overrode")),
                row.getTimestamp("decided_at").toInstant(),
                row.getObject("promotion", Long.class));
    }

    private @Nullable CanaryFigures figures(@Nullable String text) {
        return text == null ? null : json.readValue(text, CanaryFigures.class);
    }
}
