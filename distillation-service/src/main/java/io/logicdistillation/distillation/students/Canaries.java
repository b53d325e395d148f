package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Caller;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Students that decide a share of a task before they decide all of it. What changes who serves ends the task's canary in the same
 * transaction, and everything about a task waits for its lock, so there is never a canary beside a student that it is not
 * compared with. Thread-safe, for several processes too.
 */
@Component
class Canaries {
    /** In the journal, where no person decided. */
    static final String AUTOMATIC = "automatic rollback";

    private static final int MOST_ENTRIES = 100;

    private final CanaryRows canaries;
    private final StudentRows students;
    private final Promotions promotions;
    private final CanaryJudge judge;
    private final MeterRegistry meters;

    Canaries(
            CanaryRows canaries, StudentRows students, Promotions promotions, CanaryJudge judge, MeterRegistry meters) {
        this.canaries = canaries;
        this.students = students;
        this.promotions = promotions;
        this.judge = judge;
        this.meters = meters;
        // An alert looks for an increase, which needs a place to begin.
        var unused = meters.counter("platform.students.canaries", "event", "rolled-back", "by", "figures");
    }

    /**
     * What the journal says of a canary.
     *
     * @param figures until then; of one that runs, until now
     */
    record Note(
            String id,
            String event,
            CanaryTerms terms,
            @Nullable CanaryFigures figures) {
        static Note of(CanaryRows.Noted noted) {
            return new Note(noted.id().toString(), noted.event(), noted.terms(), noted.figures());
        }
    }

    /**
     * Lets the student decide a share of its task, or changes how much of it. Nothing changes if it does so already.
     *
     * @param override whatever the gate says, which is then recorded
     * @throws PlatformException {@link ProblemType#GATE_REFUSED}, or {@link ProblemType#CONFLICT} if nothing can be compared: no
     *     student serves, this one does, or another one is tried
     */
    @Transactional
    public void start(Caller caller, Student student, CanaryTerms terms, @Nullable String reason, boolean override) {
        promotions.lock(caller.tenant(), student.task());
        Optional<CanaryRows.Canary> running = canaries.running(caller.tenant(), student.task());
        if (running.isPresent()) {
            change(caller, student, running.get(), terms, reason);
            return;
        }
        Student serving = students.serving(caller.tenant(), student.task())
                .orElseThrow(() -> conflict("No student is promoted for task '" + student.task()
                        + "': there is nothing to compare a canary with. Promote it without one"));
        if (serving.id().equals(student.id())) {
            throw conflict("The student serves the task already");
        }
        String overrode = promotions.passGate(caller, student, override);
        canaries.start(
                caller.tenant(),
                student.task(),
                student.id(),
                serving.id(),
                terms,
                new CanaryRows.Doing(caller.name(), reason, overrode));
        count(CanaryRows.Event.STARTED, caller.name());
    }

    private void change(
            Caller caller, Student student, CanaryRows.Canary running, CanaryTerms terms, @Nullable String reason) {
        if (!running.student().equals(student.id())) {
            throw new PlatformException(
                    ProblemType.CONFLICT,
                    "The task has a canary already, " + running.student() + ": complete it or roll it back first",
                    Map.of("canary", running.student()));
        }
        if (!running.terms().equals(terms)) {
            canaries.change(running, terms, CanaryRows.Doing.of(caller.name(), reason));
            count(CanaryRows.Event.CHANGED, caller.name());
        }
    }

    /** As {@link Promotions#promote}; completes the task's canary, or ends it if another student is promoted. */
    @Transactional
    public void promote(Caller caller, Student student, @Nullable String reason, boolean override) {
        Optional<Long> promoted = promotions.promote(caller, student, reason, override);
        if (promoted.isEmpty()) {
            return;
        }
        canaries.running(caller.tenant(), student.task()).ifPresent(running -> {
            if (running.student().equals(student.id())) {
                end(running, CanaryRows.Event.COMPLETED, CanaryRows.Doing.of(caller.name(), reason), promoted.get());
            } else {
                end(
                        running,
                        CanaryRows.Event.SUPERSEDED,
                        CanaryRows.Doing.of(caller.name(), "another student was promoted"),
                        null);
            }
        });
    }

