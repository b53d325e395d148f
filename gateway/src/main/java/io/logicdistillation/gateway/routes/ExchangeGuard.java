package io.logicdistillation.gateway.routes;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.kit.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.server.mvc.common.MvcUtils;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Ends every exchange with a service cleanly. It closes the service's answer, which Spring Cloud Gateway leaves open when it
 * turns the answer into a 304 by itself, so that no connection is lost; and where a service fails before its answer has begun
 * to travel on, the client gets a problem detail. An answer that broke off on its way is cut, so that the client notices.
 */
final class ExchangeGuard extends OncePerRequestFilter {
    private static final Logger log = LoggerFactory.getLogger(ExchangeGuard.class);

    private final ProblemWriter problems;

    ExchangeGuard(ProblemWriter problems) {
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            chain.doFilter(request, response);
        } catch (IOException failure) {
            if (response.isCommitted() || answerOf(request) == null) {
                throw failure;
            }
            log.warn("An answer broke off before it began: {}", failure.toString());
            List.of("Content-Length", "Content-Encoding", "ETag", "Cache-Control")
                    .forEach(name -> response.setHeader(name, null));
            response.resetBuffer();
            PlatformException problem = UpstreamExchange.classify(failure);
            problems.write(response, problem.type(), problem.getMessage());
        } finally {
            ClientHttpResponse answer = answerOf(request);
            if (answer != null) {
                answer.close();
            }
        }
    }

    private static @Nullable ClientHttpResponse answerOf(HttpServletRequest request) {
        return request.getAttribute(MvcUtils.CLIENT_RESPONSE_ATTR) instanceof ClientHttpResponse answer ? answer : null;
    }
}
