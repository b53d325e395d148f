package io.logicdistillation.functionbase.function;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PublishedFunction;

/** @param id row of the version */
public record StoredFunction(long id, PublishedFunction function) {
    public FunctionDefinition definition() {
        return new FunctionDefinition(
                function.name(),
                function.stage(),
                function.handle(),
                function.manual(),
                function.language(),
                function.source(),
                function.tests(),
                function.pinned());
    }
}
