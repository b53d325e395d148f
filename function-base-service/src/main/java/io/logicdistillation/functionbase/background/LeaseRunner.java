package io.logicdistillation.functionbase.background;

import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up work that nobody does, each piece on a virtual thread under a lease that it keeps alive. Any number of replicas may
 * poll: a claim is one statement, and each claim's fence ends the writes of the one before. Thread-safe.
 */
public final class LeaseRunner implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LeaseRunner.class);

    private final TenantTransactions transactions;
    private final Leases leases;
    private final Terms terms;
    private final Consumer<Lease> worker;
    private final Map<Lease, Thread> running = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** @param worker never throws but an {@link Error} */
    public LeaseRunner(TenantTransactions transactions, Leases leases, Terms terms, Consumer<Lease> worker) {
        this.transactions = transactions;
        this.leases = leases;
        this.terms = terms;
        this.worker = worker;
    }

    /**
     * @param what the work is called in logs
     * @param lease after which another replica takes over what is not renewed
     * @param running pieces that this replica works on at once
     */
    public record Terms(String what, Duration lease, int running) {}

    /** One round; what fails is tried again in the next one. */
    public void poll() {
        if (closed) {
            return;
        }
        try {
            running.keySet().forEach(this::renew);
            int free = terms.running() - running.size();
            if (free > 0) {
                List<Leases.Due> due = transactions.in(Leases.ALL_TENANTS, database -> leases.due(database, free));
                due.forEach(this::take);
            }
        } catch (RuntimeException away) {
            log.debug("Work ({}) could not be looked for: {}", terms.what(), away.toString());
        }
    }

    private void renew(Lease lease) {
        transactions.in(lease.tenant(), database -> leases.renew(database, lease, terms.lease()));
    }

    private void take(Leases.Due due) {
        Optional<Long> fence =
                transactions.in(due.tenant(), database -> leases.claim(database, due.id(), terms.lease()));
        fence.ifPresent(number -> start(new Lease(due.tenant(), due.id(), number)));
    }

    private void start(Lease lease) {
        Thread thread = Thread.ofVirtual().name(terms.what() + "-" + lease.id()).unstarted(() -> {
            try {
                worker.accept(lease);
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
                    leases.pause(database, lease, Duration.ZERO, false);
                    return true;
                });
            } catch (RuntimeException away) {
                log.debug("{} {} keeps its lease until it ends: {}", terms.what(), lease.id(), away.toString());
            }
            thread.interrupt();
        });
    }
}
