package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.kit.AccessRules;
import io.logicdistillation.kit.Scope;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/** Opens what a service keeps of tenants to the gateway, where the service says what that is by a bean {@link TenantDataSettings}. */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration"
        })
@ConditionalOnClass(JdbcClient.class)
@ConditionalOnBean(TenantDataSettings.class)
public class TenantDataAutoConfiguration {
    @Bean
    TenantData tenantData(
            JdbcClient jdbc,
            PlatformTransactionManager manager,
            TenantDataSettings settings,
            ApplicationEventPublisher events) {
        return new TenantData(jdbc, manager, settings, events);
    }

    @Bean
    TenantDataEndpoints tenantDataEndpoints(TenantData data) {
        return new TenantDataEndpoints(data);
    }

    /** Before a service's own rules, in which reading is for everybody. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    AccessRules tenantDataAccess() {
        return requests -> requests.requestMatchers(TenantDataEndpoints.PATH, TenantDataEndpoints.PATH + "/**")
                .hasAuthority(Scope.ADMIN.authority());
    }
}
