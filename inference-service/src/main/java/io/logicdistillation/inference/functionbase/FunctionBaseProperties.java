package io.logicdistillation.inference.functionbase;

import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * @param url of the function-base-service
 * @param poll pause between two questions about a task's active snapshot and its bans; well below the second within which they must be in force
 * @param idle after this time without a decision a task is no longer followed
 * @param searchTimeout after which the search in memory answers instead
 * @param snapshotTimeout of one snapshot, from the first byte asked for to the last one read; a hundred thousand functions are 100 MB and more
 * @param rememberedSearches kept for words that come again, over all tenants; about a kilobyte each
 * @param keptSnapshots immutable snapshots kept in memory, over all tenants; the least recently used leave first
 */
@ConfigurationProperties("inference.function-base")
public record FunctionBaseProperties(
        @DefaultValue("http://127.0.0.1:8081") URI url,
        @DefaultValue("400ms") Duration poll,
        @DefaultValue("15m") Duration idle,
        @DefaultValue("800ms") Duration searchTimeout,
        @DefaultValue("2m") Duration snapshotTimeout,
        @DefaultValue("8192") int rememberedSearches,
        @DefaultValue("32") int keptSnapshots) {}