    /**
     * Takes the student out of service, wholly or from its share. Nothing changes if the student was the task's last canary and
     * was rolled back.
     *
     * @return the id of the one that serves from now on
     * @throws PlatformException as {@link Promotions#rollBack}
     */
    @Transactional
    public String rollBack(Caller caller, Student student, @Nullable String reason) {
        promotions.lock(caller.tenant(), student.task());
        Optional<CanaryRows.Canary> newest = canaries.newest(caller.tenant(), student.task());
        Optional<String> serving =
                students.serving(caller.tenant(), student.task()).map(Student::id);
        if (newest.isPresent()
                && newest.get().student().equals(student.id())
                && serving.equals(newest.map(CanaryRows.Canary::serving))) {
            if (!newest.get().ended()) {
                end(newest.get(), CanaryRows.Event.ROLLED_BACK, CanaryRows.Doing.of(caller.name(), reason), null);
            }
            return newest.get().serving();
        }
        String before = promotions.rollBack(caller, student, reason);
        newest.filter(canary -> !canary.ended())
                .ifPresent(canary -> end(
                        canary,
                        CanaryRows.Event.SUPERSEDED,
                        CanaryRows.Doing.of(caller.name(), "the student that it was compared with was rolled back"),
                        null));
        return before;
    }

    /**
     * Takes in what was counted, and rolls the canary back if it is worse. Several replicas may report the same or older figures
     * in any order; one that has ended stays as it is.
     *
     * @return whether it still runs
     * @throws PlatformException {@link ProblemType#NOT_FOUND}
     */
    @Transactional
    public boolean report(String tenant, UUID id, CanaryFigures figures) {
        promotions.lock(tenant, find(tenant, id).task());
        CanaryRows.Canary canary = find(tenant, id);
        if (canary.ended() || figures.isOlderThan(canary.figures())) {
            return !canary.ended();
        }
        CanaryJudge.Judged judged = judge.judge(canary.terms(), canary.looks(), figures);
        canaries.count(canary, figures, judged.looks());
        if (judged.against().isEmpty()) {
            return true;
        }
        CanaryRows.Doing doing = CanaryRows.Doing.of(AUTOMATIC, String.join("; ", judged.against()));
        canaries.end(canary, CanaryRows.Event.ROLLED_BACK, figures, doing, null);
        count(CanaryRows.Event.ROLLED_BACK, doing.by());
        return false;
    }

    private CanaryRows.Canary find(String tenant, UUID id) {
        return canaries.byId(tenant, id)
                .orElseThrow(() -> new PlatformException(ProblemType.NOT_FOUND, "There is no canary '" + id + "'"));
    }

    private void end(
            CanaryRows.Canary canary, CanaryRows.Event event, CanaryRows.Doing doing, @Nullable Long promotion) {
        canaries.end(canary, event, canary.figures(), doing, promotion);
        count(event, doing.by());
    }

    private void count(CanaryRows.Event event, String by) {
        meters.counter(
                        "platform.students.canaries",
                        "event",
                        event.wire(),
                        "by",
                        by.equals(AUTOMATIC) ? "figures" : "operator")
                .increment();
    }

    /**
     * What happened to a student, newest first, at most the last hundred: its promotions and rollbacks, those of its task that
     * concern it, and the canaries that it was or was compared with.
     */
    List<Promotions.Entry> journal(String tenant, String student) {
        Map<Long, Note> completed = new HashMap<>();
        List<Promotions.Entry> entries = new ArrayList<>();
        for (CanaryRows.Noted noted : canaries.events(tenant, student)) {
            Long promotion = noted.promotion();
            if (promotion == null) {
                entries.add(entry(noted));
            } else {
                completed.put(promotion, Note.of(noted));
            }
        }
        promotions.of(tenant, student).forEach(row -> {
            Note note = completed.get(row.number());
            entries.add(note == null ? row.entry() : row.entry().about(note));
        });
        return entries.stream()
                .sorted(Comparator.comparing(Promotions.Entry::decidedAt).reversed())
                .limit(MOST_ENTRIES)
                .toList();
    }

    private static Promotions.Entry entry(CanaryRows.Noted noted) {
        boolean over = noted.event().equals(CanaryRows.Event.ROLLED_BACK.wire())
                || noted.event().equals(CanaryRows.Event.SUPERSEDED.wire());
        return new Promotions.Entry(
                noted.task(),
                over ? noted.serving() : noted.student(),
                over ? "rollback" : "promotion",
                noted.doing().reason(),
                noted.doing().by(),
                noted.at(),
                over ? noted.student() : null,
                noted.doing().overrode(),
                Note.of(noted));
    }

    private static PlatformException conflict(String detail) {
        return new PlatformException(ProblemType.CONFLICT, detail);
    }
}
