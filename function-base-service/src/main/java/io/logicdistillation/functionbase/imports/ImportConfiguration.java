package io.logicdistillation.functionbase.imports;

import io.logicdistillation.kit.BodyLimitFilter;
import io.logicdistillation.kit.KitProperties;
import io.logicdistillation.kit.ProblemWriter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.util.unit.DataSize;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ImportProperties.class)
class ImportConfiguration {
    private static final Pattern IMPORTS = Pattern.compile("/v1/tasks/[^/]+/imports");

    /** Imports are read as streams. */
    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimit(
            KitProperties kit, ImportProperties imports, ProblemWriter problems) {
        FilterRegistrationBean<BodyLimitFilter> registration = new FilterRegistrationBean<>(
                new BodyLimitFilter(request -> largestBody(request, kit, imports), problems));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 10);
        return registration;
    }

    private static @Nullable DataSize largestBody(
            HttpServletRequest request, KitProperties kit, ImportProperties imports) {
        if (BodyLimitFilter.isUpload(request)) {
            return null;
        }
        boolean isImport = IMPORTS.matcher(request.getRequestURI()).matches();
        return isImport ? imports.largestBody() : kit.largestBody();
    }
}
