package io.logicdistillation.kit.migration;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/** What a service's jar does: it serves or, with the argument {@code migrate}, brings its database to its version and ends. */
public final class ServiceProgram {
    private static final String MIGRATE = "migrate";

    private static final List<String> MIGRATING = List.of(
            "--platform.migrations.mode=at-start",
            // An index on a large table takes longer than a request may.
            "--spring.datasource.hikari.data-source-properties.socketTimeout=0");

    private ServiceProgram() {}

    /**
     * Serves until it is told to stop, or migrates.
     *
     * @param service what serves
     * @param migration what migrates as it is made, and needs of the settings only those of the database
     * @throws RuntimeException if the start or a migration fails; Spring has said why in the log
     */
    public static void run(Class<?> service, Class<?> migration, String[] arguments) {
        if (!Arrays.asList(arguments).contains(MIGRATE)) {
            SpringApplication.run(service, arguments);
            return;
        }
        String[] others = Stream.concat(
                        Arrays.stream(arguments).filter(each -> !each.equals(MIGRATE)), MIGRATING.stream())
                .toArray(String[]::new);
        new SpringApplicationBuilder(migration)
                .web(WebApplicationType.NONE)
                .run(others)
                .close();
    }
}
