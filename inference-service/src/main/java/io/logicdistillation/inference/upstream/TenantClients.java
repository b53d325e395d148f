package io.logicdistillation.inference.upstream;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.kit.ServiceCalls;
import java.net.URI;
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
    private final ServiceCalls calls;
    private final URI url;
    private final Set<Scope> scopes;
    private final ConcurrentHashMap<String, RestClient> clients = new ConcurrentHashMap<>();

    public TenantClients(ServiceCalls calls, URI url) {
        this(calls, url, Set.of(Scope.VIEW, Scope.DECIDE));
    }

    /** @param scopes for what is more than reading */
    public TenantClients(ServiceCalls calls, URI url, Set<Scope> scopes) {
        this.calls = calls;
        this.url = url;
        this.scopes = Set.copyOf(scopes);
    }

    public RestClient of(String tenant) {
        return clients.computeIfAbsent(tenant, name -> calls.as(url, new Caller(name, "inference-service", scopes)));
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
