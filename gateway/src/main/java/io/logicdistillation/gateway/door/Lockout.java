package io.logicdistillation.gateway.door;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.EstimationProbe;
import io.logicdistillation.gateway.callers.Recognised;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Turns away an address from which too many wrong keys came. While it is locked even a right key is refused, so that a guess
 * that hits is not told from one that misses; only those who came from there before with the same key go on, so that one who
 * guesses does not lock out the neighbours behind the same proxy. Thread-safe; bounded in memory.
 */
@Component
class Lockout {
    private static final int MOST_ADDRESSES = 100_000;
    private static final Duration NEIGHBOURS_FOR = Duration.ofHours(1);

    private final int failures;
    private final Duration window;
    private final Cache<String, Bucket> addresses;
    private final Cache<String, Boolean> neighbours = Caffeine.newBuilder()
            .maximumSize(MOST_ADDRESSES)
            .expireAfterWrite(NEIGHBOURS_FOR)
            .build();

    Lockout(DoorProperties properties) {
        this.failures = properties.failedKeys();
        this.window = properties.failedKeysWindow();
        this.addresses = Caffeine.newBuilder()
                .maximumSize(MOST_ADDRESSES)
                .expireAfterAccess(window.multipliedBy(2))
                .build();
    }

    /** How long this caller is still turned away; zero if not. @param found null for a wrong key */
    Duration remaining(String address, @Nullable Recognised found) {
        Bucket bucket = addresses.getIfPresent(address);
        if (bucket == null) {
            return Duration.ZERO;
        }
        EstimationProbe probe = bucket.estimateAbilityToConsume(1);
        return probe.canBeConsumed() || (found != null && isNeighbour(address, found))
                ? Duration.ZERO
                : Duration.ofNanos(probe.getNanosToWaitForRefill());
    }

    void failed(String address) {
        addresses
                .get(
                        address,
                        unknown -> Bucket.builder()
                                .addLimit(limit -> limit.capacity(failures).refillIntervally(failures, window))
                                .build())
                .tryConsume(1);
    }

    void succeeded(String address, Recognised found) {
        if (!isNeighbour(address, found)) {
            neighbours.put(pair(address, found), true);
        }
    }

    private boolean isNeighbour(String address, Recognised found) {
        return neighbours.getIfPresent(pair(address, found)) != null;
    }

    private static String pair(String address, Recognised found) {
        return address + ' ' + found.id();
    }
}
