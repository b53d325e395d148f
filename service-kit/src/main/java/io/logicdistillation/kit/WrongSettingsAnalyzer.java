package io.logicdistillation.kit;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** What the last lines of the log say, instead of a stack trace. */
final class WrongSettingsAnalyzer extends AbstractFailureAnalyzer<WrongSettingsException> {
    @Override
    protected FailureAnalysis analyze(Throwable root, WrongSettingsException cause) {
        String action = "Correct them all and start again; docs/operations/configuration.md lists every setting.";
        return new FailureAnalysis(String.valueOf(cause.getMessage()), action, cause);
    }
}
