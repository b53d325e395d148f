package io.logicdistillation.kit;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.web.client.RestClient;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes clients of other services: bounded in time, with an internal token, tolerant of members they do not know, and with the
 * other side's problem details turned back into {@link PlatformException}s. Thread-safe.
 */
public final class ServiceCalls {
    private final RestClient.Builder builder;
    private final KitProperties properties;
    private final InternalTokens tokens;
    private final ServiceTls tls;
    private final JsonMapper json = WireJson.lenient();

    ServiceCalls(RestClient.Builder builder, KitProperties properties, InternalTokens tokens, ServiceTls tls) {
        this.builder = builder;
        this.properties = properties;
        this.tokens = tokens;
        this.tls = tls;
    }

    /** A client that calls on behalf of the current request's caller. */
    public RestClient asCaller(URI baseUrl) {
        return client(baseUrl, Caller::current, properties.readTimeout());
    }

    /**
     * The same for answers that are long in coming.
     *
     * @param readTimeout of one call, from its first byte to its last
     */
    public RestClient asCaller(URI baseUrl, Duration readTimeout) {
        return client(baseUrl, Caller::current, readTimeout);
    }

    /** A client that calls on behalf of the given caller, for a service's own work. */
    public RestClient as(URI baseUrl, Caller caller) {
        return client(baseUrl, () -> caller, properties.readTimeout());
    }

    /** The same for answers that are long in coming. @param readTimeout of one call, from its first byte to its last */
    public RestClient as(URI baseUrl, Caller caller, Duration readTimeout) {
        return client(baseUrl, () -> caller, readTimeout);
    }

    private RestClient client(URI baseUrl, Supplier<Caller> caller, Duration readTimeout) {
        HttpClient.Builder http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(properties.connectTimeout());
        tls.context().ifPresent(http::sslContext);
        JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(http.build());
        requests.setReadTimeout(readTimeout);
        return builder.clone()
                .baseUrl(baseUrl)
                .requestFactory(requests)
                .requestInterceptor((request, body, execution) -> {
                    request.getHeaders().set(HttpHeaders.AUTHORIZATION, "Bearer " + tokens.mint(caller.get()));
                    return execution.execute(request, body);
                })
                .configureMessageConverters(converters ->
                        converters.registerDefaults().withJsonConverter(new JacksonJsonHttpMessageConverter(json)))
                .defaultStatusHandler(HttpStatusCode::isError, (request, response) -> {
                    throw failure(response);
                })
                .build();
    }

    /** What a refusal of the other service means, for whoever reads an answer as it comes. */
    public PlatformException failure(ClientHttpResponse response) throws IOException {
        Map<String, Object> problem = problem(response);
        ProblemType type = Arrays.stream(ProblemType.values())
                .filter(known -> known.uri().toString().equals(problem.get("type")))
                .findFirst()
                .orElse(response.getStatusCode().is5xxServerError() ? ProblemType.UNAVAILABLE : ProblemType.INTERNAL);
        Map<String, Object> extensions = new LinkedHashMap<>(problem);
        extensions.keySet().removeAll(java.util.Set.of("type", "title", "status", "detail", "instance"));
        return new PlatformException(
                type, String.valueOf(problem.getOrDefault("detail", "A service behind this one failed")), extensions);
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> problem(ClientHttpResponse response) throws IOException {
        try {
            return json.readValue(response.getBody(), Map.class);
        } catch (JacksonException notAProblem) {
            return Map.of();
        }
    }
}
