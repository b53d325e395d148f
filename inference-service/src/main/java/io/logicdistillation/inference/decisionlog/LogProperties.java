package io.logicdistillation.inference.decisionlog;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** @param keep how long a decision stays at most; a task may ask for less */
@ConfigurationProperties("inference.decision-log")
public record LogProperties(@DefaultValue("400d") Duration keep) {
    public LogProperties {
        if (keep.toDays() < 1) {
            throw new IllegalArgumentException("inference.decision-log.keep must be a day at least");
        }
    }
}
