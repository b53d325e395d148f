package io.logicdistillation.gateway.keys;

import io.logicdistillation.gateway.keys.TenantDeletion.Holding;
import io.logicdistillation.gateway.keys.TenantDeletion.Part;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.tenantdata.TenantData;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Carries out deletions of tenants, step by step, so that any replica can go on where one has stopped. It counts what each service has,
 * has it deleted, and waits until nothing can be under way any more that was let in before; what that may have left behind is deleted
 * then, and the last count is the proof. Thread-safe.
 */
@Component
@WithDatabase
class TenantEraser {
    private static final Logger log = LoggerFactory.getLogger(TenantEraser.class);
    private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(5);
    private static final Duration AFTER_A_REST = Duration.ofSeconds(1);
    private static final Caller ITSELF = new Caller(KeyDatabase.ALL_TENANTS, "gateway", Set.of());

    private final DeletionStore store;
    private final TenantKeepers keepers;
    private final TenantProperties properties;
    private final Clock clock;
    private final AtomicBoolean busy = new AtomicBoolean();

    TenantEraser(DeletionStore store, TenantKeepers keepers, TenantProperties properties, Clock clock) {
        this.store = store;
        this.keepers = keepers;
        this.properties = properties;
        this.clock = clock;
    }

    /** On a thread of its own: others wait for the scheduler's. */
    @Scheduled(fixedDelayString = "${platform.tenants.poll:1s}")
    void poll() {
        if (busy.compareAndSet(false, true)) {
            Thread.ofVirtual().name("tenant-deletion").start(() -> {
                try {
                    store.claim().ifPresent(this::round);
                } catch (RuntimeException failure) {
                    log.warn("Deletions of tenants can not be looked for: {}", failure.toString());
                } finally {
                    busy.set(false);
                }
            });
        }
    }

    private void round(DeletionStore.Claim claim) {
        List<Part> report = new ArrayList<>(claim.deletion().services());
        try {
            if (erase(claim, report)) {
                conclude(claim, report);
            }
        } catch (RuntimeException failure) {
            log.warn(
                    "The deletion of tenant {} is held up: {}", claim.deletion().tenant(), failure.toString());
            store.pause(
                    claim,
                    report,
                    "Held up, and tried again: " + failure.getMessage(),
                    clock.instant().plus(AFTER_A_FAILURE));
        }
    }

    /** @return false if another replica has taken over */
    private boolean erase(DeletionStore.Claim claim, List<Part> report) {
        String tenant = claim.deletion().tenant();
        for (TenantKeeper keeper :
                keepers.all().subList(report.size(), keepers.all().size())) {
            report.add(new Part(keeper.name(), holding(keeper.count(tenant)), Holding.nothing(), null));
        }
        if (!store.save(claim, report)) {
            return false;
        }
        for (int place = 0; place < report.size(); place++) {
            TenantData.Erased erased;
            do {
                erased = keepers.all().get(place).erase(tenant);
                Part part = report.get(place);
                report.set(
                        place,
                        new Part(
                                part.service(),
                                part.before(),
                                part.deleted().plus(erased.deleted(), erased.files()),
                                null));
                if (!store.save(claim, report)) {
                    return false;
                }
            } while (!erased.complete());
        }
        return true;
    }

    private void conclude(DeletionStore.Claim claim, List<Part> report) {
        TenantDeletion deletion = claim.deletion();
        Instant settled = deletion.requestedAt().plus(properties.settle());
        if (clock.instant().isBefore(settled)) {
            store.pause(claim, report, null, settled);
            return;
        }
        List<Part> counted = new ArrayList<>();
        for (int place = 0; place < report.size(); place++) {
            Part part = report.get(place);
            Holding after = holding(keepers.all().get(place).count(deletion.tenant()));
            counted.add(new Part(part.service(), part.before(), part.deleted(), after));
        }
        if (counted.stream()
                .allMatch(part -> part.after() != null && part.after().holdsNothing())) {
            store.complete(claim, counted, ITSELF);
            log.info("All data of tenant {} is deleted", deletion.tenant());
        } else {
            store.pause(
                    claim,
                    report,
                    "Something came in meanwhile",
                    clock.instant().plus(AFTER_A_REST));
        }
    }

    private static Holding holding(TenantData.Counts counts) {
        return new Holding(counts.rows(), counts.files());
    }
}
