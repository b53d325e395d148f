package io.logicdistillation.inference.engine;

import java.util.concurrent.atomic.AtomicBoolean;

/** A loaded student that stays loaded until the lease is closed. */
public final class StudentLease implements StudentEngine, AutoCloseable {
    private final LoadedStudent student;
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    StudentLease(LoadedStudent student, Runnable release) {
        this.student = student;
        this.release = release;
    }

    @Override
    public Scores score(ScoringRequest request) {
        return student.score(request);
    }

    @Override
    public StudentEngine anew() {
        return student.anew();
    }

    @Override
    public boolean recalls(String stage, Entry entry) {
        return student.recalls(stage, entry);
    }

    @Override
    public boolean isSingleToken(String handle) {
        return student.isSingleToken(handle);
    }

    public CacheStatistics cacheStatistics() {
        return student.cacheStatistics();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release.run();
        }
    }
}
