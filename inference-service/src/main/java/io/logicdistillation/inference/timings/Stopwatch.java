package io.logicdistillation.inference.timings;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.decisions.ChoiceTime;
import io.logicdistillation.inference.decisions.Deadline;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Takes the time of one or two students over the same rows, in turns on every row, so that whatever else this machine does meanwhile
 * falls on both. For one thread.
 */
final class Stopwatch {
    private final PreparedSnapshot snapshot;
    private final List<StudentEngine> students;
    private final Map<String, StageDefinition> stages;
    private final List<Set<Object>> warm;

    /** @param students who stays first in what is answered, whoever goes first on a row */
    Stopwatch(PreparedSnapshot snapshot, List<StudentEngine> students) {
        this.snapshot = snapshot;
        this.students = List.copyOf(students);
        this.stages =
                snapshot.task().stages().stream().collect(Collectors.toMap(StageDefinition::name, Function.identity()));
        this.warm =
                students.stream().map(student -> (Set<Object>) new HashSet<>()).toList();
    }

    /** @param row its place in the request; @param times in the order of the students */
    record Taken(int row, List<ChoiceTime> times) {}

    /**
     * @param deadline after which no other row is begun
     * @return rows that all students could read
     * @throws PlatformException {@link ProblemType#UNKNOWN_STAGE}, or {@link ProblemType#UNAVAILABLE} if a student gives no numbers
     */
    List<Taken> over(List<TimingRequest.Row> rows, Deadline deadline) {
        rows.forEach(row -> stage(row.stage()));
        List<Taken> taken = new ArrayList<>();
        for (int place = 0; place < rows.size() && !deadline.remaining().isZero(); place++) {
            try {
                taken.add(new Taken(place, onRow(rows.get(place), place % 2 == 1)));
            } catch (PlatformException failure) {
                if (failure.type() != ProblemType.INVALID_STATE) {
                    throw failure;
                }
            }
        }
        return taken;
    }

    private List<ChoiceTime> onRow(TimingRequest.Row row, boolean backwards) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, students.size()).boxed().toList());
        if (backwards) {
            Collections.reverse(order);
        }
        Map<Integer, ChoiceTime> times =
                order.stream().collect(Collectors.toMap(Function.identity(), student -> time(student, row)));
        return IntStream.range(0, students.size()).mapToObj(times::get).toList();
    }

    /** What a student computes once and keeps, for a stage and for a function, is there when it is served, so it is here. */
    private ChoiceTime time(int student, TimingRequest.Row row) {
        boolean cold = warm.get(student).add(row.stage());
        for (TimingRequest.Candidate candidate : row.candidates()) {
            cold |= warm.get(student).add(List.of(row.stage(), candidate));
        }
        if (cold) {
            ChoiceTime unused = choice(student, row);
        }
        return choice(student, row);
    }

    private ChoiceTime choice(int student, TimingRequest.Row row) {
        List<Entry> entries = row.candidates().stream()
                .map(each -> new Entry(each.function(), each.handle(), each.manual()))
                .toList();
        return ChoiceTime.of(students.get(student), snapshot.task().rules(), stage(row.stage()), row.view(), entries);
    }

    private StageDefinition stage(String name) {
        StageDefinition stage = stages.get(name);
        if (stage == null) {
            throw new PlatformException(
                    ProblemType.UNKNOWN_STAGE, "Task '" + snapshot.task().name() + "' has no stage '" + name + "'");
        }
        return stage;
    }
}
