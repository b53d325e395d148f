package io.logicdistillation.inference.drift;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/**
 * @param student that decides anew; the promoted one when absent
 * @param snapshot that it decides from
 * @param total decisions in the range when the report was asked for
 * @param done of them so far
 * @param share of the compared decisions that would come out otherwise; absent before the first
 * @param problem why it failed; absent unless it did
 */
record DriftReport(
        String id,
        String task,
        @Nullable String student,
        String snapshot,
        Status status,
        int total,
        int done,
        @Nullable Double share,
        Tally found,
        @Nullable String problem,
        Instant createdAt) {
    /** Where a report stands; lower case on the wire and in the table. */
    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    enum Status {
        RUNNING,
        DONE,
        FAILED,
        CANCELLED;

        String stored() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param last so many of the newest decisions of the range; 1,000 when absent
     * @param from the first moment
     * @param to the first moment that is too late
     */
    record Request(
            @Nullable String student,
            @Nullable String snapshot,
            @Nullable Integer last,
            @Nullable Instant from,
            @Nullable Instant to) {
        private static final int MOST = 20_000;

        Request {
            if (student != null && !student.matches("[!-~]{1,200}")) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "student must be an id or a name");
            }
            if (snapshot != null && !Names.isHash(snapshot)) {
                throw new PlatformException(ProblemType.UNKNOWN_SNAPSHOT, "The task has no such snapshot");
            }
            if (last != null && (last < 1 || last > MOST)) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "last must lie between 1 and " + MOST);
            }
        }

        int atMost() {
            return last == null ? 1_000 : last;
        }
    }
}
