package io.logicdistillation.kit;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is asked for.
 *
 * @param after the key of the last item that the client has seen; empty at the start
 */
public record Paging(String after, int limit) {
    private static final int USUAL_LIMIT = 50;
    private static final int LARGEST_LIMIT = 200;
    /** Sorts behind every id. */
    private static final UUID LAST = new UUID(-1L, -1L);

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} for a limit out of range or a cursor that is not ours */
    public static Paging of(@Nullable String cursor, @Nullable Integer limit) {
        int size = limit == null ? USUAL_LIMIT : limit;
        if (size < 1 || size > LARGEST_LIMIT) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "limit must lie between 1 and " + LARGEST_LIMIT);
        }
        return new Paging(cursor == null ? "" : decode(cursor), size);
    }

    /** How many rows to fetch: one more than asked for tells whether there is a next page. */
    public int fetch() {
        return limit + 1;
    }

    /** For lists by falling number. */
    public long beforeNumber() {
        try {
            return after.isEmpty() ? Long.MAX_VALUE : Long.parseLong(after);
        } catch (NumberFormatException notOurs) {
            throw notOurs();
        }
    }

    /** For lists by falling id. */
    public UUID beforeId() {
        try {
            return after.isEmpty() ? LAST : UUID.fromString(after);
        } catch (IllegalArgumentException notOurs) {
            throw notOurs();
        }
    }

    /** The page made of at most {@link #fetch()} rows. */
    public <T> Page<T> page(List<T> rows, Function<T, String> key) {
        if (rows.size() <= limit) {
            return new Page<>(rows, null);
        }
        List<T> items = rows.subList(0, limit);
        return new Page<>(items, encode(key.apply(items.getLast())));
    }

    private static String encode(String key) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(StandardCharsets.UTF_8));
    }

    private static String decode(String cursor) {
        try {
            String key = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            if (encode(key).equals(cursor) && key.indexOf('\0') < 0) {
                return key;
            }
        } catch (IllegalArgumentException notOurs) {
            // falls through to the problem below
        }
        throw notOurs();
    }

    private static PlatformException notOurs() {
        return new PlatformException(ProblemType.INVALID_REQUEST, "cursor is not one that this list gave");
    }
}
