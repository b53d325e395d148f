package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.distillation.datasets.Dataset;
import io.logicdistillation.distillation.datasets.DatasetStore;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Paging;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Takes the time of a student beside the one that serves, before it serves itself. */
@RestController
@RequestMapping("/v1/students/{student}/timings")
class TimingsApi {
    private final Students students;
    private final StudentRows rows;
    private final DatasetStore datasets;
    private final StudentClock watch;
    private final Timings timings;

    TimingsApi(Students students, StudentRows rows, DatasetStore datasets, StudentClock watch, Timings timings) {
        this.students = students;
        this.rows = rows;
        this.datasets = datasets;
        this.watch = watch;
        this.timings = timings;
    }

    /**
     * Over what it is to be timed.
     *
     * @param dataset an id or a name; the one that its job learned from if absent
     * @param rows of every stage at most, 6 to 100; 40 if absent
     */
    record Wanted(@Nullable String dataset, @Nullable Integer rows) {
        private static final Wanted USUAL = new Wanted(null, null);
        private static final int USUAL_ROWS = 40;
        private static final int FEWEST_ROWS = 6;
        private static final int MOST_ROWS = 100;

        Wanted {
            if (rows != null && (rows < FEWEST_ROWS || rows > MOST_ROWS)) {
                throw new PlatformException(
                        ProblemType.INVALID_REQUEST, "rows must lie between " + FEWEST_ROWS + " and " + MOST_ROWS);
            }
        }

        int most() {
            return rows == null ? USUAL_ROWS : rows;
        }
    }

    @PostMapping
    ResponseEntity<Timing> take(@PathVariable String student, @RequestBody(required = false) @Nullable Wanted asked) {
        Caller caller = Caller.current();
        Student found = find(student);
        Wanted wanted = asked == null ? Wanted.USUAL : asked;
        Dataset dataset = dataset(caller.tenant(), found, wanted.dataset());
        List<String> lines = datasets.heldOut(dataset, wanted.most());
        if (lines.isEmpty()) {
            throw new PlatformException(
                    ProblemType.CONFLICT, "Dataset '" + dataset.name() + "' has no rows that were held out");
        }
        Optional<String> serving =
                rows.serving(caller.tenant(), found.task()).map(Student::id).filter(other -> !other.equals(found.id()));
        StudentClock.Measured measured = watch.take(
                found.task(),
                Stream.concat(Stream.of(found.id()), serving.stream()).toList(),
                lines);
        return ResponseEntity.status(HttpStatus.CREATED).body(timings.add(caller, found, serving, dataset, measured));
    }

    private Dataset dataset(String tenant, Student student, @Nullable String wanted) {
        String name = wanted != null ? wanted : Evaluation.dataset(student).orElse(null);
        if (name == null) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "dataset is missing, and the student's manifest names none");
        }
        Dataset dataset = datasets.get(tenant, name);
        if (!dataset.task().equals(student.task())) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST,
                    "Dataset '" + dataset.name() + "' is of task '" + dataset.task() + "', the student of '"
                            + student.task() + "'");
        }
        return dataset;
    }

    @GetMapping
    Page<Timing> list(
            @PathVariable String student,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(required = false) @Nullable Integer limit) {
        Paging paging = Paging.of(cursor, limit);
        return timings.page(Caller.current().tenant(), find(student).id(), paging);
    }

    private Student find(String student) {
        return students.find(Caller.current().tenant(), student, null).student();
    }
}
