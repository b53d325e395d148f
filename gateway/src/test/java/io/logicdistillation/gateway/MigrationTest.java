package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.testkit.TestDatabase;
import org.junit.jupiter.api.Test;

class MigrationTest {
    @Test
    void theJarMigratesByTheSettingsOfTheDatabaseAlone() {
        TestDatabase database = TestDatabase.create();
        GatewayApplication.main(new String[] {
            "migrate",
            "--platform.database.url=" + database.url(),
            "--platform.database.user=" + database.user(),
            "--platform.database.password=" + database.password()
        });
        assertThat(database.migrations()).isPositive();
    }
}
