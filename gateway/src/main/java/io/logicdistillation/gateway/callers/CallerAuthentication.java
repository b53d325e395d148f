package io.logicdistillation.gateway.callers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;

/** A caller who showed a valid key or token. */
public final class CallerAuthentication extends AbstractAuthenticationToken {
    /** Names all tenants at once: the tenant of those who look after the whole platform. */
    public static final String ALL_TENANTS = "*";

    private static final long serialVersionUID = 1L;

    private final transient Recognised recognised;

    public CallerAuthentication(Recognised recognised) {
        super(recognised.caller().scopes().stream()
                .map(Scope::authority)
                .map(SimpleGrantedAuthority::new)
                .toList());
        this.recognised = recognised;
        setAuthenticated(true);
    }

    /** Whom the current request comes from; null where it showed nothing. */
    public static @Nullable Recognised current() {
        return SecurityContextHolder.getContext().getAuthentication() instanceof CallerAuthentication shown
                ? shown.recognised
                : null;
    }

    /** The caller of the current request; null where it needed no key. */
    public static @Nullable Caller currentCaller() {
        Recognised recognised = current();
        return recognised == null ? null : recognised.caller();
    }

    /** Whether this is somebody who looks after the whole platform, and so after every tenant. */
    public static boolean looksAfterAll(Caller caller) {
        return caller.tenant().equals(ALL_TENANTS);
    }

    /** @throws PlatformException {@link ProblemType#UNAUTHENTICATED} where the request showed nothing */
    public static Caller requiredCaller() {
        Caller caller = currentCaller();
        if (caller == null) {
            throw new PlatformException(ProblemType.UNAUTHENTICATED, "Send an API key");
        }
        return caller;
    }

    @Override
    public @Nullable Object getCredentials() {
        return null;
    }

    @Override
    public Object getPrincipal() {
        return recognised.caller();
    }
}
