package io.logicdistillation.distillation.jobs;

import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;

/** Every caller of the tenant may watch; who may change datasets may train on them. */
@Configuration(proxyBeanMethods = false)
class JobAccess {
    private static final String[] PATHS = {"/v1/distillation-jobs", "/v1/distillation-jobs/**"};

    @Bean
    AccessRules jobRules() {
        return requests -> requests.requestMatchers(HttpMethod.POST, PATHS)
                .hasAuthority(Scope.AUTHOR.authority())
                .requestMatchers(HttpMethod.DELETE, PATHS)
                .hasAuthority(Scope.AUTHOR.authority());
    }
}
