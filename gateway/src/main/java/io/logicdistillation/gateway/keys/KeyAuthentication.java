package io.logicdistillation.gateway.keys;

import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;

/** A caller who showed a valid key. */
public final class KeyAuthentication extends AbstractAuthenticationToken {
    private static final long serialVersionUID = 1L;

    private final transient Caller caller;

    KeyAuthentication(Caller caller) {
        super(caller.scopes().stream()
                .map(Scope::authority)
                .map(SimpleGrantedAuthority::new)
                .toList());
        this.caller = caller;
        setAuthenticated(true);
    }

    /** The caller of the current request; null where it needed no key. */
    public static @Nullable Caller currentCaller() {
        return SecurityContextHolder.getContext().getAuthentication() instanceof KeyAuthentication key
                ? key.caller
                : null;
    }

    @Override
    public @Nullable Object getCredentials() {
        return null;
    }

    @Override
    public Object getPrincipal() {
        return caller;
    }
}
