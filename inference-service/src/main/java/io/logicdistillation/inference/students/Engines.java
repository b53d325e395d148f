package io.logicdistillation.inference.students;

import io.logicdistillation.inference.engine.HeldOut;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.StudentPackage;

/** Where students are loaded. Thread-safe. */
@FunctionalInterface
public interface Engines {
    /**
     * The student, loaded if need be; it stays loaded until the lease is closed.
     *
     * @throws io.logicdistillation.inference.engine.EngineException if it cannot be loaded
     */
    Lease lease(StudentPackage student);

    /**
     * A student in use.
     *
     * @param heldOut how it did on rows that it had not seen
     */
    record Lease(String id, StudentEngine engine, HeldOut heldOut, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }
}
