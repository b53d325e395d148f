package io.logicdistillation.inference.warmup;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param since tasks without a decision in this time are not got ready
 * @param longest after which requests are taken all the same
 * @param rehearsals of the latest decisions of a task, which are decided anew before the first request comes
 * @param rehearsing after which no further one is begun
 */
@ConfigurationProperties("inference.warm-up")
record WarmUpProperties(
        @DefaultValue("24h") Duration since,
        @DefaultValue("60s") Duration longest,
        @DefaultValue("20") int rehearsals,
        @DefaultValue("5s") Duration rehearsing) {}
