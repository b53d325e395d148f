package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.tenantdata.TenantData;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What operators do with the log: say what it may hold and for how long, count, and erase. */
@RestController
class LogOperationsController {
    private static final int MOST_BUCKETS = 1_000;

    private final LogSettingsStore settings;
    private final LogStatistics statistics;
    private final TenantData data;
    private final Clock clock;

    LogOperationsController(LogSettingsStore settings, LogStatistics statistics, TenantData data, Clock clock) {
        this.settings = settings;
        this.statistics = statistics;
        this.data = data;
        this.clock = clock;
    }

    @GetMapping("/v1/tasks/{task}/decision-log")
    LogSettings settings(@PathVariable String task) {
        Names.requireName("task", task);
        return settings.get(Caller.current().tenant(), task);
    }

    @PutMapping("/v1/tasks/{task}/decision-log")
    LogSettings change(@PathVariable String task, @RequestBody LogSettings wanted) {
        Names.requireName("task", task);
        settings.put(Caller.current(), task, wanted);
        return wanted;
    }

    /**
     * @param deleted rows by table, this time
     * @param complete whether nothing is left; if not, ask again
     */
    record Erased(Map<String, Long> deleted, boolean complete) {}

    @DeleteMapping("/v1/decision-log")
    Erased erase() {
        TenantData.Erased erased = data.erase(Caller.current().tenant());
        return new Erased(erased.deleted(), erased.complete());
    }

    /** Of the last day by the hour, if not told otherwise. */
    @GetMapping("/v1/tasks/{task}/decision-statistics")
    LogStatistics.Report statistics(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable Instant from,
            @RequestParam(required = false) @Nullable Instant to,
            @RequestParam(defaultValue = "PT1H") String bucket) {
        Names.requireName("task", task);
        Instant end = to == null ? clock.instant().plusMillis(1) : to;
        Instant start = from == null ? end.minus(1, ChronoUnit.DAYS) : from;
        DecisionFilter.between(start, end);
        Duration width = duration(bucket);
        if (width.toSeconds() < 1 || Duration.between(start, end).dividedBy(width) > MOST_BUCKETS) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST,
                    "bucket must be a second at least and make at most " + MOST_BUCKETS + " of the range");
        }
        return statistics.report(Caller.current().tenant(), task, start, end, width);
    }

    private static Duration duration(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException none) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "bucket must be a duration such as PT1H or P1D", none);
        }
    }
}
