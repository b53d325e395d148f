package io.logicdistillation.functionbase.imports;

import io.logicdistillation.kit.BodyLimitFilter;
import io.logicdistillation.kit.KitProperties;
import io.logicdistillation.kit.ProblemWriter;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ImportProperties.class)
class ImportConfiguration {
    private static final Pattern IMPORTS = Pattern.compile("/v1/tasks/[^/]+/imports");

    /** Imports are read as streams. */
    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimit(
            KitProperties kit, ImportProperties imports, ProblemWriter problems) {
        return BodyLimitFilter.exceptUploads(
                request ->
                        IMPORTS.matcher(request.getRequestURI()).matches() ? imports.largestBody() : kit.largestBody(),
                problems);
    }
}
