package io.logicdistillation.kit.migration;

import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who brings the database to the version that a service needs. */
public enum Migrations {
    /** Each replica at its start: one does it, the others wait for Flyway's lock. */
    AT_START {
        @Override
        public void prepare(Flyway flyway) {
            flyway.migrate();
        }
    },

    /** Somebody before it, such as {@link ServiceProgram} with its argument: a replica changes nothing, and waits for it. */
    AWAITED {
        @Override
        public void prepare(Flyway flyway) {
            boolean said = false;
            for (int pending = pending(flyway); pending > 0; pending = pending(flyway)) {
                if (!said) {
                    LOG.info(
                            "Waiting for {} migrations of the database, which PLATFORM_MIGRATIONS_MODE leaves to others",
                            pending);
                    said = true;
                }
                pause();
            }
            flyway.validate();
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /**
     * Answers once the database has the version that the service needs, or a later one.
     *
     * @throws org.flywaydb.core.api.FlywayException if the database can not be reached, a migration fails, or one that was made differs
     *     from the service's
     */
    public abstract void prepare(Flyway flyway);

    private static int pending(Flyway flyway) {
        return flyway.info().pending().length;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The start was ended while the database's migrations were awaited", ended);
        }
    }
}
