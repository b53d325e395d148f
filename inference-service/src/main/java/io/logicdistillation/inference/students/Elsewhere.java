package io.logicdistillation.inference.students;

/** Serves some students by engines outside of this process. */
@FunctionalInterface
public interface Elsewhere {
    /** Engines that serve those students elsewhere, and all others by these. */
    Engines over(Engines here);
}
