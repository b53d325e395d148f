package io.logicdistillation.kit;

import java.util.Set;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

/**
 * On whose behalf a request runs.
 *
 * @param name of the key or service
 */
public record Caller(String tenant, String name, Set<Scope> scopes) {
    public Caller {
        scopes = Set.copyOf(scopes);
    }

    /** The caller of the current request. @throws IllegalStateException outside of an authenticated request */
    public static Caller current() {
        if (SecurityContextHolder.getContext().getAuthentication() instanceof JwtAuthenticationToken token) {
            return InternalTokens.caller(token.getToken());
        }
        throw new IllegalStateException("No authenticated request on this thread");
    }
}
