package io.logicdistillation.distillation.dispatch;

import io.logicdistillation.distillation.students.StoreProperties;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Tells the dispatcher what waits. */
@Component
class Dispatch {
    private static final String WAITING = """
            SELECT count(*) FROM (
                SELECT 1 FROM jobs WHERE state = 'queued' AND not_before <= :now AND gpu_memory_mb = 0 AND gpu_type IS NULL
                LIMIT 100) soonest
            """;

    private final Dispatcher dispatcher;
    private final JdbcClient jdbc;
    private final Clock clock;

    Dispatch(Dispatcher dispatcher, JdbcClient jdbc, Clock clock) {
        this.dispatcher = dispatcher;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** Who brings workers. */
    enum Way {
        PULL,
        LOCAL
    }

    /**
     * @param way pull unless something else is asked for
     * @param command that starts a worker, for local
     * @param processes at once, for local
     */
    @ConfigurationProperties("platform.dispatch")
    record Properties(
            @DefaultValue("pull") Way way,
            @DefaultValue List<String> command,
            @DefaultValue("1") int processes) {}

    @Configuration(proxyBeanMethods = false)
    static class Chosen {
        @Bean
        Dispatcher dispatcher(Properties properties, StoreProperties store) {
            return switch (properties.way()) {
                case PULL -> new PullDispatcher();
                case LOCAL ->
                    new LocalDispatcher(
                            properties.command(),
                            properties.processes(),
                            store.requiredDataDir().resolve("workers.log"));
            };
        }
    }

    @Scheduled(fixedDelayString = "${platform.dispatch.every:5s}")
    void dispatch() {
        dispatcher.dispatch(jdbc.sql(WAITING)
                .param("now", Timestamp.from(clock.instant()))
                .query(Integer.class)
                .single());
    }
}
