package io.logicdistillation.distillation.tenants;

import io.logicdistillation.kit.tenantdata.TenantDataSettings;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class TenantDataConfiguration {
    /** Checkpoints are of runs here; elsewhere a job that had not ended begins again. */
    @Bean
    TenantDataSettings tenantDataSettings(StudentFiles files) {
        return new TenantDataSettings("distillation-service", "app.tenant", Set.of())
                .withoutExporting(Set.of("job_checkpoints"))
                .withFiles(files);
    }
}
