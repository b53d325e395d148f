package io.logicdistillation.inference.decisionlog;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.logicdistillation.contracts.Decision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decision as the log has it.
 *
 * @param redacted the JSON Pointers of what was taken out before it was written; absent if nothing was
 */
public record LoggedDecision(
        @JsonUnwrapped Decision decision, @Nullable List<String> redacted) {}
