package io.logicdistillation.gateway.door;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.gateway.callers.CallerAuthentication;
import io.logicdistillation.gateway.callers.ClosedTenants;
import io.logicdistillation.gateway.callers.Credentials;
import io.logicdistillation.gateway.callers.Recognised;
import io.logicdistillation.kit.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Recognises who sends {@code Authorization: Bearer …}, and turns away addresses that guess. What a request without a key may
 * do is decided after it.
 */
final class CallerFilter extends OncePerRequestFilter {
    private static final String SCHEME = "Bearer ";
    private static final int LONGEST_CREDENTIAL = 8_192;

    private final List<Credentials> kinds;
    private final Lockout lockout;
    private final ClientAddresses addresses;
    private final ProblemWriter problems;
    private final ClosedTenants closed;

    CallerFilter(
            List<Credentials> kinds,
            Lockout lockout,
            ClientAddresses addresses,
            ProblemWriter problems,
            ClosedTenants closed) {
        this.closed = closed;
        this.kinds = List.copyOf(kinds);
        this.lockout = lockout;
        this.addresses = addresses;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String credential = presented(request);
        if (credential == null) {
            chain.doFilter(request, response);
            return;
        }
        String address = addresses.of(request);
        Recognised found;
        try {
            found = find(credential);
        } catch (PlatformException refusal) {
            problems.write(response, refusal.type(), refusal.getMessage());
            return;
        }
        Duration locked = lockout.remaining(address, found);
        if (locked.isPositive()) {
            response.setHeader(HttpHeaders.RETRY_AFTER, RateLimits.seconds(locked));
            problems.write(response, ProblemType.RATE_LIMITED, "Too many wrong keys came from this address; wait");
            return;
        }
        if (found != null && closed.isClosed(found.caller().tenant())) {
            response.setHeader(HttpHeaders.WWW_AUTHENTICATE, Door.NOT_VALID);
            problems.write(response, ProblemType.UNAUTHENTICATED, "The tenant of this key was deleted");
            return;
        }
        if (found == null) {
            lockout.failed(address);
        } else {
            lockout.succeeded(address, found);
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(new CallerAuthentication(found));
            SecurityContextHolder.setContext(context);
        }
        chain.doFilter(request, response);
    }

    private @Nullable Recognised find(String credential) {
        if (credential.length() > LONGEST_CREDENTIAL) {
            return null;
        }
        for (Credentials kind : kinds) {
            Recognised found = kind.find(credential);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    static @Nullable String presented(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? header.substring(SCHEME.length()).strip()
                : null;
    }
}
