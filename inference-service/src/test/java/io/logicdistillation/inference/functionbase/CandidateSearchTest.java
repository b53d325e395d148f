package io.logicdistillation.inference.functionbase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import io.logicdistillation.contracts.Bans;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.Maze;
import io.logicdistillation.inference.upstream.TaskKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is found is remembered for the same words in the same snapshot under the same bans, and for nothing else. */
class CandidateSearchTest {
    private static final TaskKey TASK = new TaskKey("acme", Maze.NAME);

    private final FunctionBase base = mock(FunctionBase.class);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final PreparedSnapshot snapshot = new PreparedSnapshot(Maze.snapshot(1));
    private final StageDefinition stage = snapshot.task().stages().stream()
            .filter(each -> snapshot.functions(each.name()).size() > each.k())
            .findFirst()
            .orElseThrow();
    private CandidateSearch search = remembering(8);

    @AfterEach
    void close() {
        search.close();
    }

    private CandidateSearch remembering(int most) {
        return new CandidateSearch(
                base,
                new FunctionBaseProperties(
                        URI.create("http://127.0.0.1:1"),
                        Duration.ofSeconds(1),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        most,
                        1),
                meters);
    }

    private void finds(String... names) {
        List<SearchResult.Hit> hits = Arrays.stream(names)
                .map(name -> new SearchResult.Hit(name, "sha256:1", name, 0.5))
                .toList();
        doReturn(new SearchResult(snapshot.id(), hits)).when(base).search(any(), any());
    }

    private void isAway() {
        doThrow(new PlatformException(ProblemType.UNAVAILABLE, "away"))
                .when(base)
                .search(any(), any());
    }

    private List<String> found(PreparedSnapshot in, TaskKey task, String view) {
        return search.candidates(task, in, stage, view, null).stream()
                .filter(candidate -> !candidate.function().alwaysCandidate())
                .map(candidate -> candidate.function().name())
                .toList();
    }

    private String name(int number) {
        return snapshot.functions(stage.name()).stream()
                .filter(function -> !function.alwaysCandidate())
                .toList()
                .get(number)
                .name();
    }

    private double searches(String from) {
        return meters.counter("candidate.searches", "from", from).count();
    }

    @Test
    void theSameWordsAreSearchedForOnce() {
        finds(name(1), name(0));
        List<String> first = found(snapshot, TASK, "A wall to the north.");
        finds(name(0));

        assertThat(found(snapshot, TASK, "A wall to the north."))
                .isEqualTo(first)
                .containsExactly(name(1), name(0));
        assertThat(found(snapshot, TASK, "A wall to the south.")).containsExactly(name(0));
        verify(base, times(2)).search(any(), any());
        assertThat(searches("memory")).isEqualTo(1);
        assertThat(searches("function-base")).isEqualTo(2);
    }

    @Test
    void anotherSnapshotOtherBansAndAnotherTenantAreOtherQuestions() {
        finds(name(0), name(1));
        found(snapshot, TASK, "A wall.");
        finds(name(1));

        assertThat(found(snapshot.under(new Bans(1, List.of(name(0)))), TASK, "A wall."))
                .containsExactly(name(1));
        assertThat(found(new PreparedSnapshot(Maze.snapshot(2)), TASK, "A wall."))
                .containsExactly(name(1));
        assertThat(found(snapshot, new TaskKey("rival", Maze.NAME), "A wall.")).containsExactly(name(1));
        assertThat(found(snapshot.under(new Bans(2, List.of())), TASK, "A wall."))
                .containsExactly(name(1));
        verify(base, times(5)).search(any(), any());
    }

    @Test
    void whatIsRememberedServesWhileTheFunctionBaseIsAway() {
        finds(name(1));
        found(snapshot, TASK, "A wall.");
        isAway();

        assertThat(found(snapshot, TASK, "A wall.")).containsExactly(name(1));
    }

    @Test
    void whatTheSearchInMemoryFindsIsNotRemembered() {
        isAway();
        found(snapshot, TASK, "A wall.");
        finds(name(1));
        assertThat(found(snapshot, TASK, "A wall.")).containsExactly(name(1));
        assertThat(searches("words")).isEqualTo(1);
    }

    @Test
    void nothingIsRememberedWhereTheSettingSaysSo() {
        search.close();
        search = remembering(0);
        finds(name(0));
        found(snapshot, TASK, "A wall.");
        finds(name(1));

        assertThat(found(snapshot, TASK, "A wall.")).containsExactly(name(1));
    }
}
