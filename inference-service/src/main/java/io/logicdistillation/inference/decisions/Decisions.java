package io.logicdistillation.inference.decisions;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.DecisionRequest;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.decisionlog.IdempotencyKey;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.sandbox.Arguments;
import io.logicdistillation.inference.students.Engines;
import io.logicdistillation.inference.students.StudentRef;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.upstream.TaskKey;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes a decision stage by stage, and logs it before it is answered. Thread-safe. */
final class Decisions {
    /** Stands in the log where no model was asked, because the caller imposed every choice. */
    static final String NO_STUDENT = "none";

    private final Snapshots snapshots;
    private final Students students;
    private final StageDecider stages;
    private final DecisionLog log;
    private final Instruments instruments;

    Decisions(Snapshots snapshots, Students students, StageDecider stages, DecisionLog log, Instruments instruments) {
        this.snapshots = snapshots;
        this.students = students;
        this.stages = stages;
        this.log = log;
        this.instruments = instruments;
    }

    /** What a decision is measured and dated with. */
    record Instruments(Clock clock, MeterRegistry meters) {}

    /**
     * @param key that the client sent so that its request counts once
     * @throws io.logicdistillation.contracts.PlatformException for everything that the caller must know
     */
    Decision decide(TaskKey task, DecisionRequest request, @Nullable IdempotencyKey key, Deadline deadline) {
        if (key != null) {
            Optional<Decision> earlier = log.earlier(task.tenant(), key);
            if (earlier.isPresent()) {
                return withoutState(earlier.get());
            }
        }
        PreparedSnapshot snapshot = snapshots.inForce(task, request.snapshot());
        RequestChecks.check(request, snapshot);
        Steps steps = new Steps();
        Decision decision = decideAll(task, request, snapshot, steps, deadline);
        Decision standing = steps.time(Steps.Step.LOG, () -> log.write(task.tenant(), decision, key));
        steps.record(instruments.meters());
        return standing.id().equals(decision.id()) ? timed(decision, steps) : withoutState(standing);
    }

    private Decision decideAll(
            TaskKey task, DecisionRequest request, PreparedSnapshot snapshot, Steps steps, Deadline deadline) {
        boolean asksStudent = snapshot.task().stages().stream()
                .anyMatch(stage -> !request.choices().containsKey(stage.name()));
        if (!asksStudent) {
            return decide(new StageDecider.Work(task, snapshot, null, steps, deadline), request, NO_STUDENT);
        }
        try (Engines.Lease lease = students.lease(new StudentRef(task, request.student()), deadline.remaining())) {
            StudentEngine student = lease.engine();
            return decide(new StageDecider.Work(task, snapshot, student, steps, deadline), request, lease.id());
        }
    }

    private Decision decide(StageDecider.Work work, DecisionRequest request, String student) {
        Map<String, Object> earlier = new LinkedHashMap<>();
        List<Decision.Stage> decided = new ArrayList<>();
        Arguments arguments = Arguments.of(request.state());
        for (StageDefinition stage : work.snapshot().task().stages()) {
            Decision.Stage made =
                    stages.decide(work, stage, arguments, request.choices().get(stage.name()));
            decided.add(made);
            earlier.put(stage.name(), made.output());
            arguments = arguments.with(earlier);
        }
        return new Decision(
                UuidCreator.getTimeOrderedEpoch().toString(),
                work.task().task(),
                work.snapshot().id(),
                student,
                request.episode(),
                instruments.clock().instant().truncatedTo(ChronoUnit.MICROS),
                request.state(),
                decided.getLast().output(),
                decided,
                work.steps().timings());
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
                timings);
    }
}
