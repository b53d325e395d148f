package io.logicdistillation.inference;

import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.HeldOut;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.StudentPackage;
import io.logicdistillation.inference.students.Engines;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Prefers functions in the order that a test sets; any student's package loads as this one engine. */
public final class FakeStudentEngine implements StudentEngine, Engines {
    private final List<ScoringRequest> requests = new CopyOnWriteArrayList<>();
    private volatile List<String> preferred = List.of();
    private volatile Set<String> recalled = Set.of();
    private volatile double none = 0.05;
    private volatile boolean brokenModel;
    private volatile Set<String> broken = Set.of();
    private volatile Set<String> unsure = Set.of();

    /** The first is most probable; those not named are least. */
    public void prefers(String... functions) {
        preferred = List.of(functions);
    }

    /** As if it had been trained on these functions; the others are new to it. */
    public void recalls(String... functions) {
        recalled = Set.of(functions);
    }

    public void none(double probability) {
        none = probability;
    }

    public void breaks(boolean broken) {
        brokenModel = broken;
    }

    /** As if these students' numbers made no sense, while the others go on. */
    public void breaksOf(String... students) {
        broken = Set.of(students);
    }

    /** As if these students thought that nothing fits. */
    public void unsureOf(String... students) {
        unsure = Set.of(students);
    }

    public List<ScoringRequest> requests() {
        return requests;
    }

    public void reset() {
        requests.clear();
        preferred = List.of();
        recalled = Set.of();
        none = 0.05;
        brokenModel = false;
        broken = Set.of();
        unsure = Set.of();
    }

    @Override
    public Scores score(ScoringRequest request) {
        return score(request, brokenModel, none);
    }

    private Scores score(ScoringRequest request, boolean breaks, double none) {
        requests.add(request);
        if (breaks) {
            throw new EngineException(EngineException.Kind.NOT_A_NUMBER, "the model answered NaN");
        }
        if (request.context().equals("N/A\n")) {
            return undecided(request);
        }
        List<Double> weights = request.entries().stream().map(this::weight).toList();
        double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
        List<Double> probabilities =
                weights.stream().map(weight -> weight / sum * (1 - none)).toList();
        return new Scores(request.way(), probabilities, none, 40, 100, Duration.ofMillis(3));
    }

    /** As of one who has read nothing. */
    private static Scores undecided(ScoringRequest request) {
        int count = request.entries().size();
        double share = 1.0 / (count + 1);
        return new Scores(request.way(), Collections.nCopies(count, share), share, 40, 100, Duration.ofMillis(3));
    }

    private double weight(Entry entry) {
        int place = preferred.indexOf(entry.name());
        return place < 0 ? 0.001 : Math.pow(2, -place);
    }

    @Override
    public boolean recalls(String stage, Entry entry) {
        return recalled.contains(entry.name());
    }

    @Override
    public boolean isSingleToken(String handle) {
        return true;
    }

    @Override
    public Lease lease(StudentPackage student) {
        String id = student.id();
        StudentEngine engine = broken.contains(id) || unsure.contains(id) ? odd(id) : this;
        return new Lease(id, engine, HeldOut.of(student.manifest().metrics()), () -> {});
    }

    private StudentEngine odd(String id) {
        return new StudentEngine() {
            @Override
            public Scores score(ScoringRequest request) {
                return FakeStudentEngine.this.score(request, broken.contains(id), unsure.contains(id) ? 0.9 : none);
            }

            @Override
            public boolean recalls(String stage, Entry entry) {
                return FakeStudentEngine.this.recalls(stage, entry);
            }

            @Override
            public boolean isSingleToken(String handle) {
                return true;
            }
        };
    }
}
