package io.logicdistillation.inference.functionbase;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PublishedFunction;

/** A function that may be chosen, and why. */
public record Candidate(PublishedFunction function, Decision.Origin origin) {}
