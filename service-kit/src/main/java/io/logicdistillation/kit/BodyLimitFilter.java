package io.logicdistillation.kit;

import io.logicdistillation.contracts.ProblemType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.core.Ordered;
import org.springframework.util.unit.DataSize;
import org.springframework.web.filter.OncePerRequestFilter;

/** Refuses bodies over a limit: by their declared length before a byte is read, else as soon as more has been read. */
public final class BodyLimitFilter extends OncePerRequestFilter {
    /** Where a whole tenant comes in; only the gateway reaches it, for those who look after all tenants. */
    private static final String TENANT_DATA = "/v1/tenant-data/";

    private final Function<HttpServletRequest, @Nullable DataSize> limits;
    private final ProblemWriter problems;

    /** @param limits the limit of a request's body; null where something else limits it */
    public BodyLimitFilter(Function<HttpServletRequest, @Nullable DataSize> limits, ProblemWriter problems) {
        this.limits = limits;
        this.problems = problems;
    }

    /**
     * Before everything that reads a body, for all of them but uploads ({@code multipart/form-data}), which the servlet container
     * limits, and the data of a whole tenant, which is read as it comes.
     */
    public static FilterRegistrationBean<BodyLimitFilter> exceptUploads(
            Function<HttpServletRequest, DataSize> limits, ProblemWriter problems) {
        FilterRegistrationBean<BodyLimitFilter> registration = new FilterRegistrationBean<>(
                new BodyLimitFilter(request -> isUpload(request) ? null : limits.apply(request), problems));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return registration;
    }

    private static boolean isUpload(HttpServletRequest request) {
        String type = request.getContentType();
        return (type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/form-data"))
                || request.getRequestURI().startsWith(TENANT_DATA);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        DataSize limit = limits.apply(request);
        if (limit == null) {
            chain.doFilter(request, response);
        } else if (request.getContentLengthLong() > limit.toBytes()) {
            problems.write(response, ProblemType.TOO_LARGE, new BodyTooLargeException(limit.toBytes()).getMessage());
        } else {
            chain.doFilter(new LimitedRequest(request, limit.toBytes()), response);
        }
    }

    private static final class LimitedRequest extends HttpServletRequestWrapper {
        private final long limit;
        private @Nullable ServletInputStream stream;

        LimitedRequest(HttpServletRequest request, long limit) {
            super(request);
            this.limit = limit;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            if (stream == null) {
                stream = new LimitedStream(super.getInputStream(), limit);
            }
            return stream;
        }

        @Override
        public BufferedReader getReader() throws IOException {
            String encoding = getCharacterEncoding();
            return new BufferedReader(new InputStreamReader(
                    getInputStream(), encoding == null ? StandardCharsets.UTF_8 : Charset.forName(encoding)));
        }
    }

    private static final class LimitedStream extends ServletInputStream {
        private final ServletInputStream source;
        private final long limit;
        private long seen;

        LimitedStream(ServletInputStream source, long limit) {
            this.source = source;
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            int value = source.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = source.read(target, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        private void count(int read) throws BodyTooLargeException {
            seen += read;
            if (seen > limit) {
                throw new BodyTooLargeException(limit);
            }
        }

        @Override
        public boolean isFinished() {
            return source.isFinished();
        }

        @Override
        public boolean isReady() {
            return source.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            source.setReadListener(listener);
        }
    }
}
