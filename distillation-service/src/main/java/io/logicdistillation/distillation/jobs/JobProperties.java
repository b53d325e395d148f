package io.logicdistillation.distillation.jobs;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * @param lease how long a worker may be silent before its job goes to another
 * @param backoff before a failed job is tried again; doubled with each try
 * @param mostQueued jobs of a tenant that may wait
 * @param mostRunning jobs of a tenant that may run at once
 * @param largestCheckpoint that a worker may store
 * @param tenants who differs from these
 */
@ConfigurationProperties("platform.jobs")
public record JobProperties(
        @DefaultValue("60s") Duration lease,
        @DefaultValue("10s") Duration backoff,
        @DefaultValue("1000") int mostQueued,
        @DefaultValue("20") int mostRunning,
        @DefaultValue("512MB") DataSize largestCheckpoint,
        @DefaultValue Map<String, Share> tenants) {
    /**
     * What one tenant gets.
     *
     * @param weight its share of the workers beside other tenants; 1 if absent
     */
    public record Share(
            @Nullable Double weight,
            @Nullable Integer mostQueued,
            @Nullable Integer mostRunning) {}

    /** Every value of a tenant's share, its own or the common one. */
    record Quota(double weight, int mostQueued, int mostRunning) {}

    public JobProperties {
        tenants = Map.copyOf(tenants);
        if (!lease.isPositive() || backoff.isNegative() || mostQueued < 0 || mostRunning < 0) {
            throw new IllegalArgumentException("platform.jobs: durations and counts must not be negative");
        }
    }

    Quota quota(String tenant) {
        Share share = tenants.getOrDefault(tenant, new Share(null, null, null));
        return new Quota(
                share.weight() == null ? 1 : share.weight(),
                share.mostQueued() == null ? mostQueued : share.mostQueued(),
                share.mostRunning() == null ? mostRunning : share.mostRunning());
    }
}
