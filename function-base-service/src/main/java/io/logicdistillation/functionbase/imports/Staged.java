package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.functionbase.function.Report;

/** One function of an import that has been checked against its hash. @param line from 1, which is the header's */
record Staged(int line, String version, FunctionDefinition function) {
    /**
     * What came of its verification.
     *
     * @param embedding of its manual entry; empty where it was refused
     */
    record Verified(Staged staged, Report report, float[] embedding) {}
}
