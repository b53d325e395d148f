package io.logicdistillation.gateway.routes;

import io.logicdistillation.gateway.edge.EdgeHeaders;
import java.util.Locale;
import java.util.Set;
import org.springframework.cloud.gateway.server.mvc.filter.HttpHeadersFilter.ResponseHttpHeadersFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * What of a service's headers reaches the client: not what names its software, not what opens it to other origins, and not
 * what the gateway has said already.
 */
@Component
class ResponseHeaders implements ResponseHttpHeadersFilter, Ordered {
    private static final Set<String> DROPPED = Set.of(
            "connection",
            "expires",
            "keep-alive",
            "pragma",
            "proxy-authenticate",
            "proxy-connection",
            "server",
            "set-cookie",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "x-powered-by",
            "x-xss-protection");
    private static final String CORS = "access-control-";

    @Override
    public HttpHeaders apply(HttpHeaders original, ServerResponse response) {
        HttpHeaders headers = new HttpHeaders();
        original.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!DROPPED.contains(lower)
                    && !lower.startsWith(CORS)
                    && !EdgeHeaders.names().contains(lower)) {
                headers.addAll(name, values);
            }
        });
        return headers;
    }

    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE;
    }
}
