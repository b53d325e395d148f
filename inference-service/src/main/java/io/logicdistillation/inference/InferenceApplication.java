package io.logicdistillation.inference;

import io.logicdistillation.kit.migration.DatabaseMigration;
import io.logicdistillation.kit.migration.ServiceProgram;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Serves decisions. */
@SpringBootApplication
public class InferenceApplication {
    public static void main(String[] arguments) {
        ServiceProgram.run(InferenceApplication.class, DatabaseMigration.class, arguments);
    }
}
