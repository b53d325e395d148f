package io.logicdistillation.gateway.routes;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.InternalTokens;
import io.logicdistillation.kit.KitProperties;
import org.springframework.stereotype.Component;

/**
 * The internal tokens of callers who ask often: signing one is a good part of what the gateway computes for a request. A token
 * serves for the first sixth of its life, so that a service always gets one that has most of it left. What a caller may do is
 * part of the key here, so changed scopes never meet an old token. Thread-safe; bounded in memory.
 */
@Component
class CallerTokens {
    private static final int MOST_CALLERS = 10_000;
    private static final int PART_OF_LIFE = 6;

    private final LoadingCache<Caller, String> minted;

    CallerTokens(InternalTokens tokens, KitProperties properties) {
        this.minted = Caffeine.newBuilder()
                .maximumSize(MOST_CALLERS)
                .expireAfterWrite(properties.tokenLifetime().dividedBy(PART_OF_LIFE))
                .build(tokens::mint);
    }

    String of(Caller caller) {
        return minted.get(caller);
    }
}
