package io.logicdistillation.inference.decisions;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.DecisionRequest;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.canaries.Canaries;
import io.logicdistillation.inference.canaries.Turn;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.IdempotencyKey;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.Arguments;
import io.logicdistillation.inference.students.Engines;
import io.logicdistillation.inference.students.StudentRef;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.upstream.TaskKey;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.tracing.Tracer;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a decision stage by stage, and logs it before it is answered. Thread-safe. */
final class Decisions {
    private static final Logger log = LoggerFactory.getLogger(Decisions.class);

    /** Stands in the log where no model was asked, because the caller imposed every choice. */
    static final String NO_STUDENT = "none";

    private final Snapshots snapshots;
    private final Deciders deciders;
    private final StageDecider stages;
    private final Ledger ledger;
    private final Instruments instruments;

    Decisions(Snapshots snapshots, Deciders deciders, StageDecider stages, Ledger ledger, Instruments instruments) {
        this.snapshots = snapshots;
        this.deciders = deciders;
        this.stages = stages;
        this.ledger = ledger;
        this.instruments = instruments;
    }

    /** Where one decision is made, and for whom. @param memory of its episode, if the task has any */
    record Room(
            TaskKey task,
            PreparedSnapshot snapshot,
            Decision.@Nullable Memory memory,
            Steps steps,
            Deadline deadline,
            Consumer<Decision.Stage> watcher) {}

    /** Who decides: the students, and whose turn it is. */
    record Deciders(Students students, Canaries canaries) {}

    /** What a decision is measured, traced and dated with. */
    record Instruments(Clock clock, MeterRegistry meters, Tracer tracer) {}

    /**
     * @param key that the client sent so that its request counts once
     * @param watcher sees every stage as soon as it is decided; none is shown of a decision that stood before
     * @throws io.logicdistillation.contracts.PlatformException for everything that the caller must know
     */
    Decision decide(
            TaskKey task,
            DecisionRequest request,
            @Nullable IdempotencyKey key,
            Deadline deadline,
            Consumer<Decision.Stage> watcher) {
        Optional<Decision> earlier = key == null ? Optional.empty() : earlier(task.tenant(), key);
        if (earlier.isPresent()) {
            return earlier.get();
        }
        PreparedSnapshot snapshot = snapshots.inForce(task, request.snapshot());
        RequestChecks.check(request, snapshot);
        Steps steps = new Steps(instruments.tracer());
        Optional<DecisionLog.Recollection> recollection =
                steps.time(Steps.Step.LOG, () -> recollection(task, snapshot, request));
        Decision.Memory memory =
                recollection.map(DecisionLog.Recollection::memory).orElse(null);
        Room room = new Room(task, snapshot, memory, steps, deadline, watcher);
        Optional<Turn> turn = asksStudent(snapshot, request)
                ? Optional.of(deciders.canaries().turn(task, request, key, recollection))
                : Optional.empty();
        Decision decision = decideAll(room, request, turn);
        Decision standing = steps.time(Steps.Step.LOG, () -> ledger.write(task.tenant(), decision, key));
        steps.record(instruments.meters());
        if (!standing.id().equals(decision.id())) {
            return withoutState(standing);
        }
        turn.ifPresent(each -> each.made(decision));
        return timed(decision, steps);
    }

    /** The decision that the same request got before, if any. @throws io.logicdistillation.contracts.PlatformException if the key came with another one */
    Optional<Decision> earlier(String tenant, IdempotencyKey key) {
        return ledger.earlier(tenant, key).map(Decisions::withoutState);
    }

    private Optional<DecisionLog.Recollection> recollection(
            TaskKey task, PreparedSnapshot snapshot, DecisionRequest request) {
        int most = snapshot.task().remembered();
        String episode = request.episode();
        return most == 0 || episode == null ? Optional.empty() : Optional.of(ledger.remembered(task, episode, most));
    }

    private static boolean asksStudent(PreparedSnapshot snapshot, DecisionRequest request) {
        return snapshot.task().stages().stream()
                .anyMatch(stage -> !request.choices().containsKey(stage.name()));
    }

