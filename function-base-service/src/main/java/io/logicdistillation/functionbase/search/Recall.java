package io.logicdistillation.functionbase.search;

import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/**
 * Recall@K in operation: some of the searches through the vector index are held against a comparison of all functions, after they
 * have been answered and one at a time, since comparing all is what the index is there to spare Postgres. Thread-safe.
 */
@Component
@EnableConfigurationProperties(SearchProperties.class)
class Recall {
    private static final Logger log = LoggerFactory.getLogger(Recall.class);

    private final TenantTransactions transactions;
    private final FusedQuery query;
    private final SearchProperties properties;
    private final MeterRegistry meters;
    private final Semaphore free = new Semaphore(1);

    Recall(TenantTransactions transactions, FusedQuery query, SearchProperties properties, MeterRegistry meters) {
        this.transactions = transactions;
        this.query = query;
        this.properties = properties;
        this.meters = meters;
    }

    /** Returns at once; a question that is not picked, or comes while another one is compared, is let go. */
    void consider(FusedQuery.Question question) {
        boolean picked = question.isOfMany()
                && ThreadLocalRandom.current().nextDouble() < properties.comparedShare()
                && free.tryAcquire();
        if (picked) {
            Thread.ofVirtual().name("recall").start(() -> compare(question));
        }
    }

    private void compare(FusedQuery.Question question) {
        try {
            transactions.in(question.stage().tenant(), database -> {
                List<Long> exact = query.nearest(database, question, true);
                if (!exact.isEmpty()) {
                    meters.summary("search.recall")
                            .record(share(exact, query.nearest(database, question, false), question.k()));
                }
                return true;
            });
        } catch (RuntimeException failure) {
            // A comparison that is lost is one of many.
            log.warn("A search could not be compared: {}", failure.toString());
        } finally {
            free.release();
        }
    }

    /** Of the {@code k} nearest, how many are among the first {@code k} found: 0 to 1. */
    static double share(List<Long> nearest, List<Long> found, int k) {
        List<Long> wanted = nearest.subList(0, Math.min(k, nearest.size()));
        List<Long> shown = found.subList(0, Math.min(k, found.size()));
        return wanted.stream().filter(shown::contains).count() / (double) wanted.size();
    }
}
