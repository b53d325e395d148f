package io.logicdistillation.inference.canaries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;
import static org.mockito.Mockito.verifyNoInteractions;
import static org.mockito.Mockito.when;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.DecisionRequest;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.decisionlog.DecisionLog;
import io.logicdistillation.inference.students.Students;
import io.logicdistillation.inference.upstream.TaskKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whose turn it is in an episode, and that the log is not read for it where it was read for the episode's memory. */
class CanariesTest {
    private static final TaskKey TASK = new TaskKey("acme", "maze");
    private static final Student.Canary CANARY =
            new Student.Canary("canary", "sha256:tried", "sha256:serving", 1, Instant.parse("2026-11-29T12:00:00Z"));

    private final Students students = mock(Students.class);
    private final DecisionLog log = mock(DecisionLog.class);
    private final Canaries canaries = new Canaries(students, log, mock(Counts.class));
    private final UUID episode = UUID.randomUUID();

    private boolean isCanarys(Optional<DecisionLog.Recollection> recollection) {
        when(students.canary(TASK)).thenReturn(Optional.of(CANARY));
        DecisionRequest request = new DecisionRequest(Map.of(), episode.toString(), null, null, Map.of());
        return canaries.turn(TASK, request, null, recollection).canary() != null;
    }

    private static Optional<DecisionLog.Recollection> remembered(Optional<DecisionLog.Turn> last) {
        return Optional.of(new DecisionLog.Recollection(new Decision.Memory(2, List.of()), last));
    }

    @Test
    void whoDecidedLastIsTakenFromWhatIsRemembered() {
        assertThat(isCanarys(remembered(Optional.of(new DecisionLog.Turn("sha256:tried", true)))))
                .isTrue();
        assertThat(isCanarys(remembered(Optional.of(new DecisionLog.Turn("sha256:serving", null)))))
                .isFalse();
        verifyNoInteractions(log);
    }

    @Test
    void anEpisodeThatHasNotBegunIsSplitByTheShare() {
        assertThat(isCanarys(remembered(Optional.empty())))
                .isEqualTo(Split.isCanarys(CANARY.id(), episode.toString(), CANARY.percent()));
        verifyNoInteractions(log);
    }

    @Test
    void theLogIsReadWhereNothingIsRemembered() {
        when(log.lastOfEpisode("acme", "maze", episode))
                .thenReturn(Optional.of(new DecisionLog.Turn("sha256:tried", true)));

        assertThat(isCanarys(Optional.empty())).isTrue();
        verify(log).lastOfEpisode("acme", "maze", episode);
    }
}
