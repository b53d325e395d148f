package io.logicdistillation.inference.decisions;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param deadline of a decision whose request names none, and the longest that a request can name
 * @param batchDeadline the same of a batch that is answered line by line
 * @param batchParallelism states of one batch that are decided at once
 */
@ConfigurationProperties("inference.decisions")
record DecisionProperties(
        @DefaultValue("30s") Duration deadline,
        @DefaultValue("5m") Duration batchDeadline,
        @DefaultValue("4") int batchParallelism) {}
