package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Event streams: each a virtual thread that reads the table twice a second, so that it does not matter which replica works on the
 * generation. A stream that ends early is taken up again by the client with {@code Last-Event-ID}.
 */
@Component
class GenerationStreams {
    private static final Logger log = LoggerFactory.getLogger(GenerationStreams.class);
    private static final int MOST = 100;
    private static final int BATCH = 500;
    private static final Duration PAUSE = Duration.ofMillis(500);
    /** Below the silence after which proxies cut. */
    private static final int PAUSES_BETWEEN_COMMENTS = 20;

    private final TenantTransactions transactions;
    private final GenerationStore store;
    private final Semaphore places = new Semaphore(MOST);
    private volatile boolean closing;

    GenerationStreams(TenantTransactions transactions, GenerationStore store) {
        this.transactions = transactions;
        this.store = store;
    }

    /** What is new, and whether it is all. */
    private record News(List<GenerationStore.Event> events, boolean ended) {}

    /** @throws PlatformException {@link ProblemType#UNAVAILABLE} if as many are open as this replica serves */
    SseEmitter open(String tenant, Generation generation, long after) {
        if (!places.tryAcquire()) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "Too many event streams are open");
        }
        SseEmitter emitter = new SseEmitter(0L);
        Thread.ofVirtual().name("events-" + generation.id()).start(() -> {
            try {
                send(tenant, UUID.fromString(generation.id()), after, emitter);
                emitter.complete();
            } catch (IOException | IllegalStateException gone) {
                log.debug("The reader of {} left", generation.id());
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException failure) {
                log.warn("Events of {} can not be read: {}", generation.id(), failure.toString());
                emitter.complete();
            } finally {
                places.release();
            }
        });
        return emitter;
    }

    private void send(String tenant, UUID id, long after, SseEmitter emitter) throws IOException, InterruptedException {
        long seen = after;
        for (int quiet = 1; !closing; quiet++) {
            News news = news(tenant, id, seen);
            for (GenerationStore.Event event : news.events()) {
                emitter.send(SseEmitter.event()
                        .id(Long.toString(event.number()))
                        .name(event.kind())
                        .data(event.data()));
                seen = event.number();
            }
            if (news.ended() && news.events().size() < BATCH) {
                return;
            }
            if (quiet % PAUSES_BETWEEN_COMMENTS == 1) {
                emitter.send(SseEmitter.event().comment("still here"));
            }
            if (news.events().size() < BATCH) {
                Thread.sleep(PAUSE);
            }
        }
    }

    /** The state is read before the events, so the event of the last state is never missed. */
    private News news(String tenant, UUID id, long seen) {
        return transactions.in(tenant, database -> {
            boolean ended = database.sql("SELECT state FROM generations WHERE id = ?")
                    .param(id)
                    .query(String.class)
                    .optional()
                    .map(state -> !state.equals("queued") && !state.equals("running"))
                    .orElse(true);
            return new News(store.events(database, id, seen, BATCH), ended);
        });
    }

    /** Streams would hold up the shutdown otherwise. */
    @EventListener(ContextClosedEvent.class)
    void close() {
        closing = true;
    }
}
