package io.logicdistillation.distillation.workers;

import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Workers have a scope of their own, and it opens nothing else. */
@Configuration(proxyBeanMethods = false)
class WorkerAccess {
    @Bean
    AccessRules workerRules() {
        return requests -> requests.requestMatchers("/worker/**").hasAuthority(Scope.WORK.authority());
    }
}
