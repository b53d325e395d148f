package io.logicdistillation.kit;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.core.Ordered;
import org.springframework.http.MediaType;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Puts a problem detail into the {@link ErrorShape} of its address, whoever wrote it: a controller, the security chain, or the
 * container. Stands before every other filter. Answers of these addresses are held back until they are complete; they are small.
 */
public final class ErrorShapeFilter extends OncePerRequestFilter {
    private static final String REQUEST_ID = "X-Request-Id";
    private static final String SYSTEM_ONE_REQUEST_ID = "x-typesafe-request-id";

    private final JsonMapper json;

    private ErrorShapeFilter(JsonMapper json) {
        this.json = json;
    }

    /** For a service that serves or routes such addresses. */
    public static FilterRegistrationBean<ErrorShapeFilter> first(JsonMapper json) {
        FilterRegistrationBean<ErrorShapeFilter> registration =
                new FilterRegistrationBean<>(new ErrorShapeFilter(json));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (ErrorShape.of(request) == null) {
            chain.doFilter(request, response);
            return;
        }
        ContentCachingResponseWrapper held = new ContentCachingResponseWrapper(response);
        chain.doFilter(request, held);
        ErrorShape shape = ErrorShape.of(request);
        if (shape != null && isProblem(held.getContentType())) {
            reshape(shape, request, held);
        }
        if (held.getHeader(SYSTEM_ONE_REQUEST_ID) == null) {
            held.setHeader(SYSTEM_ONE_REQUEST_ID, requestId(request, held));
        }
        held.copyBodyToResponse();
    }

    private void reshape(ErrorShape shape, HttpServletRequest request, ContentCachingResponseWrapper held)
            throws IOException {
        int status = shape.status(held.getStatus(), request);
        byte[] body = json.writeValueAsBytes(shape.body(status, json.readTree(held.getContentAsByteArray())));
        held.resetBuffer();
        held.setStatus(status);
        held.setContentType(MediaType.APPLICATION_JSON_VALUE);
        held.getOutputStream().write(body);
    }

    private static boolean isProblem(@Nullable String contentType) {
        return contentType != null && contentType.startsWith(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    }

    private static String requestId(HttpServletRequest request, HttpServletResponse answer) {
        String ours = answer.getHeader(REQUEST_ID);
        String brought = ours == null ? request.getHeader(REQUEST_ID) : ours;
        return brought == null ? UUID.randomUUID().toString() : brought;
    }

    /** What the container refuses is written in a dispatch of its own. */
    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }
}
