package io.logicdistillation.inference.questions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.inference.decisions.Deadline;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.Way;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QuestionReaderTest {
    private static final double EXACT = 1e-12;

    @Test
    void answersAreBitEqualUnderEveryOrderOfTheOptions() {
        List<Question.Option> options = IntStream.range(0, 255)
                .mapToObj(i -> option("Queue " + i, i % 3 == 0 ? "" : "Tickets of kind " + i * 31))
                .toList();
        Map<String, Double> expected = byName(options, choice(MarginEngine.of(Map.of()), options));
        Random random = new Random(7);
        for (int i = 0; i < 20; i++) {
            List<Question.Option> shuffled = new ArrayList<>(options);
            Collections.shuffle(shuffled, random);
            assertThat(byName(shuffled, choice(MarginEngine.of(Map.of()), shuffled)))
                    .isEqualTo(expected);
        }
    }

    @Test
    void theChosenOneOfEqualsDoesNotDependOnTheirOrder() {
        MarginEngine undecided = MarginEngine.of(Map.of("a", 1.0, "b", 1.0));
        assertThat(choice(undecided, List.of(option("a", ""), option("b", ""))).chosen())
                .isZero();
        assertThat(choice(undecided, List.of(option("b", ""), option("a", ""))).chosen())
                .isOne();
    }

    @Test
    void manyRunsGiveTheSameProbabilitiesAsOne() {
        List<Question.Option> options = IntStream.range(0, 40)
                .mapToObj(i -> option("Queue " + i, "x".repeat(10)))
                .toList();
        MarginEngine wide = MarginEngine.of(Map.of());
        MarginEngine narrow = new MarginEngine(Map.of(), 3);
        Answer.Choice once = choice(wide, options);
        Answer.Choice often = choice(narrow, options);
        assertThat(wide.requests).as("about the state, and about nothing").hasSize(2);
        assertThat(narrow.requests).hasSizeGreaterThan(26);
        for (int i = 0; i < options.size(); i++) {
            assertThat(often.probabilities().get(i))
                    .isCloseTo(once.probabilities().get(i), within(EXACT));
        }
        assertThat(often.none()).isCloseTo(once.none(), within(EXACT));
    }

    @Test
    void aLongListTakesSeveralRuns() {
        MarginEngine engine = MarginEngine.of(Map.of());
        List<Question.Option> options = IntStream.range(0, 10)
                .mapToObj(i -> option("Queue " + i, "x".repeat(900)))
                .toList();
        choice(engine, options);
        assertThat(engine.requests).hasSizeBetween(6, 10);
        assertThat(engine.requests).allMatch(request -> request.way() == Way.READING);
    }

    @Test
    void scalesTheOptionsToOneAndSaysHowLikelyNoneFits() {
        Answer.Choice answer = choice(
                MarginEngine.of(Map.of("a", Math.log(3), "b", Math.log(1))),
                List.of(option("a", "first"), option("b", "second")));
        assertThat(answer.probabilities().get(0)).isCloseTo(0.75, within(EXACT));
        assertThat(answer.probabilities().get(1)).isCloseTo(0.25, within(EXACT));
        assertThat(answer.confidence()).isCloseTo(0.5, within(EXACT));
        assertThat(answer.none()).isCloseTo(0.2, within(EXACT));
    }

    @Test
    void anOptionNamedNoneIsWhatTheStudentMeansByNone() {
        MarginEngine engine = MarginEngine.of(Map.of("a", Math.log(3)));
        Answer.Choice answer = choice(engine, List.of(option("None_of_these", ""), option("a", "first")));
        assertThat(answer.probabilities().get(0)).isCloseTo(0.25, within(EXACT));
        assertThat(answer.none()).isNull();
        assertThat(engine.requests.getFirst().entries()).hasSize(1);
    }

    @Test
    void aDescribedNoneIsReadAsWell() {
        MarginEngine engine = MarginEngine.of(Map.of("a", Math.log(2), "none", Math.log(1)));
        Answer.Choice answer = choice(engine, List.of(option("a", "first"), option("none", "No damage at all")));
        assertThat(answer.probabilities().get(1)).isCloseTo(0.5, within(EXACT));
    }

    @Test
    void staysFiniteWhereTheStudentHasNoDoubt() {
        Answer.Choice answer = choice(
                MarginEngine.of(Map.of("a", 900.0, "b", -900.0)), List.of(option("a", "first"), option("b", "second")));
        assertThat(answer.probabilities()).allMatch(Double::isFinite);
        assertThat(answer.probabilities().get(0)).isEqualTo(1.0);
        assertThat(answer.none()).isBetween(0.0, 1e-100);
    }

    @Test
    void expectsAScoreOverItsLevels() {
        MarginEngine engine = MarginEngine.of(Map.of("low", Math.log(1), "middle", Math.log(1), "high", Math.log(6)));
        Answer.Score answer = (Answer.Score) reader(engine)
                .answer(new Question.Score(
                        "How much?",
                        List.of(
                                new Question.Option("0", "low", ""),
                                new Question.Option("1", "middle", ""),
                                new Question.Option("2", "high", ""))));
        assertThat(answer.value()).isCloseTo(1.625, within(EXACT));
        assertThat(answer.confidence()).isCloseTo(1 - 0.375 / (2.0 / 3), within(EXACT));
        assertThat(answer.none()).isCloseTo(1 / 9.0, within(EXACT));
    }

    @Test
    void saysYesByTheOddsOfOneStatement() {
        Answer.YesNo answer = (Answer.YesNo)
                reader(MarginEngine.of(Map.of("yes", Math.log(4)))).answer(new Question.YesNo("Is it so?", "It is so"));
        assertThat(answer.yes()).isCloseTo(0.8, within(EXACT));
    }

    @Test
    void whatTheStudentLeansToWithoutReadingDoesNotCount() {
        List<Question.Option> options = List.of(option("a", "first"), option("b", "second"));
        MarginEngine engine = MarginEngine.of(Map.of("a", Math.log(3), "b", 0.0, "yes", Math.log(4)))
                .leaning("b", 5)
                .leaning("yes", -2);
        assertThat(choice(engine, options).probabilities().getFirst()).isCloseTo(0.75, within(EXACT));
        Answer.YesNo answer = (Answer.YesNo) reader(engine).answer(new Question.YesNo("Is it so?", ""));
        assertThat(answer.yes()).isCloseTo(0.8, within(EXACT));
    }

    @Test
    void aStateThatSaysNothingDecidesNothing() {
        QuestionReader reader = new QuestionReader(
                MarginEngine.of(Map.of()), QuestionReader.NOTHING, Deadline.in(Duration.ofMinutes(1)));
        assertThat(((Answer.YesNo) reader.answer(new Question.YesNo("Is it so?", ""))).yes())
                .isEqualTo(0.5);
    }

    @Test
    void anotherMakersModelIsTakenAtItsWord() {
        MarginEngine engine =
                MarginEngine.of(Map.of("yes", 0.0)).leaning("yes", 2).ofAnotherMaker();
        Answer.YesNo answer = (Answer.YesNo) reader(engine).answer(new Question.YesNo("Is it so?", ""));
        assertThat(answer.yes()).isCloseTo(Margins.softmax(new double[] {2, 0})[0], within(EXACT));
        assertThat(engine.requests).hasSize(1);
    }

    @Test
    void everyQuestionReadsTheSameContext() {
        MarginEngine engine = MarginEngine.of(Map.of());
        QuestionReader reader = reader(engine);
        reader.answer(new Question.YesNo("Is it red?", ""));
        reader.answer(new Question.YesNo("Is it blue?", ""));
        assertThat(engine.requests.stream().map(ScoringRequest::prefix).distinct())
                .hasSize(1);
        assertThat(engine.requests.stream().map(ScoringRequest::context).distinct())
                .containsExactly("A state.\n", "N/A\n");
        assertThat(engine.requests.stream().map(ScoringRequest::view).distinct())
                .containsExactly("Is it red?", "Is it blue?");
    }

    @Test
    void everyQuestionIsAskedByItself() {
        Question first = new Question.YesNo("Is it red?", "");
        Question second = new Question.Choice("Which?", List.of(option("a", ""), option("b", "")));
        QuestionReader both = reader(MarginEngine.of(Map.of()));
        Answer secondAfterFirst =
                List.of(both.answer(first), both.answer(second)).getLast();
        assertThat(secondAfterFirst).isEqualTo(reader(MarginEngine.of(Map.of())).answer(second));
        assertThat(both.newTokens()).isEqualTo(20);
        assertThat(both.cachedTokens()).isEqualTo(10);
    }

    @Test
    void takesAnyTextForAName() {
        List<Question.Option> odd = List.of(option("", ""), option(" ", ""), option("\n", ""), option("🙂 기타", ""));
        assertThat(choice(MarginEngine.of(Map.of()), odd).probabilities()).hasSize(4);
    }

    @Test
    void stopsWhenTheTimeIsUp() {
        QuestionReader late = new QuestionReader(MarginEngine.of(Map.of()), "state", Deadline.in(Duration.ZERO));
        assertThatThrownBy(() -> late.answer(new Question.YesNo("Is it?", ""))).isInstanceOf(PlatformException.class);
    }

    private static Answer.Choice choice(MarginEngine engine, List<Question.Option> options) {
        return (Answer.Choice) reader(engine).answer(new Question.Choice("Which one?", options));
    }

    private static QuestionReader reader(MarginEngine engine) {
        return new QuestionReader(engine, "A state.", Deadline.in(Duration.ofMinutes(1)));
    }

    private static Question.Option option(String name, String description) {
        return new Question.Option(name, name, description);
    }

    private static Map<String, Double> byName(List<Question.Option> options, Answer.Choice answer) {
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < options.size(); i++) {
            shares.put(options.get(i).name(), answer.probabilities().get(i));
        }
        shares.put("chosen " + options.get(answer.chosen()).name(), answer.confidence());
        shares.put("nothing", answer.none());
        return shares;
    }
}
