package io.logicdistillation.inference.remote;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentManifest;
import java.time.Duration;
import java.util.List;

/** How one kind of server is asked. It says by the kind of the failure why there is no answer. Thread-safe. */
interface Judge extends AutoCloseable {
    /**
     * One attempt.
     *
     * @param canonical the request's entries in an order that does not depend on the caller's
     * @throws io.logicdistillation.languagemodel.ModelException if there is no answer, or none to be believed
     */
    Judgement judge(ScoringRequest request, List<Entry> canonical, StudentManifest student, Duration timeout);

    /** Whether it has the student's own weights, so that the student's calibration and held-out rows hold for its answers. */
    boolean isTheStudent();

    @Override
    void close();
}
