package io.logicdistillation.distillation.datasets;

import java.net.URI;
import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param inferenceUrl of the inference-service, whose log datasets are collected from, and which takes the time of students
 * @param timeout of one collection, from the first byte to the last
 */
@ConfigurationProperties("platform.collections")
public record CollectingProperties(
        @DefaultValue("http://127.0.0.1:8083") URI inferenceUrl,
        @DefaultValue("10m") Duration timeout) {
    public CollectingProperties {
        if (inferenceUrl.getHost() == null
                || !Set.of("http", "https").contains(String.valueOf(inferenceUrl.getScheme()))) {
            throw new IllegalArgumentException(
                    "platform.collections.inference-url must be an address of http or https");
        }
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("platform.collections.timeout must be positive");
        }
    }
}
