package io.logicdistillation.distillation.jobs;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.datasets.Dataset;
import io.logicdistillation.distillation.datasets.DatasetStore;
import io.logicdistillation.distillation.datasets.DatasetVersion;
import io.logicdistillation.distillation.datasets.Versions;
import io.logicdistillation.distillation.students.StartingPoints;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Sha256;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/** What tenants do with jobs. Thread-safe. */
@Component
class Jobs {
    private final JobStore store;
    private final JobEvents events;
    private final DatasetStore datasets;
    private final Versions versions;
    private final StartingPoints starts;
    private final JsonMapper json;

    Jobs(
            JobStore store,
            JobEvents events,
            DatasetStore datasets,
            Versions versions,
            StartingPoints starts,
            JsonMapper json) {
        this.store = store;
        this.events = events;
        this.datasets = datasets;
        this.versions = versions;
        this.starts = starts;
        this.json = json;
    }

    /**
     * Queues a job, or answers with the one that the same key made before.
     *
     * @throws PlatformException {@link ProblemType#UNKNOWN_DATASET}, {@link ProblemType#UNKNOWN_STUDENT},
     *     {@link ProblemType#QUOTA_EXCEEDED}, or {@link ProblemType#CONFLICT} if the key made another job, the dataset is
     *     another than the spec says, or the student to start from does not go with it
     */
    @Transactional
    public Job submit(Caller caller, JobSpec wanted, @Nullable String key) {
        String request = Sha256.of(json.writeValueAsString(wanted));
        Runnable quotaCheck = store.lockQueue(caller.tenant());
        Optional<JobStore.Kept> before = key == null ? Optional.empty() : store.byKey(caller.tenant(), key);
        if (before.isPresent()) {
            if (!before.get().requestSha256().equals(request)) {
                throw new PlatformException(ProblemType.CONFLICT, "The Idempotency-Key came with another job before");
            }
            return before.get().job();
        }
        quotaCheck.run();
        JobSpec spec = wanted.resolved(resolve(caller.tenant(), wanted), start(caller.tenant(), wanted));
        UUID id = store.insert(caller, spec, new JobStore.Submit(key, request, json.writeValueAsString(spec)));
        Job job = store.get(caller.tenant(), id);
        events.state(job.number(), JobState.QUEUED, "submitted by " + caller.name());
        return job;
    }

    /** Stops it; a worker that has it learns so by its next heartbeat. Nothing changes if it is cancelled already. */
    @Transactional
    public Job cancel(Caller caller, UUID id) {
        Job job = store.get(caller.tenant(), id);
        if (store.cancel(job)) {
            events.state(job.number(), JobState.CANCELLED, "cancelled by " + caller.name());
        } else if (store.get(caller.tenant(), id).state() != JobState.CANCELLED) {
            throw new PlatformException(ProblemType.CONFLICT, "The job has ended already");
        }
        return store.get(caller.tenant(), id);
    }

    /** Queues it again with all its attempts before it; the newest checkpoint stays. */
    @Transactional
    public Job retry(Caller caller, UUID id) {
        Job job = store.get(caller.tenant(), id);
        store.lockQueue(caller.tenant()).run();
        if (!store.retry(job)) {
            throw new PlatformException(ProblemType.CONFLICT, "Only a job that failed or was cancelled can be retried");
        }
        events.state(job.number(), JobState.QUEUED, "retried by " + caller.name());
        return store.get(caller.tenant(), id);
    }

    private JobSpec.Data resolve(String tenant, JobSpec wanted) {
        JobSpec.Data data = wanted.dataset();
        Dataset dataset = datasets.get(tenant, data.id());
        if (!dataset.task().equals(wanted.task().name())) {
            throw new PlatformException(
                    ProblemType.CONFLICT, "The dataset is of task '" + dataset.task() + "', the job of another");
        }
        Integer number = data.version();
        DatasetVersion version = number == null
                ? versions.list(dataset).stream()
                        .findFirst()
                        .orElseThrow(() -> new PlatformException(
                                ProblemType.CONFLICT, "The dataset has no version yet: seal one first"))
                : versions.get(dataset, number);
        if (data.sha256() != null && !data.sha256().equals(version.sha256())) {
            throw new PlatformException(
                    ProblemType.CONFLICT, "Version " + version.version() + " of the dataset has another SHA-256");
        }
        return new JobSpec.Data(dataset.id(), version.version(), version.sha256());
    }

    private @Nullable String start(String tenant, JobSpec wanted) {
        JobSpec.Hyperparameters how = wanted.hyperparameters();
        return wanted.start() == null
                ? null
                : starts.resolve(
                        tenant, wanted.start(), new StartingPoints.Needed(wanted.base(), how.rank(), how.alpha()));
    }
}
