package io.logicdistillation.kit;

import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says in a sentence what a page of stack trace would say: the service found no Postgres when it started. */
class DatabaseUnreachableAnalyzer extends AbstractFailureAnalyzer<SQLException> {
    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, SQLException cause) {
        if (!isRefused(cause)) {
            return null;
        }
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new FailureAnalysis(
                "Postgres does not answer or does not let us in: " + (isCertificate(root) ? root : root.getMessage()),
                "Start Postgres, or check PLATFORM_DB_URL, PLATFORM_DB_USER and PLATFORM_DB_PASSWORD.",
                cause);
    }

    /** Whose messages alone say little, such as a date. */
    private static boolean isCertificate(Throwable root) {
        return root instanceof CertificateException;
    }

    /** SQLSTATE classes 08 (no connection), 28 (wrong user or password) and 3D (no such database). */
    private static boolean isRefused(SQLException failure) {
        String state = failure.getSQLState();
        return failure instanceof SQLTransientConnectionException
                || (state != null && (state.startsWith("08") || state.startsWith("28") || state.startsWith("3D")));
    }
}
