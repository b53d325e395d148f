package io.logicdistillation.distillation;

import io.logicdistillation.distillation.jobs.JobProperties;
import io.logicdistillation.kit.BodyLimitFilter;
import io.logicdistillation.kit.KitProperties;
import io.logicdistillation.kit.ProblemWriter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

/** How much may come in at once. */
@Configuration(proxyBeanMethods = false)
class BodyLimits {
    private static final DataSize LARGEST_UPLOAD = DataSize.ofGigabytes(2);
    private static final Pattern TRAJECTORIES = Pattern.compile("/v1/datasets/[^/]+/trajectories");
    private static final Pattern CHECKPOINTS = Pattern.compile("/worker/v1/claims/[^/]+/checkpoints");

    /** Trajectories and checkpoints are read as streams, students' files by the servlet container under its own limit. */
    @Bean
    FilterRegistrationBean<BodyLimitFilter> bodyLimit(
            KitProperties properties, JobProperties jobs, ProblemWriter problems) {
        return BodyLimitFilter.exceptUploads(request -> limit(request, properties, jobs), problems);
    }

    private static DataSize limit(HttpServletRequest request, KitProperties properties, JobProperties jobs) {
        String path = request.getRequestURI();
        if (TRAJECTORIES.matcher(path).matches()) {
            return LARGEST_UPLOAD;
        }
        return CHECKPOINTS.matcher(path).matches() ? jobs.largestCheckpoint() : properties.largestBody();
    }
}
