package io.logicdistillation.inference.decisions;

import io.logicdistillation.contracts.DecisionRequest;
import io.logicdistillation.inference.decisionlog.IdempotencyKey;
import io.logicdistillation.inference.functionbase.PreparedSnapshot;
import io.logicdistillation.inference.functionbase.Snapshots;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.inference.upstream.Traced;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides many states, a few at once, or one after the other where each is to remember those before it. All of a batch are decided on the
 * snapshot that was active when it came. A state that cannot be decided keeps no other from it. Thread-safe.
 */
final class Batches implements AutoCloseable {
    private final Decisions decisions;
    private final Snapshots snapshots;
    private final RequestHashes hashes;
    private final DecisionProperties properties;
    private final MeterRegistry meters;
    private final ExecutorService threads = Traced.virtualThreads();

    Batches(
            Decisions decisions,
            Snapshots snapshots,
            RequestHashes hashes,
            DecisionProperties properties,
            MeterRegistry meters) {
        this.decisions = decisions;
        this.snapshots = snapshots;
        this.hashes = hashes;
        this.properties = properties;
        this.meters = meters;
    }

    /** Takes what became of the states, in their order. */
    @FunctionalInterface
    interface Taker {
        void take(BatchItem item) throws IOException;
    }

    /** @param key of the batch; each state's counts once with it */
    record Keys(String key, String hash) {
        IdempotencyKey of(int index) {
            return new IdempotencyKey(key + "/" + index, hash);
        }
    }

    /**
     * Cancels what is left if the taker takes no more.
     *
     * @throws io.logicdistillation.contracts.PlatformException for what concerns the batch as a whole, before anything is decided
     */
    void decide(TaskKey task, BatchRequest batch, @Nullable String key, Deadline deadline, Taker taker)
            throws IOException {
        Keys keys = key == null ? null : new Keys(key, hashes.of(task.task(), batch));
        PreparedSnapshot snapshot = snapshots.of(task, batch.snapshot());
        List<DecisionRequest> requests = batch.requests(snapshot.id());
        if (keys != null) {
            keys.of(requests.size());
            var unused = decisions.earlier(task.tenant(), keys.of(0));
        }
        DistributionSummary.builder("decision.batch.size").register(meters).record(requests.size());
        boolean eachRemembers = snapshot.task().remembered() > 0 && batch.episode() != null;
        List<CompletableFuture<BatchItem>> items = eachRemembers
                ? oneAfterTheOther(task, requests, keys, deadline)
                : started(task, requests, keys, deadline);
        try {
            for (CompletableFuture<BatchItem> item : items) {
                taker.take(item.join());
            }
        } finally {
            deadline.cancel();
        }
    }

    private List<CompletableFuture<BatchItem>> started(
            TaskKey task, List<DecisionRequest> requests, @Nullable Keys keys, Deadline deadline) {
        Semaphore gate = new Semaphore(Math.max(1, properties.batchParallelism()), true);
        List<CompletableFuture<BatchItem>> items = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            int index = i;
            IdempotencyKey key = keys == null ? null : keys.of(index);
            items.add(CompletableFuture.supplyAsync(
                    () -> {
                        gate.acquireUninterruptibly();
                        try {
                            return one(task, index, requests.get(index), key, deadline);
                        } finally {
                            gate.release();
                        }
                    },
                    threads));
        }
        return items;
    }

    /** The states of an episode whose task remembers: each is told of those before it. */
    private List<CompletableFuture<BatchItem>> oneAfterTheOther(
            TaskKey task, List<DecisionRequest> requests, @Nullable Keys keys, Deadline deadline) {
        List<CompletableFuture<BatchItem>> items = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            int index = i;
            IdempotencyKey key = keys == null ? null : keys.of(index);
            Supplier<BatchItem> next = () -> one(task, index, requests.get(index), key, deadline);
            items.add(
                    items.isEmpty()
                            ? CompletableFuture.supplyAsync(next, threads)
                            : items.getLast().thenApplyAsync(unused -> next.get(), threads));
        }
        return items;
    }

    private BatchItem one(
            TaskKey task, int index, DecisionRequest request, @Nullable IdempotencyKey key, Deadline deadline) {
        try {
            deadline.check("the state was waiting for its turn");
            return BatchItem.of(index, decisions.decide(task, request, key, deadline, unwatched -> {}));
        } catch (RuntimeException failure) {
            return BatchItem.of(index, failure);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
