package io.logicdistillation.functionbase;

import io.logicdistillation.kit.migration.DatabaseMigration;
import io.logicdistillation.kit.migration.ServiceProgram;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The function-base-service. */
@SpringBootApplication
public class FunctionBaseApplication {
    public static void main(String[] arguments) {
        ServiceProgram.run(FunctionBaseApplication.class, DatabaseMigration.class, arguments);
    }
}
