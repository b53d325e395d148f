package io.logicdistillation.functionbase;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The function-base-service. */
@SpringBootApplication
public class FunctionBaseApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(FunctionBaseApplication.class, arguments);
    }
}
