package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which decisions of a task are wanted; what is absent does not matter.
 *
 * @param student id of the student that decided
 * @param decidedBy as in the answer, of any stage
 * @param function chosen at any stage
 * @param probabilityBelow some chosen function was less probable than this
 * @param from the first moment
 * @param to the first moment that is too late
 */
public record DecisionFilter(
        @Nullable UUID episode,
        @Nullable String student,
        @Nullable String decidedBy,
        @Nullable String function,
        @Nullable Double probabilityBelow,
        @Nullable Instant from,
        @Nullable Instant to) {
    private static final Pattern WORD = Pattern.compile("[a-z-]{1,32}");
    private static final Pattern NAME = Pattern.compile("[!-~]{1,200}");

    public DecisionFilter {
        if (decidedBy != null && !WORD.matcher(decidedBy).matches()) {
            throw invalid("decidedBy must be one of the words that decisions give, such as runner-up");
        }
        if (student != null && !NAME.matcher(student).matches()) {
            throw invalid("student must be a student's id");
        }
        if (function != null) {
            Names.requireName("function", function);
        }
        if (probabilityBelow != null && !(probabilityBelow > 0 && probabilityBelow <= 1)) {
            throw invalid("probabilityBelow must lie above 0 and be at most 1");
        }
        checkMoment(from);
        checkMoment(to);
        if (from != null && to != null && !from.isBefore(to)) {
            throw invalid("from must lie before to");
        }
    }

    public static DecisionFilter between(@Nullable Instant from, @Nullable Instant to) {
        return new DecisionFilter(null, null, null, null, null, from, to);
    }

    DecisionFilter until(Instant end) {
        Instant last = from != null && !from.isBefore(end) ? from.plusMillis(1) : end;
        return new DecisionFilter(episode, student, decidedBy, function, probabilityBelow, from, last);
    }

    private static void checkMoment(@Nullable Instant moment) {
        if (moment != null && (moment.isBefore(Instant.EPOCH) || moment.isAfter(Instant.ofEpochSecond(1L << 37)))) {
            throw invalid("from and to must lie between 1970 and the year 6000");
        }
    }

    private static PlatformException invalid(String detail) {
        return new PlatformException(ProblemType.INVALID_REQUEST, detail);
    }

    /** Conditions that follow {@code WHERE tenant = … AND task = …}; time is a range of ids, which the index of the task has. */
    public String sql() {
        return (episode == null ? "" : " AND episode = :episode")
                + (student == null ? "" : " AND student = :student")
                + (decidedBy == null ? "" : " AND :decidedBy = ANY (decided_by)")
                + (function == null ? "" : " AND :function = ANY (chosen)")
                + (probabilityBelow == null ? "" : " AND probability < :probabilityBelow")
                + (from == null ? "" : " AND id >= :firstId")
                + (to == null ? "" : " AND id < :endId");
    }

    /** Of {@link #sql}. */
    public Map<String, @Nullable Object> parameters() {
        Map<String, @Nullable Object> parameters = new HashMap<>();
        parameters.put("episode", episode);
        parameters.put("student", student);
        parameters.put("decidedBy", decidedBy);
        parameters.put("function", function);
        parameters.put("probabilityBelow", probabilityBelow);
        parameters.put("firstId", from == null ? null : firstFrom(from));
        parameters.put("endId", to == null ? null : firstFrom(to));
        return parameters;
    }

    /** The smallest id of a moment: 48 bits of milliseconds, then zeros. */
    static UUID firstFrom(Instant moment) {
        return new UUID(moment.toEpochMilli() << 16, 0);
    }
}
