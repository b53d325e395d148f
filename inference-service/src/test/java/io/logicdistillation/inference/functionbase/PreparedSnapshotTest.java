package io.logicdistillation.inference.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.Bans;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.SnapshotChange;
import io.logicdistillation.inference.Maze;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PreparedSnapshotTest {
    private static final PublishedFunction LEAP =
            Maze.function("leap", "move", "leap", "Leaps over a stone.", "return {move: 'up'};");

    private final Snapshot first = Maze.snapshot(1);
    private final PreparedSnapshot prepared = new PreparedSnapshot(first);

    private static List<String> names(List<PublishedFunction> functions) {
        return functions.stream().map(PublishedFunction::name).toList();
    }

    @Test
    void aDifferenceAddsReplacesAndRemoves() {
        Snapshot second = Maze.snapshot(2, LEAP);
        PublishedFunction rested = Maze.function("rest", "move", "rest", "Sits down.", "return {move: 'stay'};");
        PreparedSnapshot next = prepared.changed(
                new SnapshotChange(first.snapshot(), List.of("fly", "spin"), second.with(List.of(LEAP, rested))));

        assertThat(next.id()).isEqualTo(second.snapshot());
        assertThat(names(next.functions("move"))).containsExactly("stumble", "leap", "rest", "walk_on");
        assertThat(next.function("move", "rest").manual()).isEqualTo("Sits down.");
        assertThat(next.function("look", "look_side")).isSameAs(prepared.function("look", "look_side"));
        assertThat(names(prepared.functions("move"))).contains("fly", "spin");
    }

    @Test
    void aDifferenceInBansAloneKeepsTheSnapshot() {
        Snapshot banning = new Snapshot(
                first.snapshot(),
                first.task(),
                first.number(),
                true,
                first.publishedAt(),
                first.definition(),
                List.of(),
                new Bans(1, List.of("rest")),
                null);
        PreparedSnapshot next = prepared.changed(new SnapshotChange(first.snapshot(), List.of(), banning));

        assertThat(next.functions("move")).isSameAs(prepared.functions("move"));
        assertThat(names(next.permitted("move"))).doesNotContain("rest").contains("walk_on");
        assertThat(next.banned("move")).containsExactly("rest");
        assertThat(next.banned("look")).isEmpty();
        assertThat(next.under(Bans.NONE).permitted("move")).hasSameElementsAs(next.functions("move"));
    }

    @Test
    void whatBansLeaveIsWorkedOutOnce() {
        Bans bans = new Bans(3, List.of("rest"));
        PreparedSnapshot once = prepared.under(bans);

        assertThat(prepared.under(new Bans(3, List.of("rest")))).isSameAs(once);
        assertThat(prepared.under(new Bans(4, List.of("fly")))).isNotSameAs(once);
    }

    @Test
    void aBannedFunctionIsNoCandidateThoughItIsPinned() {
        PreparedSnapshot pinned = new PreparedSnapshot(
                Maze.snapshot(4, Maze.pinned("hide", "move", "hide", "Hides.", "return {move: 'stay'};")));

        assertThat(names(pinned.pinned("move"))).containsExactly("hide");
        assertThat(pinned.under(new Bans(1, List.of("hide"))).pinned("move")).isEmpty();
    }

    @Test
    void testsAreNotKept() {
        PublishedFunction tested = new PublishedFunction(
                "sha256:1",
                "t",
                "move",
                "t",
                "Tested.",
                "javascript",
                LEAP.source(),
                List.of(new FunctionTest(Map.of("x", 1), null, Map.of("move", "up"))),
                null);
        List<PublishedFunction> functions = new ArrayList<>(first.functions());
        functions.add(tested);

        assertThat(new PreparedSnapshot(first.with(functions))
                        .function("move", "t")
                        .tests())
                .isEmpty();
    }
}
