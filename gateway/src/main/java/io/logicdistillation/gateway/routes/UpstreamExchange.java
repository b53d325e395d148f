package io.logicdistillation.gateway.routes;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.BodyTooLargeException;
import java.net.SocketTimeoutException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.server.mvc.config.GatewayMvcProperties;
import org.springframework.cloud.gateway.server.mvc.handler.RestClientProxyExchange;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.servlet.function.ServerResponse;

/** Passes a request on, and says in the platform's words why that failed: a service that is away is never our own error. */
final class UpstreamExchange extends RestClientProxyExchange {
    UpstreamExchange(RestClient client, GatewayMvcProperties properties) {
        super(client, properties);
    }

    @Override
    public ServerResponse exchange(Request request) {
        try {
            return super.exchange(request);
        } catch (ResourceAccessException failure) {
            throw classify(failure);
        }
    }

    static PlatformException classify(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case BodyTooLargeException tooLarge -> {
                    return new PlatformException(ProblemType.TOO_LARGE, String.valueOf(tooLarge.getMessage()));
                }
                case ConnectTimeoutException away -> {
                    return unavailable(away);
                }
                case ConnectionRequestTimeoutException busy -> {
                    return unavailable(busy);
                }
                case SocketTimeoutException slow -> {
                    return new PlatformException(
                            ProblemType.UPSTREAM_TIMEOUT, "The service behind the gateway took too long", slow);
                }
                default -> {}
            }
        }
        return unavailable(failure);
    }

    private static PlatformException unavailable(Throwable cause) {
        return new PlatformException(
                ProblemType.UNAVAILABLE, "The service behind the gateway does not answer; try again", cause);
    }
}
