package io.logicdistillation.gateway.keys;

import jakarta.annotation.PreDestroy;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** When each key was last used: noted in memory, written together now and then, so that no request waits for it. Thread-safe. */
@Component
@WithDatabase
class LastUses {
    private static final Logger log = LoggerFactory.getLogger(LastUses.class);

    private final KeyDatabase database;
    private final ConcurrentHashMap<UUID, Instant> noted = new ConcurrentHashMap<>();

    LastUses(KeyDatabase database) {
        this.database = database;
    }

    void note(UUID key, Instant now) {
        noted.put(key, now);
    }

    /** What can not be written now is written next time. */
    @PreDestroy
    @Scheduled(fixedDelayString = "${platform.last-use-every:30s}")
    void write() {
        Map<UUID, Instant> due = new HashMap<>();
        noted.keySet().forEach(key -> {
            Instant last = noted.remove(key);
            if (last != null) {
                due.put(key, last);
            }
        });
        if (due.isEmpty()) {
            return;
        }
        try {
            database.in(KeyDatabase.ALL_TENANTS, transaction -> {
                due.forEach((key, last) -> transaction
                        .sql("UPDATE keys SET last_used_at = greatest(last_used_at, ?) WHERE id = ?")
                        .params(last.atOffset(ZoneOffset.UTC), key)
                        .update());
                return due.size();
            });
        } catch (DataAccessException | TransactionException failure) {
            due.forEach(noted::putIfAbsent);
            log.warn("When keys were last used can not be written: {}", failure.toString());
        }
    }
}
