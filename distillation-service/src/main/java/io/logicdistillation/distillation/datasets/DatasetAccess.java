package io.logicdistillation.distillation.datasets;

import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;

/** Who may change datasets. */
@Configuration(proxyBeanMethods = false)
class DatasetAccess {
    @Bean
    AccessRules datasetRules() {
        return requests -> requests.requestMatchers(HttpMethod.POST, "/v1/datasets", "/v1/datasets/**")
                .hasAuthority(Scope.AUTHOR.authority());
    }
}
