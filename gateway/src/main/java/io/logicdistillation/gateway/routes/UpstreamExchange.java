package io.logicdistillation.gateway.routes;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.BodyTooLargeException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.server.mvc.config.GatewayMvcProperties;
import org.springframework.cloud.gateway.server.mvc.handler.RestClientProxyExchange;
import org.springframework.http.HttpMethod;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Passes a request on, and says in the platform's words why that failed: a service that is away is never our own error. One that
 * fails again and again is left alone for a moment (circuit breaker), and what can be asked twice without harm is asked twice.
 */
final class UpstreamExchange extends RestClientProxyExchange {
    private static final Set<HttpMethod> REPEATABLE = Set.of(HttpMethod.GET, HttpMethod.HEAD);
    private static final CircuitBreakerConfig BREAKER = CircuitBreakerConfig.custom()
            .slidingWindowSize(50)
            .minimumNumberOfCalls(20)
            .failureRateThreshold(50)
            .waitDurationInOpenState(Duration.ofSeconds(1))
            .permittedNumberOfCallsInHalfOpenState(5)
            .automaticTransitionFromOpenToHalfOpenEnabled(false)
            .build();

    private final CircuitBreakerRegistry breakers = CircuitBreakerRegistry.of(BREAKER);

    UpstreamExchange(RestClient client, GatewayMvcProperties properties) {
        super(client, properties);
    }

    @Override
    public ServerResponse exchange(Request request) {
        CircuitBreaker breaker = breakers.circuitBreaker(service(request.getUri()));
        if (!breaker.tryAcquirePermission()) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE, "The service behind the gateway fails too often; try again");
        }
        long start = System.nanoTime();
        try {
            ServerResponse answer = exchangeOnceOrTwice(request);
            breaker.onSuccess(System.nanoTime() - start, TimeUnit.NANOSECONDS);
            return answer;
        } catch (ResourceAccessException failure) {
            PlatformException problem = classify(failure);
            if (problem.type() == ProblemType.TOO_LARGE) {
                breaker.releasePermission();
            } else {
                breaker.onError(System.nanoTime() - start, TimeUnit.NANOSECONDS, failure);
            }
            throw problem;
        } catch (RuntimeException ours) {
            breaker.releasePermission();
            throw ours;
        }
    }

    private static String service(@Nullable URI address) {
        return address == null ? "" : address.getScheme() + ' ' + address.getRawAuthority();
    }

    /** A second time where nothing was sent, or where asking changes nothing; never after a service took too long. */
    private ServerResponse exchangeOnceOrTwice(Request request) {
        try {
            return super.exchange(request);
        } catch (ResourceAccessException failure) {
            if (wasRefused(failure) || (REPEATABLE.contains(request.getMethod()) && brokeOff(failure))) {
                return super.exchange(request);
            }
            throw failure;
        }
    }

    private static boolean wasRefused(Throwable failure) {
        return hasCause(failure, HttpHostConnectException.class);
    }

    private static boolean brokeOff(Throwable failure) {
        return hasCause(failure, NoHttpResponseException.class) || hasCause(failure, SocketException.class);
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> kind) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (kind.isInstance(cause)) {
                return true;
            }
        }
        return false;
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
