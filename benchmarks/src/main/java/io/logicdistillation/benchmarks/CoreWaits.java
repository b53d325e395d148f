package io.logicdistillation.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * How long this thread and the process that serves its connection have waited for a core, by Linux's scheduler: what a shared
 * machine adds to a figure. Of use to the thread that made it.
 */
final class CoreWaits {
    private final List<Path> statistics;

    private CoreWaits(List<Path> statistics) {
        this.statistics = statistics;
    }

    /** Knows nothing where Postgres is on another machine, or where there are no such statistics. */
    static CoreWaits of(JdbcClient database) {
        long server = database.sql(
                        "SELECT CASE WHEN inet_server_addr() <<= '127.0.0.0/8' THEN pg_backend_pid() ELSE 0 END")
                .query(Long.class)
                .single();
        Path ofServer = Path.of("/proc", Long.toString(server), "schedstat");
        return new CoreWaits(
                Files.isReadable(ofServer) ? List.of(Path.of("/proc/thread-self/schedstat"), ofServer) : List.of());
    }

    boolean known() {
        return !statistics.isEmpty();
    }

    /** @return nanoseconds, together, since both began */
    long nanos() {
        return statistics.stream().mapToLong(CoreWaits::waited).sum();
    }

    /** Of the three numbers the second; the first is what it had of a core, the third how often. */
    private static long waited(Path statistics) {
        try {
            return Long.parseLong(Files.readString(statistics).strip().split(" ")[1]);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
