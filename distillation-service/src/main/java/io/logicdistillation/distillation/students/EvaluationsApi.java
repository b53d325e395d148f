package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** How students did, and what the gate says of each today. */
@RestController
class EvaluationsApi {
    private static final int LARGEST_PAGE = 200;

    private final Students students;
    private final StudentRows rows;
    private final Verdicts verdicts;

    EvaluationsApi(Students students, StudentRows rows, Verdicts verdicts) {
        this.students = students;
        this.rows = rows;
        this.verdicts = verdicts;
    }

    @GetMapping("/v1/evaluations")
    Page<Verdicts.Judged> list(
            @RequestParam(required = false) @Nullable String task,
            @RequestParam(required = false) @Nullable String student,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "limit must lie between 1 and " + LARGEST_PAGE);
        }
        String tenant = Caller.current().tenant();
        Page<Student> found = student == null
                ? rows.page(tenant, new StudentRows.Filter(task, null, null), cursor, limit)
                : new Page<>(List.of(students.find(tenant, student, task).student()), null);
        return new Page<>(
                found.items().stream().map(each -> verdicts.today(tenant, each)).toList(), found.next());
    }
}
