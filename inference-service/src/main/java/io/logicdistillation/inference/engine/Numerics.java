package io.logicdistillation.inference.engine;

/** The arithmetic of a student's matrix products. */
public enum Numerics {
    /** As the checkpoint says; the reference that the others are measured against. */
    FP32,
    /** Weights of eight bits per output channel, activations quantised on the fly. */
    INT8
}
