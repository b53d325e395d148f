package io.logicdistillation.inference.timings;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.decisions.Deadline;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.students.Engines;
import io.logicdistillation.inference.students.StudentRef;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** Where the registry has students timed. For services: the gateway does not lead here. */
@RestController
class TimingController {
    /** Together less than a client of the gateway waits. */
    private static final Duration LOADING = Duration.ofSeconds(8);

    private static final Duration TAKING = Duration.ofSeconds(16);

    private final Snapshots snapshots;
    private final Students students;
    private final ReentrantLock turn = new ReentrantLock();

    TimingController(Snapshots snapshots, Students students) {
        this.snapshots = snapshots;
        this.students = students;
    }

    /** @param machine that this replica runs on; @param rows as far as time allowed */
    record Times(String machine, String snapshot, List<Stopwatch.Taken> rows) {}

    /** Two at once would take each other's time. */
    @PostMapping("/v1/timings")
    Times take(@RequestBody TimingRequest request) {
        TaskKey task = new TaskKey(Caller.current().tenant(), request.task());
        PreparedSnapshot snapshot = snapshots.of(task, null);
        if (!turn.tryLock()) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "Other students are being timed here; try again");
        }
        Deadline loading = Deadline.in(LOADING);
        List<Engines.Lease> leases = new ArrayList<>();
        try {
            for (String student : request.students()) {
                leases.add(students.lease(new StudentRef(task, student), loading.remaining()));
            }
            Stopwatch watch = new Stopwatch(
                    snapshot, leases.stream().map(Engines.Lease::engine).toList());
            return new Times(Machine.name(), snapshot.id(), watch.over(request.rows(), Deadline.in(TAKING)));
        } finally {
            leases.forEach(Engines.Lease::close);
            turn.unlock();
        }
    }
}
