package io.logicdistillation.distillation.students;

import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;

/** Every caller of the tenant may read; changing what serves is for operators. */
@Configuration(proxyBeanMethods = false)
class StudentAccess {
    @Bean
    AccessRules studentRules() {
        return requests -> requests.requestMatchers(HttpMethod.POST, "/v1/students", "/v1/students/**")
                .hasAuthority(Scope.OPERATE.authority())
                .requestMatchers(HttpMethod.PUT, "/v1/canaries/**")
                .hasAuthority(Scope.OPERATE.authority());
    }
}
