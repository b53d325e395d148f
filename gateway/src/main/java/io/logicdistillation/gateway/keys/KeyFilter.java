package io.logicdistillation.gateway.keys;

import io.logicdistillation.kit.Caller;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/** Recognises {@code Authorization: Bearer ld_…}. What a request without a key may do is decided after it. */
final class KeyFilter extends OncePerRequestFilter {
    private static final String SCHEME = "Bearer ";

    private final KeyFile file;

    KeyFilter(KeyFile file) {
        this.file = file;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String key = presentedKey(request);
        Caller caller = key == null ? null : file.keys().find(key);
        if (caller != null) {
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(new KeyAuthentication(caller));
            SecurityContextHolder.setContext(context);
        }
        chain.doFilter(request, response);
    }

    static @Nullable String presentedKey(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? header.substring(SCHEME.length()).strip()
                : null;
    }
}
