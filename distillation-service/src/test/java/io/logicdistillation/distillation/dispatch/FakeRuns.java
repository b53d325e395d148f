package io.logicdistillation.distillation.dispatch;

import io.logicdistillation.distillation.jobs.JobSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Runs in memory, with the rules of the real book: a run that is told to have ended is used up. */
final class FakeRuns implements RunBook {
    private final Map<Run.Id, Run> runs = new LinkedHashMap<>();
    private final Map<Run.Id, Phase> phases = new HashMap<>();
    final Map<Run.Id, List<String>> logs = new HashMap<>();
    final Map<Run.Id, String> ends = new LinkedHashMap<>();
    private long last;

    /** A job that waits for its first run. */
    Run submitted(@Nullable String gpuType, int gpuMemoryMb) {
        return submitted(new JobSpec.Resources(false, gpuType, gpuMemoryMb, null, null));
    }

    Run submitted(JobSpec.Resources resources) {
        Run.Id id = new Run.Id(++last, UUID.randomUUID().toString(), 1);
        JobSpec spec = new JobSpec(
                "pursuit-ld",
                new JobSpec.Task("pursuit", "Catch it.", List.of(new JobSpec.Stage("move", "Choose.", 5))),
                new JobSpec.Data("d", 1, null),
                null,
                null,
                null,
                null,
                null,
                null,
                resources,
                null,
                null);
        return add(new Run(id, spec));
    }

    Run submitted() {
        return submitted(null, 0);
    }

    /** The next run of the same job. */
    Run again(Run run) {
        return add(
                new Run(new Run.Id(run.id().number(), run.id().job(), run.id().run() + 1), run.spec()));
    }

    private Run add(Run run) {
        runs.put(run.id(), run);
        phases.put(run.id(), Phase.WAITING);
        return run;
    }

    void becomes(Run run, Phase phase) {
        phases.put(run.id(), phase);
    }

    @Override
    public List<Run> waiting(boolean gpus, int most) {
        return runs.values().stream()
                .filter(run -> phases.get(run.id()) == Phase.WAITING && (gpus || !run.needsGpu()))
                .limit(most)
                .toList();
    }

    @Override
    public Map<Run.Id, Phase> phases(Collection<Run.Id> asked) {
        Map<Run.Id, Phase> found = new HashMap<>();
        asked.forEach(run -> found.put(run, phases.getOrDefault(run, Phase.GONE)));
        return found;
    }

    @Override
    public void log(Run.Id run, List<String> lines) {
        logs.computeIfAbsent(run, none -> new ArrayList<>()).addAll(lines);
    }

    @Override
    public void ended(Run.Id run, String reason) {
        Phase phase = phases.getOrDefault(run, Phase.GONE);
        if (phase == Phase.WAITING || phase == Phase.RUNNING) {
            phases.put(run, Phase.GONE);
            ends.put(run, reason);
        }
    }
}
