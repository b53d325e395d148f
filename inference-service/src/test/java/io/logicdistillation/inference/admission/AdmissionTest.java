package io.logicdistillation.inference.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.netflix.concurrency.limits.limit.FixedLimit;
import com.netflix.concurrency.limits.limit.Gradient2Limit;
import io.logicdistillation.contracts.PlatformException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private long now = 1;
    private final Admission admission = new Admission(FixedLimit.of(10), () -> now);

    @Test
    void givesATenantAllTheRoomWhileItIsAlone() {
        assertThat(admitted("acme", Priority.HIGH, 12)).hasSize(10);
        assertThat(admission.ask("acme", Priority.HIGH)).isInstanceOf(Admission.Answer.Full.class);
    }

    @Test
    void sharesTheRoomEvenlyOnceItGetsCrowded() {
        admission.ask("rival", Priority.HIGH);
        assertThat(admitted("acme", Priority.HIGH, 20)).hasSize(5);
        assertThat(admission.ask("acme", Priority.HIGH)).isInstanceOf(Admission.Answer.OverShare.class);
        assertThat(admitted("rival", Priority.HIGH, 20)).hasSize(4);
        assertThat(admission.ask("rival", Priority.HIGH)).isInstanceOf(Admission.Answer.OverShare.class);
    }

    @Test
    void givesTheRoomBackWhenATenantHasGone() {
        Admission.Answer.Admitted rival = (Admission.Answer.Admitted) admission.ask("rival", Priority.HIGH);
        admission.leave(rival, true);
        assertThat(admitted("acme", Priority.HIGH, 20)).hasSize(5);

        now += 3_000_000_000L;

        assertThat(admitted("acme", Priority.HIGH, 20)).hasSize(5);
    }

    @Test
    void keepsRoomForWhatIsUrgent() {
        assertThat(admitted("acme", Priority.LOW, 20)).hasSize(5);
        assertThat(admitted("acme", Priority.NORMAL, 20)).hasSize(4);
        assertThat(admitted("acme", Priority.HIGH, 20)).hasSize(1);
        assertThat(admission.inside()).isEqualTo(10);
    }

    @Test
    void countsEveryoneWhoLeaves() {
        List<Admission.Answer.Admitted> all = admitted("acme", Priority.HIGH, 10);
        all.forEach(each -> admission.leave(each, false));

        assertThat(admission.inside()).isZero();
        assertThat(admitted("acme", Priority.HIGH, 20)).hasSize(10);
    }

    @Test
    void lowersTheLimitWhenRequestsTakeLonger() {
        Admission adaptive = new Admission(
                Gradient2Limit.newBuilder()
                        .initialLimit(64)
                        .minLimit(8)
                        .maxConcurrency(256)
                        .build(),
                () -> now);
        serve(adaptive, 50, 1_000_000);
        int before = adaptive.limit();
        serve(adaptive, 1, 80_000_000);

        assertThat(adaptive.limit()).isLessThan(before);
    }

    private void serve(Admission adaptive, int rounds, long nanos) {
        for (int round = 0; round < rounds; round++) {
            List<Admission.Answer.Admitted> inside = new ArrayList<>();
            while (adaptive.ask("acme", Priority.HIGH) instanceof Admission.Answer.Admitted admitted) {
                inside.add(admitted);
            }
            now += nanos;
            inside.forEach(each -> adaptive.leave(each, true));
        }
    }

    @Test
    void refusesAPriorityThatIsNone() {
        assertThat(Priority.of(null, Priority.LOW)).isEqualTo(Priority.LOW);
        assertThat(Priority.of("high", Priority.LOW)).isEqualTo(Priority.HIGH);
        assertThatThrownBy(() -> Priority.of("urgent", Priority.LOW)).isInstanceOf(PlatformException.class);
    }

    private List<Admission.Answer.Admitted> admitted(String tenant, Priority priority, int asked) {
        List<Admission.Answer.Admitted> admitted = new ArrayList<>();
        for (int i = 0; i < asked; i++) {
            if (admission.ask(tenant, priority) instanceof Admission.Answer.Admitted one) {
                admitted.add(one);
            }
        }
        return admitted;
    }
}
