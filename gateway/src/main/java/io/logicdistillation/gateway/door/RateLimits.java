package io.logicdistillation.gateway.door;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.gateway.callers.CallerAuthentication;
import io.logicdistillation.gateway.callers.Recognised;
import io.logicdistillation.kit.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Counts the requests of every key and every tenant (token buckets), says on each answer what is left
 * ({@code RateLimit-Policy} and {@code RateLimit} of the IETF's draft-ietf-httpapi-ratelimit-headers) and refuses what is too
 * much. Each replica counts for itself. Thread-safe; bounded in memory.
 */
final class RateLimits extends OncePerRequestFilter {
    private static final int MOST_CALLERS = 100_000;
    private static final Duration FORGET_AFTER = Duration.ofMinutes(5);

    private final LoadingCache<String, Bucket> keys;
    private final LoadingCache<String, Bucket> tenants;
    private final LoadingCache<String, Semaphore> running;
    private final String policy;
    private final ProblemWriter problems;

    RateLimits(DoorProperties properties, ProblemWriter problems) {
        this.keys = buckets(properties.keyRate());
        this.tenants = buckets(properties.tenantRate());
        // Weak: a tenant's count goes only when none of its requests holds it any more.
        this.running = Caffeine.newBuilder().weakValues().build(unknown -> new Semaphore(properties.tenantAtOnce()));
        this.policy = "\"key\";q=" + properties.keyRate() + ";w=1, \"tenant\";q=" + properties.tenantRate() + ";w=1";
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Recognised recognised = CallerAuthentication.current();
        if (recognised == null) {
            chain.doFilter(request, response);
            return;
        }
        ConsumptionProbe ofKey = take(keys, recognised.id());
        ConsumptionProbe ofTenant = take(tenants, recognised.caller().tenant());
        response.setHeader("RateLimit-Policy", policy);
        response.setHeader("RateLimit", left("key", ofKey) + ", " + left("tenant", ofTenant));
        if (ofKey.isConsumed() && ofTenant.isConsumed()) {
            pass(recognised.caller().tenant(), request, response, chain);
            return;
        }
        Duration wait = Duration.ofNanos(Math.max(ofKey.getNanosToWaitForRefill(), ofTenant.getNanosToWaitForRefill()));
        response.setHeader(HttpHeaders.RETRY_AFTER, seconds(wait));
        problems.write(
                response,
                ProblemType.RATE_LIMITED,
                ofKey.isConsumed()
                        ? "The keys of this tenant ask more often than they may"
                        : "This key asks more often than it may");
    }

    /** A tenant whose requests are slow, or slow to come, takes up its own share of the connections and no more. */
    private void pass(String tenant, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Semaphore underWay = running.get(tenant);
        if (!underWay.tryAcquire()) {
            response.setHeader(HttpHeaders.RETRY_AFTER, "1");
            problems.write(
                    response,
                    ProblemType.RATE_LIMITED,
                    "As many requests of this tenant are under way as may be at once");
            return;
        }
        try {
            chain.doFilter(request, response);
        } finally {
            underWay.release();
        }
    }

    /** Whole seconds, at least one: what {@code Retry-After} takes. */
    static String seconds(Duration wait) {
        return Long.toString(Math.max(1, wait.plusMillis(999).toSeconds()));
    }

    private static ConsumptionProbe take(LoadingCache<String, Bucket> buckets, String who) {
        return buckets.get(who).tryConsumeAndReturnRemaining(1);
    }

    private static String left(String name, ConsumptionProbe probe) {
        return '"' + name + "\";r=" + probe.getRemainingTokens() + ";t="
                + seconds(Duration.ofNanos(probe.getNanosToWaitForReset()));
    }

    private static LoadingCache<String, Bucket> buckets(int rate) {
        return Caffeine.newBuilder()
                .maximumSize(MOST_CALLERS)
                .expireAfterAccess(FORGET_AFTER)
                .build(unknown -> Bucket.builder()
                        .addLimit(limit -> limit.capacity(rate).refillGreedy(rate, Duration.ofSeconds(1)))
                        .build());
    }
}
