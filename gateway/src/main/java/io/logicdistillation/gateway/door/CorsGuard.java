package io.logicdistillation.gateway.door;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.ProblemWriter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.CorsConfigurer;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;

/** Lets pages of the configured origins call the API from a browser; without any, no answer carries a CORS header. */
@Component
class CorsGuard {
    private static final Duration PREFLIGHT_KEPT = Duration.ofMinutes(10);

    private final DoorProperties properties;
    private final ProblemWriter problems;

    CorsGuard(DoorProperties properties, ProblemWriter problems) {
        this.properties = properties;
        this.problems = problems;
    }

    /** Puts the filter into the chain, before anything that asks for a key: a browser asks beforehand without one. */
    void apply(HttpSecurity http) {
        http.cors(CorsConfigurer::disable);
        if (!properties.corsOrigins().isEmpty()) {
            http.addFilterBefore(filter(), AuthorizationFilter.class);
        }
    }

    private CorsFilter filter() {
        CorsConfiguration allowed = new CorsConfiguration();
        allowed.setAllowedOrigins(properties.corsOrigins());
        allowed.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "DELETE"));
        allowed.setAllowedHeaders(List.of("*"));
        allowed.setExposedHeaders(
                List.of("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id"));
        allowed.setMaxAge(PREFLIGHT_KEPT);
        UrlBasedCorsConfigurationSource everywhere = new UrlBasedCorsConfigurationSource();
        everywhere.registerCorsConfiguration("/v1/**", allowed);
        CorsFilter filter = new CorsFilter(everywhere);
        filter.setCorsProcessor(new Processor());
        return filter;
    }

    /** As the framework's, but a stranger is refused with a problem detail, and only where the browser asks beforehand. */
    private final class Processor extends DefaultCorsProcessor {
        @Override
        public boolean processRequest(
                @Nullable CorsConfiguration configuration, HttpServletRequest request, HttpServletResponse response)
                throws IOException {
            String origin = request.getHeader("Origin");
            if (configuration == null || origin == null || configuration.checkOrigin(origin) != null) {
                return super.processRequest(configuration, request, response);
            }
            response.addHeader("Vary", "Origin");
            if (CorsUtils.isPreFlightRequest(request)) {
                problems.write(response, ProblemType.FORBIDDEN, "Pages of this origin may not call the API");
                return false;
            }
            // The browser keeps the answer from the page; other clients may send an Origin as they like.
            return true;
        }
    }
}
