package io.logicdistillation.kit;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.web.filter.OncePerRequestFilter;

/** Lines that a request writes to the log name its tenant. Stands in a security chain, behind what recognises the caller. */
public final class TenantLogFilter extends OncePerRequestFilter {
    /** What the lines call it. */
    public static final String TENANT = "tenant";

    private final Supplier<@Nullable String> tenants;

    /** @param tenants the tenant of a request, null if nobody was recognised */
    public TenantLogFilter(Supplier<@Nullable String> tenants) {
        this.tenants = tenants;
    }

    static TenantLogFilter ofInternalTokens() {
        return new TenantLogFilter(
                () -> SecurityContextHolder.getContext().getAuthentication() instanceof JwtAuthenticationToken token
                        ? InternalTokens.caller(token.getToken()).tenant()
                        : null);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String tenant = tenants.get();
        if (tenant == null) {
            chain.doFilter(request, response);
            return;
        }
        try (MDC.MDCCloseable named = MDC.putCloseable(TENANT, tenant)) {
            chain.doFilter(request, response);
        }
    }

    /** An answer that comes in pieces is finished in a dispatch of its own, perhaps on another thread. */
    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }
}
