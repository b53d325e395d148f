package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.testkit.TestDatabase;
import org.junit.jupiter.api.Test;

class MigrationTest {
    @Test
    void theJarMigratesByTheSettingsOfTheDatabaseAlone() {
        TestDatabase database = TestDatabase.create();
        InferenceApplication.main(new String[] {
            "migrate",
            "--spring.datasource.url=" + database.url(),
            "--spring.datasource.username=" + database.user(),
            "--spring.datasource.password=" + database.password()
        });
        assertThat(database.migrations()).isPositive();
    }
}
