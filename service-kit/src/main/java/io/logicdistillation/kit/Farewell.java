package io.logicdistillation.kit;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Sends clients away before the service stops: for a while it answers as ever, but says with each answer that the connection ends
 * with it, so that the next one is opened to another replica. A server that is stopping answers 503 to whatever comes on a
 * connection that was kept, and most that are to be passed on can not be asked twice.
 */
final class Farewell extends OncePerRequestFilter implements SmartLifecycle {
    private final Duration length;
    private volatile boolean leaving;
    private volatile boolean running;

    Farewell(Duration length) {
        this.length = length;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (leaving) {
            response.setHeader(HttpHeaders.CONNECTION, "close");
        }
        chain.doFilter(request, response);
    }

    @Override
    public void start() {
        leaving = false;
        running = true;
    }

    @Override
    public void stop() {
        leaving = true;
        running = false;
        try {
            Thread.sleep(length);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** The first to stop: the server's own end, and that of its pools, come after it. */
    @Override
    public int getPhase() {
        return DEFAULT_PHASE;
    }
}
