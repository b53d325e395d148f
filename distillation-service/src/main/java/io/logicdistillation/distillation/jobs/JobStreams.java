package io.logicdistillation.distillation.jobs;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Event streams: each a virtual thread that reads the table twice a second, so that it does not matter which replica a worker
 * talks to. A stream that ends early is taken up again by the client with {@code Last-Event-ID}.
 */
@Component
class JobStreams {
    private static final Logger log = LoggerFactory.getLogger(JobStreams.class);
    private static final int MOST = 200;
    private static final int BATCH = 500;
    private static final Duration PAUSE = Duration.ofMillis(500);
    /** Below the silence after which proxies cut. */
    private static final int PAUSES_BETWEEN_COMMENTS = 20;

    private final JobStore store;
    private final JobEvents events;
    private final Semaphore places = new Semaphore(MOST);
    private volatile boolean closing;

    JobStreams(JobStore store, JobEvents events) {
        this.store = store;
        this.events = events;
    }

    /** @throws PlatformException {@link ProblemType#UNAVAILABLE} if as many are open as this replica serves */
    SseEmitter open(String tenant, Job job, long after) {
        if (!places.tryAcquire()) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "Too many event streams are open");
        }
        SseEmitter emitter = new SseEmitter(0L);
        Thread.ofVirtual().name("events-" + job.id()).start(() -> {
            try {
                send(tenant, job, after, emitter);
                emitter.complete();
            } catch (IOException | IllegalStateException gone) {
                log.debug("The reader of {} left", job.id());
            } catch (DataAccessException failure) {
                log.warn("Events of {} can not be read: {}", job.id(), failure.getMessage());
                emitter.complete();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            } finally {
                places.release();
            }
        });
        return emitter;
    }

    /** The state is read before the events, so the event of the last state is never missed. */
    private void send(String tenant, Job job, long after, SseEmitter emitter) throws IOException, InterruptedException {
        long seen = after;
        for (int quiet = 1; !closing; quiet++) {
            boolean ended = store.get(tenant, UUID.fromString(job.id())).state().isFinal();
            List<JobEvents.Event> found = events.since(job.number(), seen, BATCH);
            for (JobEvents.Event event : found) {
                emitter.send(SseEmitter.event()
                        .id(Long.toString(event.number()))
                        .name(event.kind())
                        .data(event.data()));
                seen = event.number();
            }
            if (ended && found.size() < BATCH) {
                return;
            }
            if (quiet % PAUSES_BETWEEN_COMMENTS == 1) {
                emitter.send(SseEmitter.event().comment("still here"));
            }
            if (found.size() < BATCH) {
                Thread.sleep(PAUSE);
            }
        }
    }

    /** Streams would hold up the shutdown otherwise. */
    @EventListener(ContextClosedEvent.class)
    void close() {
        closing = true;
    }
}
