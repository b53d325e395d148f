package io.logicdistillation.functionbase.generation;

import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Takes up generations that nobody works on, each on a virtual thread under a lease that it keeps alive. Any number of replicas may
 * poll: a claim is one statement, and each claim's fence ends the writes of the one before. Thread-safe.
 */
class Runner implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Runner.class);

    private final TenantTransactions transactions;
    private final GenerationStore store;
    private final Worker worker;
    private final GenerationProperties properties;
    private final Map<Lease, Thread> running = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Runner(TenantTransactions transactions, GenerationStore store, Worker worker, GenerationProperties properties) {
        this.transactions = transactions;
        this.store = store;
        this.worker = worker;
        this.properties = properties;
    }

    @Scheduled(fixedDelayString = "${platform.generations.poll:500ms}")
    void poll() {
        if (closed || !properties.api().isConfigured()) {
            return;
        }
        try {
            running.keySet().forEach(this::renew);
            int free = properties.running() - running.size();
            if (free > 0) {
                List<GenerationStore.Due> due =
                        transactions.in(GenerationStore.ALL_TENANTS, database -> store.due(database, free));
                due.forEach(this::take);
            }
        } catch (RuntimeException away) {
            log.debug("Generations could not be looked for: {}", away.toString());
        }
    }

    private void renew(Lease lease) {
        transactions.in(lease.tenant(), database -> store.renew(database, lease, properties.lease()));
    }

    private void take(GenerationStore.Due due) {
        Optional<Long> fence =
                transactions.in(due.tenant(), database -> store.claim(database, due.id(), properties.lease()));
        fence.ifPresent(number -> start(new Lease(due.tenant(), due.id(), number)));
    }

    private void start(Lease lease) {
        UUID id = lease.id();
        Thread thread = Thread.ofVirtual().name("generation-" + id).unstarted(() -> {
            try {
                worker.work(lease);
            } finally {
                running.remove(lease);
            }
        });
        running.put(lease, thread);
        thread.start();
    }

    /** Gives everything back at once: another replica goes on. */
    @Override
    public void close() {
        closed = true;
        running.forEach((lease, thread) -> {
            try {
                transactions.in(lease.tenant(), database -> {
                    store.pause(database, lease, Duration.ZERO, false);
                    return true;
                });
            } catch (RuntimeException away) {
                log.debug("Generation {} keeps its lease until it ends: {}", lease.id(), away.toString());
            }
            thread.interrupt();
        });
    }
}
