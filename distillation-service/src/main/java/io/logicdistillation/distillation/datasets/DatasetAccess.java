package io.logicdistillation.distillation.datasets;

import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.BodyLimitFilter;
import io.logicdistillation.kit.KitProperties;
import io.logicdistillation.kit.ProblemWriter;
import io.logicdistillation.kit.Scope;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.util.unit.DataSize;

/** Who may change datasets, and how much may come in at once. */
@Configuration(proxyBeanMethods = false)
class DatasetAccess {
    private static final DataSize LARGEST_UPLOAD = DataSize.ofGigabytes(2);

    @Bean
    AccessRules datasetRules() {
        return requests -> requests.requestMatchers(HttpMethod.POST, "/v1/datasets", "/v1/datasets/**")
                .hasAuthority(Scope.AUTHOR.authority());
    }

    /** Trajectories are read as a stream, students' files by the servlet container under its own limit. */
    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimit(KitProperties properties, ProblemWriter problems) {
        FilterRegistrationBean<BodyLimitFilter> registration =
                new FilterRegistrationBean<>(new BodyLimitFilter(request -> limit(request, properties), problems));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return registration;
    }

    private static @Nullable DataSize limit(HttpServletRequest request, KitProperties properties) {
        if (BodyLimitFilter.isUpload(request)) {
            return null;
        }
        String path = request.getRequestURI();
        boolean trajectories = path.startsWith("/v1/datasets/") && path.endsWith("/trajectories");
        return trajectories ? LARGEST_UPLOAD : properties.largestBody();
    }
}
