package io.logicdistillation.functionbase.background;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Event streams: each a virtual thread that reads the table twice a second, so that it does not matter which replica does the
 * work. A stream that ends early is taken up again by the client with {@code Last-Event-ID}. Thread-safe.
 */
@Component
public final class EventStreams {
    private static final Logger log = LoggerFactory.getLogger(EventStreams.class);
    private static final int MOST = 100;
    private static final int BATCH = 500;
    private static final Duration PAUSE = Duration.ofMillis(500);
    /** Below the silence after which proxies cut. */
    private static final int PAUSES_BETWEEN_COMMENTS = 20;

    private final TenantTransactions transactions;
    private final Semaphore places = new Semaphore(MOST);
    private volatile boolean closing;

    EventStreams(TenantTransactions transactions) {
        this.transactions = transactions;
    }

    /** A piece of work that is told of; asked within a transaction of its tenant. */
    public interface Source {
        /** Whether nothing will happen to it any more. */
        boolean hasEnded(JdbcClient database, UUID id);

        /** @param after the number of the last event seen */
        List<Events.Event> events(JdbcClient database, UUID id, long after, int limit);
    }

    /** What is new, and whether it is all. */
    private record News(List<Events.Event> events, boolean ended) {}

    /**
     * Everything from the beginning, or from the event after the one that the client saw last, until the work has ended.
     *
     * @param lastSeen the client's {@code Last-Event-ID}
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if as many are open as this replica serves,
     *     {@link ProblemType#INVALID_REQUEST} if {@code lastSeen} is no number
     */
    public SseEmitter open(String tenant, UUID id, @Nullable String lastSeen, Source source) {
        long after = lastSeen == null ? 0 : number(lastSeen);
        if (!places.tryAcquire()) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "Too many event streams are open");
        }
        SseEmitter emitter = new SseEmitter(0L);
        Thread.ofVirtual().name("events-" + id).start(() -> {
            try {
                send(tenant, id, after, source, emitter);
                emitter.complete();
            } catch (IOException | IllegalStateException gone) {
                log.debug("The reader of {} left", id);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException failure) {
                log.warn("Events of {} can not be read: {}", id, failure.toString());
                emitter.complete();
            } finally {
                places.release();
            }
        });
        return emitter;
    }

    private void send(String tenant, UUID id, long after, Source source, SseEmitter emitter)
            throws IOException, InterruptedException {
        long seen = after;
        for (int quiet = 1; !closing; quiet++) {
            News news = news(tenant, id, source, seen);
            for (Events.Event event : news.events()) {
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
    private News news(String tenant, UUID id, Source source, long seen) {
        return transactions.in(tenant, database -> {
            boolean ended = source.hasEnded(database, id);
            return new News(source.events(database, id, seen, BATCH), ended);
        });
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException none) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "Last-Event-ID is no event's id", none);
        }
    }

    /** Streams would hold up the shutdown otherwise. */
    @EventListener(ContextClosedEvent.class)
    void close() {
        closing = true;
    }
}
