package io.logicdistillation.inference.admission;

import com.netflix.concurrency.limits.Limit;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Lets requests in while the service keeps up. How many at once is the limit's business; whose, is decided here: as long as
 * there is room everybody gets what they ask for, and once more than half of it is taken no tenant has more than an even share
 * of it. "No" is an ordinary answer. Thread-safe.
 */
final class Admission {
    private static final long REMEMBERED_NANOS = 2_000_000_000L;

    private final Limit limit;
    private final LongSupplier nanos;
    private final Map<String, Guest> guests = new HashMap<>();
    private int inside;

    /** @param nanos a clock that only goes forward */
    Admission(Limit limit, LongSupplier nanos) {
        this.limit = limit;
        this.nanos = nanos;
    }

    private static final class Guest {
        private int inside;
        private long lastAsked;
    }

    sealed interface Answer {
        /** Must be given back, once. */
        record Admitted(String tenant, long since, int inside) implements Answer {}

        /** The tenant has its share already. */
        record OverShare() implements Answer {}

        /** The service is full. */
        record Full() implements Answer {}
    }

    synchronized Answer ask(String tenant, Priority priority) {
        long now = nanos.getAsLong();
        guests.values().removeIf(guest -> guest.inside == 0 && now - guest.lastAsked > REMEMBERED_NANOS);
        Guest guest = guests.computeIfAbsent(tenant, fresh -> new Guest());
        guest.lastAsked = now;
        int room = priority.room(limit.getLimit());
        int share = Math.max(1, (int) Math.ceil((double) room / guests.size()));
        boolean crowded = inside >= room / 2;
        if (guests.size() > 1 && crowded && guest.inside >= share) {
            return new Answer.OverShare();
        }
        if (inside >= room) {
            return new Answer.Full();
        }
        inside++;
        guest.inside++;
        return new Answer.Admitted(tenant, now, inside);
    }

    /** @param served whether its time says something about the service's */
    void leave(Answer.Admitted admitted, boolean served) {
        long took = nanos.getAsLong() - admitted.since();
        synchronized (this) {
            inside--;
            Guest guest = guests.get(admitted.tenant());
            if (guest != null) {
                guest.inside--;
            }
        }
        if (served) {
            limit.onSample(admitted.since(), Math.max(1, took), admitted.inside(), false);
        }
    }

    synchronized int inside() {
        return inside;
    }

    int limit() {
        return limit.getLimit();
    }
}
