package io.logicdistillation.runtime;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts workers at their limit. A platform thread of its own, because a timer on virtual threads comes late when native
 * code holds their carriers.
 */
final class Watchdog implements AutoCloseable {

    private final ScheduledThreadPoolExecutor timer;

    Watchdog() {
        timer = new ScheduledThreadPoolExecutor(
                1,
                Thread.ofPlatform()
                        .name("function-watchdog")
                        .daemon()
                        .priority(Thread.MAX_PRIORITY)
                        .factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Watches the current thread until {@link Watch#end()}. */
    Watch start(Duration limit) {
        Watch watch = new Watch(Thread.currentThread());
        watch.alarm = timer.schedule(watch::ring, limit.toNanos(), TimeUnit.NANOSECONDS);
        return watch;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** One watched stretch of work; the interrupt never reaches past its end. */
    static final class Watch {

        private final Thread worker;
        private boolean ended;
        private boolean rang;
        private @Nullable Future<?> alarm;

        private Watch(Thread worker) {
            this.worker = worker;
        }

        private synchronized void ring() {
            if (!ended) {
                rang = true;
                worker.interrupt();
            }
        }

        /** Ends the watch and says whether the limit was reached. */
        boolean end() {
            if (alarm != null) {
                alarm.cancel(false);
            }
            synchronized (this) {
                ended = true;
                if (rang) {
                    Thread.interrupted();
                }
                return rang;
            }
        }
    }
}
