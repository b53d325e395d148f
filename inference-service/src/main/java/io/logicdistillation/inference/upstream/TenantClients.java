package io.logicdistillation.inference.upstream;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.ServiceCalls;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/**
 * Clients of one other service, one per tenant: this service reads on a tenant's behalf with a token of its own, in the
 * background as much as within a request. Thread-safe.
 */
public final class TenantClients {
    private static final Set<Scope> READING = Set.of(Scope.VIEW, Scope.DECIDE);

    private final ServiceCalls calls;
    private final URI url;
    private final Set<Scope> scopes;
    private final @Nullable Duration readTimeout;
    private final ConcurrentHashMap<String, RestClient> clients = new ConcurrentHashMap<>();

    public TenantClients(ServiceCalls calls, URI url) {
        this(calls, url, READING, null);
    }

    /** @param readTimeout of one call, for answers that are long */
    public TenantClients(ServiceCalls calls, URI url, Duration readTimeout) {
        this(calls, url, READING, readTimeout);
    }

    /** @param scopes for what is more than reading */
    public TenantClients(ServiceCalls calls, URI url, Set<Scope> scopes) {
        this(calls, url, scopes, null);
    }

    private TenantClients(ServiceCalls calls, URI url, Set<Scope> scopes, @Nullable Duration readTimeout) {
        this.calls = calls;
        this.url = url;
        this.scopes = Set.copyOf(scopes);
        this.readTimeout = readTimeout;
    }

    public RestClient of(String tenant) {
        return clients.computeIfAbsent(tenant, this::client);
    }

    private RestClient client(String tenant) {
        Caller caller = new Caller(tenant, "inference-service", scopes);
        return readTimeout == null ? calls.as(url, caller) : calls.as(url, caller, readTimeout);
    }

    /** GET that costs little when nothing changed. */
    public <T> Source.Answer<T> getIfChanged(
            String tenant, @Nullable String etag, Class<T> type, String path, Object... variables) {
        ResponseEntity<T> answer = of(tenant)
                .get()
                .uri(path, variables)
                .headers(headers -> {
                    if (etag != null) {
                        headers.set(HttpHeaders.IF_NONE_MATCH, etag);
                    }
                })
                .retrieve()
                .toEntity(type);
        T body = answer.getBody();
        if (answer.getStatusCode().isSameCodeAs(HttpStatus.NOT_MODIFIED)) {
            return new Source.Answer.Unchanged<>();
        }
        if (body == null) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "A service behind this one answered with nothing");
        }
        return new Source.Answer.Changed<>(body, answer.getHeaders().getETag());
    }

    /** Whether a call failed because the other service is away or overloaded, not because it refused. */
    public static boolean isAway(Throwable failure) {
        return switch (failure) {
            case PlatformException refused -> refused.type().status() >= 500;
            case ResourceAccessException unreachable -> true;
            case java.util.concurrent.TimeoutException late -> true;
            default -> false;
        };
    }
}
