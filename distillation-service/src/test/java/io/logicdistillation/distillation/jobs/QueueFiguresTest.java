package io.logicdistillation.distillation.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.testkit.TestDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Other tests leave jobs in the same table, so each works on its own part of what is there. */
class QueueFiguresTest extends JobsHttpTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private JsonMapper json;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @BeforeEach
    void nothingElseWaitsOrRuns() throws Exception {
        jdbc.sql("UPDATE jobs SET state = 'cancelled', finished_at = now() WHERE state IN ('queued', 'running')")
                .update();
        dataset(tenant, "d");
    }

    @Test
    void saysHowManyWaitAndHowLongTheFirstHas() throws Exception {
        submitted(tenant, "");
        submitted(tenant, "");
        QueueFigures figures = after(HOUR);
        figures.read();
        assertThat(figure("waiting")).isEqualTo(2);
        assertThat(figure("waiting.seconds")).isCloseTo(3_600, within(60.0));
        assertThat(figure("running")).isZero();
        assertThat(figure("progress")).isEqualTo(1);
    }

    @Test
    void doesNotCountTheTimeThatAJobWaitsByItsOwnWish() throws Exception {
        submitted(tenant, "");
        jdbc.sql("UPDATE jobs SET not_before = now() + interval '2 hours' WHERE tenant = :tenant")
                .param("tenant", tenant)
                .update();
        after(HOUR).read();
        assertThat(figure("waiting")).isEqualTo(1);
        assertThat(figure("waiting.seconds")).isZero();
    }

    @Test
    void saysHowFarTheLastIsAndHowLongItHasSaidNothing() throws Exception {
        for (int i = 0; i < 2; i++) {
            submitted(tenant, "");
        }
        for (int step : List.of(30, 120)) {
            JsonNode claim = claimed(tenant, "w" + step);
            String progress = ",\"step\":" + step + ",\"steps\":300,\"seconds\":10,\"metrics\":{}";
            assertThat(tell(claim, "heartbeats", progress).statusCode()).isEqualTo(200);
        }
        after(HOUR).read();
        assertThat(figure("running")).isEqualTo(2);
        assertThat(figure("progress")).isEqualTo(0.1);
        assertThat(figure("silence.seconds")).isCloseTo(3_600, within(60.0));
    }

    @Test
    void areNoNumbersWhilePostgresIsAway() {
        TestDatabase nowhere = new TestDatabase("jdbc:postgresql://127.0.0.1:1/nowhere", "nobody", "");
        JdbcClient away =
                JdbcClient.create(new DriverManagerDataSource(nowhere.url(), nowhere.user(), nowhere.password()));
        QueueFigures figures = new QueueFigures(away, json, Clock.systemUTC(), meters);
        figures.read();
        for (String name : List.of("waiting", "waiting.seconds", "running", "progress", "silence.seconds")) {
            assertThat(figure(name)).as(name).isNaN();
        }
    }

    private QueueFigures after(Duration time) {
        return new QueueFigures(jdbc, json, Clock.offset(Clock.systemUTC(), time), meters);
    }

    private double figure(String name) {
        return meters.get("platform.jobs." + name).gauge().value();
    }
}
