package io.logicdistillation.functionbase.emergency;

import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Ends emergencies whose time is over. Replicas may sweep at once: the task's lock lets one of them act. */
@Component
@EnableScheduling
class Expiry {
    private static final Logger log = LoggerFactory.getLogger(Expiry.class);

    private final TenantTransactions transactions;
    private final EmergencyStore store;
    private final Emergencies emergencies;

    Expiry(TenantTransactions transactions, EmergencyStore store, Emergencies emergencies) {
        this.transactions = transactions;
        this.store = store;
        this.emergencies = emergencies;
    }

    @Scheduled(fixedDelayString = "${platform.emergencies.sweep:500ms}")
    void sweep() {
        List<EmergencyStore.Due> due;
        try {
            due = transactions.in(EmergencyStore.ALL_TENANTS, store::due);
        } catch (RuntimeException away) {
            log.debug("Expired emergencies could not be looked for: {}", away.toString());
            return;
        }
        for (EmergencyStore.Due each : due) {
            try {
                Caller self = new Caller(each.tenant(), "function-base-service", Set.of());
                emergencies.end(self, each.task(), each.id(), Emergency.Status.EXPIRED);
            } catch (RuntimeException failure) {
                log.warn(
                        "Emergency {} of task '{}' could not be ended: {}", each.id(), each.task(), failure.toString());
            }
        }
    }
}
