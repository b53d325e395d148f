package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.ProblemAdvice;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.ProblemDetail;
import org.springframework.transaction.TransactionException;

/**
 * What became of one state of a batch: a decision or a problem.
 *
 * @param index of the state in the request
 */
record BatchItem(
        int index, @Nullable Decision decision, @Nullable ProblemDetail problem) {
    private static final Logger log = LoggerFactory.getLogger(BatchItem.class);

    static BatchItem of(int index, Decision decision) {
        return new BatchItem(index, decision, null);
    }

    static BatchItem of(int index, Throwable failure) {
        return new BatchItem(index, null, problem(failure));
    }

    /** As the failure of a request of its own would be answered. */
    static @Nullable ProblemDetail problem(Throwable failure) {
        return switch (failure) {
            case PlatformException known -> answer(known.type(), known.getMessage(), known.extensions());
            case DataAccessException gone ->
                answer(ProblemType.UNAVAILABLE, "The database does not answer; try again", Map.of());
            case TransactionException gone ->
                answer(ProblemType.UNAVAILABLE, "The database does not answer; try again", Map.of());
            default -> {
                log.error("A decision failed", failure);
                yield answer(ProblemType.INTERNAL, "The failure is in the service's log", Map.of());
            }
        };
    }

    private static @Nullable ProblemDetail answer(
            ProblemType type, @Nullable String detail, Map<String, Object> extensions) {
        return ProblemAdvice.answer(type, detail, extensions).getBody();
    }
}
