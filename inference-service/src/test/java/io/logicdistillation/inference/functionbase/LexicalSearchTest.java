package io.logicdistillation.inference.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.inference.Maze;
import java.util.List;
import org.junit.jupiter.api.Test;

class LexicalSearchTest {
    private final LexicalSearch search = new LexicalSearch(List.of(
            Maze.function("pin", "move", "pin", "Use it when the target stands beside a wall.", "return 1;"),
            Maze.function("chase", "move", "chase", "Use it when the target runs in the open.", "return 1;"),
            Maze.function("wait", "move", "wait", "Use it when the partner is nearer.", "return 1;")));

    @Test
    void findsTheManualThatSharesTheRareWords() {
        assertThat(search.best("The target is beside a WALL.", 1, name -> true))
                .extracting(PublishedFunction::name)
                .containsExactly("pin");
        assertThat(search.best("partner nearer", 2, name -> true).getFirst().name())
                .isEqualTo("wait");
    }

    @Test
    void breaksTiesByHandleSoThatTheSameQuestionHasTheSameAnswer() {
        assertThat(search.best("zebra", 3, name -> true))
                .extracting(PublishedFunction::handle)
                .containsExactly("chase", "pin", "wait");
    }

    @Test
    void whatIsNotAllowedMakesRoomForTheNext() {
        assertThat(search.best("A target beside a wall.", 1, name -> !name.equals("pin")))
                .extracting(PublishedFunction::name)
                .containsExactly("chase");
        assertThat(search.best("wall", 0, name -> true)).isEmpty();
    }

    @Test
    void findsNothingInNothing() {
        assertThat(new LexicalSearch(List.of()).best("wall", 3, name -> true)).isEmpty();
    }
}
