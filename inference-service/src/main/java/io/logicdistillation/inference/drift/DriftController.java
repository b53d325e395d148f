package io.logicdistillation.inference.drift;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.students.StudentRef;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Starts, shows and cancels drift reports. */
@RestController
@RequestMapping("/v1/tasks/{task}/drift-reports")
class DriftController {
    private static final Duration LOADING = Duration.ofSeconds(20);
    private static final int LARGEST_PAGE = 200;

    private final DriftReports reports;
    private final Snapshots snapshots;
    private final Students students;

    DriftController(DriftReports reports, Snapshots snapshots, Students students) {
        this.reports = reports;
        this.snapshots = snapshots;
        this.students = students;
    }

    /**
     * The snapshot is settled now: a report must not change its subject when another one is activated. A student that there is
     * not is refused now, not found missing later.
     */
    @PostMapping
    ResponseEntity<DriftReport> start(@PathVariable String task, @RequestBody DriftReport.Request request) {
        Names.requireName("task", task);
        String tenant = Caller.current().tenant();
        String snapshot =
                snapshots.of(new TaskKey(tenant, task), request.snapshot()).id();
        if (request.student() != null) {
            students.lease(new StudentRef(new TaskKey(tenant, task), request.student()), LOADING)
                    .close();
        }
        DriftReport report = reports.create(tenant, task, request, snapshot);
        return ResponseEntity.accepted()
                .location(URI.create("/v1/tasks/" + task + "/drift-reports/" + report.id()))
                .body(report);
    }

    @GetMapping("/{id}")
    DriftReport report(@PathVariable String task, @PathVariable String id) {
        return reports.get(Caller.current().tenant(), task, id);
    }

    @GetMapping
    Page<DriftReport> list(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "limit must lie between 1 and " + LARGEST_PAGE);
        }
        return reports.list(Caller.current().tenant(), task, cursor, limit);
    }

    @DeleteMapping("/{id}")
    DriftReport cancel(@PathVariable String task, @PathVariable String id) {
        return reports.cancel(Caller.current().tenant(), task, id);
    }
}
