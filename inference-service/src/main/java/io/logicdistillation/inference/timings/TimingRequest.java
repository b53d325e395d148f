package io.logicdistillation.inference.timings;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whose time is to be taken over what.
 *
 * @param students one or two ids
 * @param rows at most 500, in the order in which they are taken: those that come last are left out where time is short
 */
record TimingRequest(String task, List<String> students, List<Row> rows) {
    private static final int MOST_STUDENTS = 2;
    private static final int MOST_ROWS = 500;
    private static final int MOST_CANDIDATES = 200;

    TimingRequest {
        Names.requireName("task", task);
        if (students == null || students.isEmpty() || students.size() > MOST_STUDENTS) {
            throw invalid("students must be one or two");
        }
        if (!students.stream().allMatch(student -> student != null && Names.isHash(student))) {
            throw invalid("students must be ids");
        }
        if (rows == null
                || rows.isEmpty()
                || rows.size() > MOST_ROWS
                || rows.stream().anyMatch(row -> row == null)) {
            throw invalid("rows must be 1 to " + MOST_ROWS);
        }
        students = List.copyOf(students);
        rows = List.copyOf(rows);
    }

    /** What a student sees of one stage. */
    record Row(String stage, String view, List<Candidate> candidates) {
        Row {
            Names.requireName("stage", stage);
            if (view == null || view.isBlank()) {
                throw invalid("a row needs a view");
            }
            if (candidates == null || candidates.isEmpty() || candidates.size() > MOST_CANDIDATES) {
                throw invalid("candidates must be 1 to " + MOST_CANDIDATES);
            }
            Set<String> handles = new HashSet<>();
            if (!candidates.stream().allMatch(each -> each != null && handles.add(each.handle()))) {
                throw invalid("candidates must have a handle each of their own");
            }
            candidates = List.copyOf(candidates);
        }
    }

    /** A function as a student knows it. */
    record Candidate(String function, String handle, String manual) {
        Candidate {
            if (isBlank(function) || isBlank(handle) || isBlank(manual)) {
                throw invalid("a candidate needs function, handle and manual");
            }
        }

        private static boolean isBlank(String text) {
            return text == null || text.isBlank();
        }
    }

    private static PlatformException invalid(String detail) {
        return new PlatformException(ProblemType.INVALID_REQUEST, detail);
    }
}