    private Decision decideAll(Room room, DecisionRequest request, Optional<Turn> turn) {
        try {
            Decision decision = turn.isEmpty()
                    ? decide(new StageDecider.Work(room, null), request, NO_STUDENT, null)
                    : byTurn(room, request, turn.get());
            room.deadline().check("it was about to be logged");
            return decision;
        } catch (RuntimeException failure) {
            turn.ifPresent(each -> each.failed(failure));
            throw failure;
        }
    }

    private Decision byTurn(Room room, DecisionRequest request, Turn turn) {
        Student.Canary canary = turn.canary();
        Optional<Decision> tried = canary == null ? Optional.empty() : byCanary(room, request, turn, canary);
        return tried.orElseGet(() -> byServing(room, request, turn));
    }

    private Decision byServing(Room room, DecisionRequest request, Turn turn) {
        StudentRef wanted = new StudentRef(room.task(), request.student());
        try (Engines.Lease lease =
                deciders.students().lease(wanted, room.deadline().remaining())) {
            return decide(new StageDecider.Work(room, lease), request, lease.id(), turn.mark());
        }
    }

    /**
     * A canary that is not ready or that breaks costs nobody an answer. Its stages are shown when all of them are decided: the one
     * that serves may have to begin again.
     */
    private Optional<Decision> byCanary(Room room, DecisionRequest request, Turn turn, Student.Canary canary) {
        List<Decision.Stage> made = new ArrayList<>();
        Room apart = new Room(room.task(), room.snapshot(), room.memory(), room.steps(), room.deadline(), made::add);
        Optional<Decision> decided;
        try {
            Optional<Engines.Lease> ready = deciders.students().lease(room.task(), canary);
            if (ready.isEmpty()) {
                turn.pass();
                return Optional.empty();
            }
            try (Engines.Lease lease = ready.get()) {
                decided = Optional.of(decide(new StageDecider.Work(apart, lease), request, lease.id(), turn.mark()));
            }
        } catch (RuntimeException failure) {
            if (!turn.fallBack(failure)) {
                throw failure;
            }
            log.debug("The canary {} could not decide: {}", canary.student(), failure.toString());
            return Optional.empty();
        }
        made.forEach(room.watcher());
        return decided;
    }

    /** @param canary as in {@link Decision} */
    private Decision decide(StageDecider.Work work, DecisionRequest request, String student, @Nullable Boolean canary) {
        Map<String, Object> earlier = new LinkedHashMap<>();
        List<Decision.Stage> decided = new ArrayList<>();
        Room room = work.room();
        Arguments arguments = Arguments.of(room.snapshot().task(), request.state(), room.memory());
        for (StageDefinition stage : room.snapshot().task().stages()) {
            Decision.Stage made =
                    stages.decide(work, stage, arguments, request.choices().get(stage.name()));
            decided.add(made);
            room.watcher().accept(made);
            earlier.put(stage.name(), made.output());
            arguments = arguments.with(earlier);
        }
        return new Decision(
                UuidCreator.getTimeOrderedEpoch().toString(),
                room.task().task(),
                room.snapshot().id(),
                student,
                request.episode(),
                instruments.clock().instant().truncatedTo(ChronoUnit.MICROS),
                request.state(),
                decided.getLast().output(),
                decided,
                room.steps().timings(),
                room.memory(),
                canary);
    }

    private static Decision withoutState(Decision logged) {
        return answer(logged, logged.timings());
    }

    private static Decision timed(Decision decision, Steps steps) {
        return answer(decision, steps.timings());
    }

    private static Decision answer(Decision decision, Decision.Timings timings) {
        return new Decision(
                decision.id(),
                decision.task(),
                decision.snapshot(),
                decision.student(),
                decision.episode(),
                decision.decidedAt(),
                null,
                decision.output(),
                decision.stages(),
                timings,
                decision.memory(),
                decision.canary());
    }
}
