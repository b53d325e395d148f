package io.logicdistillation.inference.students;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts what an engine did. Thread-safe. */
final class CountedEngine implements StudentEngine {
    private final StudentEngine engine;
    private final MeterRegistry meters;

    CountedEngine(StudentEngine engine, MeterRegistry meters) {
        this.engine = engine;
        this.meters = meters;
    }

    @Override
    public Scores score(ScoringRequest request) {
        Scores scores = engine.score(request);
        meters.counter("student.scores", "from", scores.areRemembered() ? "memory" : "model")
                .increment();
        return scores;
    }

    @Override
    public StudentEngine anew() {
        return new CountedEngine(engine.anew(), meters);
    }

    @Override
    public boolean isTheStudent() {
        return engine.isTheStudent();
    }

    @Override
    public boolean recalls(String stage, Entry entry) {
        return engine.recalls(stage, entry);
    }

    @Override
    public boolean isSingleToken(String handle) {
        return engine.isSingleToken(handle);
    }
}
