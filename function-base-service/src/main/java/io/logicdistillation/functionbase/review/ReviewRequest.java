package io.logicdistillation.functionbase.review;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.audit.AuditTrail;
import org.jspecify.annotations.Nullable;

/**
 * @param version that is judged; when absent the newest one of the name that waits, else the draft
 * @param function what an edit puts in the version's place, under the same name
 */
record ReviewRequest(
        Review.@Nullable Verdict verdict,
        @Nullable String version,
        @Nullable String reason,
        @Nullable FunctionDefinition function) {
    ReviewRequest {
        if (verdict == null) {
            throw invalid("verdict must be approve, reject or edit");
        }
        if (version != null && !Names.isHash(version)) {
            throw invalid("version is no hash");
        }
        if (reason == null || reason.isBlank()) {
            throw invalid("reason is missing or blank");
        }
        AuditTrail.checked(reason);
        if ((verdict == Review.Verdict.EDIT) != (function != null)) {
            throw invalid("function belongs to the verdict edit, and to no other");
        }
    }

    static PlatformException invalid(String detail) {
        return new PlatformException(ProblemType.INVALID_REQUEST, detail);
    }
}
