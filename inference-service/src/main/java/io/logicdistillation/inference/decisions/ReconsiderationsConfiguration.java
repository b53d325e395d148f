package io.logicdistillation.inference.decisions;

import io.logicdistillation.inference.functionbase.CandidateSearch;
import io.logicdistillation.inference.sandbox.FunctionRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class ReconsiderationsConfiguration {
    @Bean
    Reconsiderations reconsiderations(CandidateSearch search, FunctionRunner runner) {
        return new Reconsiderations(search, runner);
    }
}
