package io.logicdistillation.inference;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Serves decisions. */
@SpringBootApplication
public class InferenceApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(InferenceApplication.class, arguments);
    }
}
