package io.logicdistillation.inference.canaries;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** @param report pause between two reports of how a canary does, on which it may be rolled back */
@ConfigurationProperties("inference.canaries")
public record CanaryProperties(@DefaultValue("5s") Duration report) {
    public CanaryProperties {
        if (!report.isPositive()) {
            throw new IllegalArgumentException("inference.canaries.report must be positive");
        }
    }
}
