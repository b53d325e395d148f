package io.logicdistillation.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.testkit.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** The service's jar with the argument {@code migrate}, and the service that leaves its database to it. */
@ExtendWith(OutputCaptureExtension.class)
class MigrationTest {
    private static final String WAITS = "migrations of the database, which";
    private static final Duration LONG = Duration.ofSeconds(60);

    private final TestDatabase database = TestDatabase.create();

    @TempDir
    private Path folder;

    @Test
    void aServiceWaitsForTheProgramThatMigrates(CapturedOutput output) throws Exception {
        CompletableFuture<ConfigurableApplicationContext> starting =
                CompletableFuture.supplyAsync(() -> serve(Stream.of("--platform.migrations.mode=awaited")));
        await().atMost(LONG).until(() -> output.getOut().contains(WAITS));
        assertThat(starting).isNotDone();
        assertThat(database.migrations()).isZero();

        DistillationApplication.main(settings(Stream.of("migrate")));

        try (ConfigurableApplicationContext service = starting.get(LONG.toSeconds(), TimeUnit.SECONDS)) {
            assertThat(service.isRunning()).isTrue();
            assertThat(database.migrations()).isPositive();
        }
    }

    @Test
    void migratingAgainChangesNothingAndAnAwaitingServiceStartsAtOnce(CapturedOutput output) {
        DistillationApplication.main(settings(Stream.of("migrate")));
        int before = database.migrations();
        DistillationApplication.main(settings(Stream.of("migrate")));
        assertThat(database.migrations()).isEqualTo(before);
        serve(Stream.of("--platform.migrations.mode=awaited")).close();
        assertThat(output.getOut()).doesNotContain(WAITS);
    }

    @Test
    void theProgramEndsWithWhatAMigrationFailedBy() {
        String[] arguments = settings(
                Stream.of("migrate", "--spring.flyway.locations=classpath:db/migration,classpath:failing-migration"));
        assertThatThrownBy(() -> DistillationApplication.main(arguments))
                .hasStackTraceContaining("V900__asks_for_a_table_that_is_not_there.sql")
                .hasStackTraceContaining("relation \"no_such_table\" does not exist");
    }

    private ConfigurableApplicationContext serve(Stream<String> more) {
        List<String> own = List.of(
                "--server.port=0",
                "--platform.token-secret=" + "5a".repeat(32),
                "--platform.data-dir=" + folder.resolve("data"));
        return new SpringApplicationBuilder(DistillationApplication.class)
                .run(settings(Stream.concat(own.stream(), more)));
    }

    /** Those of the database alone, and more. */
    private String[] settings(Stream<String> more) {
        Stream<String> own = Stream.of(
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password());
        return Stream.concat(own, more).toArray(String[]::new);
    }
}
