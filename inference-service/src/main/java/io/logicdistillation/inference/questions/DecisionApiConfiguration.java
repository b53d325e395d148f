package io.logicdistillation.inference.questions;

import io.logicdistillation.inference.students.Students;
import io.logicdistillation.kit.ErrorShapeFilter;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DecisionApiProperties.class)
class DecisionApiConfiguration {
    @Bean
    Models models(Students students, DecisionApiProperties properties) {
        return new Models(students, properties);
    }

    @Bean
    QuestionDesk questionDesk(Models models, DecisionApiProperties properties) {
        return new QuestionDesk(models, properties.deadline());
    }

    @Bean
    FilterRegistrationBean<ErrorShapeFilter> errorShapes(JsonMapper json) {
        return ErrorShapeFilter.first(json);
    }
}
