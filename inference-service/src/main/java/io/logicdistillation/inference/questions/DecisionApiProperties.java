package io.logicdistillation.inference.questions;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param general the student that answers where a request names none, and under the aliases: the first of these names that the
 *     tenant has
 * @param aliases names that clients use out of the box
 * @param deadline of all questions of a request together; shorter than the gateway's patience
 */
@ConfigurationProperties("inference.decision-apis")
public record DecisionApiProperties(
        @DefaultValue({"general", "untuned"}) List<String> general,
        @DefaultValue("jev-latest") List<String> aliases,
        @DefaultValue("28s") Duration deadline) {
    public DecisionApiProperties {
        general = List.copyOf(general);
        aliases = List.copyOf(aliases);
        if (general.isEmpty()) {
            throw new IllegalArgumentException("inference.decision-apis.general must name a student");
        }
    }
}
