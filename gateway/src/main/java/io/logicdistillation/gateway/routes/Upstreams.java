package io.logicdistillation.gateway.routes;

import io.logicdistillation.kit.BodyLimitFilter;
import io.logicdistillation.kit.ErrorShapeFilter;
import io.logicdistillation.kit.KitProperties;
import io.logicdistillation.kit.ProblemWriter;
import io.logicdistillation.kit.ServiceTls;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.cloud.gateway.server.mvc.config.GatewayMvcProperties;
import org.springframework.cloud.gateway.server.mvc.handler.ProxyExchange;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.util.unit.DataSize;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.json.JsonMapper;

/** The connections to the services, and what may travel over them. */
@Configuration(proxyBeanMethods = false)
class Upstreams {
    private static final String STUDENTS = "/v1/students";
    private static final DataSize LARGEST_STUDENT = DataSize.ofMegabytes(64);
    private static final Pattern TRAJECTORIES = Pattern.compile("/v1/datasets/[^/]+/trajectories");
    private static final Pattern IMPORTS = Pattern.compile("/v1/tasks/[^/]+/imports");
    /** Bodies of lines, which services read as they come. */
    private static final DataSize LARGEST_STREAM = DataSize.ofGigabytes(2);

    private static final Pattern COMPLETIONS = Pattern.compile("/worker/v1/claims/[^/]+/completions");
    private static final Pattern CHECKPOINTS = Pattern.compile("/worker/v1/claims/[^/]+/checkpoints");
    private static final DataSize LARGEST_CHECKPOINT = DataSize.ofMegabytes(512);
    private static final int SERVICES = 3;
    /** After the security chain, which stands at -100: whoever has no key learns that first. */
    private static final int AFTER_KEYS = -90;

    /**
     * Bytes pass as they are (no decompression), nothing is tried twice (a decision is logged each time it is made), and no
     * redirect or cookie of a service is acted upon.
     */
    @Bean
    CloseableHttpClient upstreamClient(UpstreamProperties properties, ServiceTls tls) {
        PoolingHttpClientConnectionManagerBuilder pool = new RestedConnections();
        tls.context().map(DefaultClientTlsStrategy::new).ifPresent(pool::setTlsSocketStrategy);
        PoolingHttpClientConnectionManager connections = pool.setMaxConnPerRoute(properties.connections())
                .setMaxConnTotal(properties.connections() * SERVICES)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(Timeout.of(properties.connectTimeout()))
                        .setSocketTimeout(Timeout.of(properties.responseTimeout()))
                        .setValidateAfterInactivity(TimeValue.ofMilliseconds(10))
                        .build())
                .build();
        return HttpClients.custom()
                .setConnectionManager(connections)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.of(properties.connectTimeout()))
                        .setResponseTimeout(Timeout.of(properties.responseTimeout()))
                        .setExpectContinueEnabled(false)
                        .build())
                .evictIdleConnections(TimeValue.ofSeconds(10))
                .disableAuthCaching()
                .disableAutomaticRetries()
                .disableContentCompression()
                .disableCookieManagement()
                .disableDefaultUserAgent()
                .disableRedirectHandling()
                .build();
    }

    @Bean
    ProxyExchange proxyExchange(
            RestClient.Builder builder, CloseableHttpClient upstreamClient, GatewayMvcProperties properties) {
        return new UpstreamExchange(
                builder.requestFactory(new HttpComponentsClientHttpRequestFactory(upstreamClient))
                        .build(),
                properties);
    }

    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimit(KitProperties properties, ProblemWriter problems) {
        FilterRegistrationBean<BodyLimitFilter> registration = new FilterRegistrationBean<>(
                new BodyLimitFilter(request -> largestBody(request, properties.largestBody()), problems));
        registration.setOrder(AFTER_KEYS);
        return registration;
    }

    @Bean
    FilterRegistrationBean<ExchangeGuard> exchangeGuard(ProblemWriter problems) {
        FilterRegistrationBean<ExchangeGuard> registration = new FilterRegistrationBean<>(new ExchangeGuard(problems));
        registration.setOrder(AFTER_KEYS + 1);
        return registration;
    }

    @Bean
    FilterRegistrationBean<ErrorShapeFilter> errorShapes(JsonMapper json) {
        return ErrorShapeFilter.first(json);
    }

    private static @Nullable DataSize largestBody(HttpServletRequest request, DataSize usual) {
        if (Routes.TENANT_DATA.matcher(request.getRequestURI()).matches()) {
            // Read as it comes, and sent by those who look after the platform.
            return null;
        }
        if (!request.getMethod().equals("POST")) {
            return usual;
        }
        String path = request.getRequestURI();
        if (path.equals(STUDENTS) || COMPLETIONS.matcher(path).matches()) {
            return LARGEST_STUDENT;
        }
        if (CHECKPOINTS.matcher(path).matches()) {
            return LARGEST_CHECKPOINT;
        }
        boolean isStream =
                TRAJECTORIES.matcher(path).matches() || IMPORTS.matcher(path).matches();
        return isStream ? LARGEST_STREAM : usual;
    }
}
