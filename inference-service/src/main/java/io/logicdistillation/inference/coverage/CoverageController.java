package io.logicdistillation.inference.coverage;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.decisionlog.LogStatistics;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Caller;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Shows which functions of a snapshot are never found, or found and never chosen. */
@RestController
class CoverageController {
    private static final int DAYS = 30;

    private final Snapshots snapshots;
    private final LogStatistics statistics;
    private final Clock clock;

    CoverageController(Snapshots snapshots, LogStatistics statistics, Clock clock) {
        this.snapshots = snapshots;
        this.statistics = statistics;
        this.clock = clock;
    }

    /** @param functions in the order of the stages, the least chosen first */
    record Coverage(String snapshot, Instant from, Instant to, List<Covered> functions) {}

    /** @param candidate in how many decisions it could be chosen, from whatever snapshot that has the same version */
    record Covered(String stage, String function, String version, long candidate, long chosen) {}

    @GetMapping("/v1/tasks/{task}/function-coverage")
    Coverage coverage(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String snapshot,
            @RequestParam(required = false) @Nullable Instant from,
            @RequestParam(required = false) @Nullable Instant to) {
        Names.requireName("task", task);
        Instant end = to == null ? clock.instant().plusMillis(1) : to;
        Instant start = from == null ? end.minus(DAYS, ChronoUnit.DAYS) : from;
        if (!start.isBefore(end) || start.isBefore(Instant.EPOCH)) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "from must lie before to, and after 1970");
        }
        String tenant = Caller.current().tenant();
        PreparedSnapshot prepared = snapshots.of(new TaskKey(tenant, task), snapshot);
        Map<List<String>, LogStatistics.Use> uses = statistics.uses(tenant, task, start, end).stream()
                .collect(Collectors.toMap(
                        use -> List.of(use.stage(), use.function(), use.version()), Function.identity()));
        List<Covered> covered = new ArrayList<>();
        for (StageDefinition stage : prepared.task().stages()) {
            prepared.functions(stage.name()).stream()
                    .map(function -> covered(function, uses))
                    .sorted((one, other) -> Long.compare(one.chosen(), other.chosen()))
                    .forEach(covered::add);
        }
        return new Coverage(prepared.id(), start, end, covered);
    }

    private static Covered covered(PublishedFunction function, Map<List<String>, LogStatistics.Use> uses) {
        LogStatistics.Use use = uses.get(List.of(function.stage(), function.name(), function.version()));
        return new Covered(
                function.stage(),
                function.name(),
                function.version(),
                use == null ? 0 : use.candidate(),
                use == null ? 0 : use.chosen());
    }
}
