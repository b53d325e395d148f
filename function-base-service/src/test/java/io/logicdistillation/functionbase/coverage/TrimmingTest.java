package io.logicdistillation.functionbase.coverage;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.functionbase.coverage.Coverage.Overlap;
import io.logicdistillation.functionbase.coverage.Coverage.Suggestion;
import io.logicdistillation.functionbase.coverage.Trimming.Used;
import io.logicdistillation.functionbase.function.StoredFunction;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrimmingTest {
    @Test
    void aChainOfOverlapsLosesOnlyWhatOverlapsWithWhatIsKept() {
        List<Used> functions = List.of(used("a", 9, 3), used("b", 9, 2), used("c", 9, 1));
        assertThat(names(functions, overlap("a", "b"), overlap("b", "c"))).containsExactly("b");
    }

    @Test
    void whatIsPinnedNeitherGoesNorTakesThePlaceOfAnother() {
        assertThat(names(List.of(used("often", 90, 30), pinned("emergency")), overlap("emergency", "often")))
                .isEmpty();
        assertThat(names(List.of(used("often", 90, 30), used("never", 90, 0)), overlap("never", "often")))
                .containsExactly("never");
    }

    @Test
    void aStageIsNeverLeftWithoutAFunction() {
        assertThat(names(List.of(used("a", 40, 0), used("b", 40, 0)))).isEmpty();
        assertThat(names(List.of(used("a", 40, 0), used("b", 40, 0), used("c", 3, 1))))
                .containsExactly("a", "b");
    }

    /** Sixty places shared by three functions would be twenty each; fifteen say nothing yet. */
    @Test
    void fewDecisionsSayNothingOfWhatWasNotFound() {
        assertThat(names(List.of(used("a", 60, 60), used("b", 0, 0), used("c", 0, 0))))
                .containsExactly("b", "c");
        assertThat(names(List.of(used("a", 15, 15), used("b", 0, 0), used("c", 0, 0))))
                .isEmpty();
    }

    private static List<String> names(List<Used> functions, Overlap... overlaps) {
        return new Trimming(functions, List.of(overlaps))
                .suggestions().stream().map(Suggestion::function).toList();
    }

    private static Overlap overlap(String one, String other) {
        return new Overlap("advice", one, other, 20, 0, 20);
    }

    private static Used used(String name, long candidate, long chosen) {
        return used(name, candidate, chosen, null);
    }

    private static Used pinned(String name) {
        return used(name, 0, 0, true);
    }

    private static Used used(String name, long candidate, long chosen, Boolean pinned) {
        PublishedFunction function = new PublishedFunction(
                "sha256:" + name, name, "advice", name, "manual", "javascript", "source", List.of(), pinned);
        return new Used(new StoredFunction(1, function), candidate, chosen, true);
    }
}
