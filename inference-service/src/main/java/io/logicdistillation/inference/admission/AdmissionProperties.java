package io.logicdistillation.inference.admission;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The limit of requests at once follows their latency between two bounds.
 *
 * @param initial before anything was measured
 */
@ConfigurationProperties("inference.admission")
public record AdmissionProperties(
        @DefaultValue("32") int least,
        @DefaultValue("256") int most,
        @DefaultValue("64") int initial) {
    public AdmissionProperties {
        if (least < 1 || initial < least || most < initial) {
            throw new IllegalArgumentException("inference.admission must have 1 <= least <= initial <= most");
        }
    }
}
