package io.logicdistillation.distillation.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.distillation.jobs.JobsHttpTest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

class DispatchTest extends JobsHttpTest {
    @Autowired
    private JdbcClient jdbc;

    @Test
    void countsWhatAWorkerOfThisMachineCouldClaim() throws Exception {
        jdbc.sql("UPDATE jobs SET state = 'cancelled' WHERE state = 'queued'").update();
        List<Integer> told = new ArrayList<>();
        Dispatch dispatch = new Dispatch(told::add, jdbc, Clock.systemUTC());
        dispatch.dispatch();
        dataset(tenant, "d");
        submitted(tenant, "");
        submitted(tenant, ",\"resources\":{\"gpuMemoryMb\":40000}");
        dispatch.dispatch();
        claimed(tenant, "w");
        dispatch.dispatch();
        assertThat(told).containsExactly(0, 1, 0);
    }
}
