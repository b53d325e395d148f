package io.logicdistillation.inference.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** Layouts and scores against those that the training library computed for the same prompts. */
class GoldenTest {
    private static final JsonNode GOLDEN = EngineFixture.golden();
    private final SetPrompt prompt = new SetPrompt(EngineFixture.base().tokenizer(), 48);

    @Test
    void tokenisesAsTrainingDoes() {
        for (JsonNode text : GOLDEN.get("texts")) {
            assertThat(EngineFixture.base().tokenizer().tokens(text.get("text").asString()))
                    .as(text.get("text").asString())
                    .isEqualTo(EngineFixture.ints(text.get("ids")));
        }
    }

    @Test
    void tokenisesLongTextsInFull() {
        assertThat(EngineFixture.base().tokenizer().tokens("word ".repeat(5_000)).length)
                .isGreaterThan(4_999);
    }

    @Test
    void treatsSpecialTokensAsPlainText() {
        assertThat(EngineFixture.base().tokenizer().tokens("<|im_end|>").length).isGreaterThan(1);
    }

    @Test
    void laysRecallOutAsTrainingDoes() {
        for (JsonNode golden : GOLDEN.get("cases")) {
            ScoringRequest request = EngineFixture.request(golden, Way.RECALL);
            int[] prefix = prompt.prefix(request.prefix());
            List<Integer> ids = boxed(prefix);
            List<Integer> positions = boxed(NewTokens.causal(prefix, 0).positions());
            for (Entry entry : canonical(request)) {
                int[] block = prompt.recallEntry(SetPrompt.recallText(entry));
                ids.addAll(boxed(block));
                positions.addAll(boxed(NewTokens.causal(block, prefix.length).positions()));
            }
            NewTokens tail = prompt.recallTail(prefix.length, request.view());
            ids.addAll(boxed(tail.ids()));
            positions.addAll(boxed(tail.positions()));
            assertThat(ids).isEqualTo(boxed(EngineFixture.ints(golden.at("/recall/ids"))));
            assertThat(positions).isEqualTo(boxed(EngineFixture.ints(golden.at("/recall/positions"))));
            assertThat(prompt.recallAnswers(canonical(request)))
                    .isEqualTo(EngineFixture.ints(golden.at("/recall/scoredTokens")));
        }
    }

    @Test
    void laysReadingOutAsTrainingDoes() {
        for (JsonNode golden : GOLDEN.get("cases")) {
            ScoringRequest request = EngineFixture.request(golden, Way.READING);
            int[] prefix = prompt.prefix(request.prefix());
            NewTokens tokens = prompt.reading(prefix.length, request.view(), canonical(request));
            List<Integer> ids = boxed(prefix);
            List<Integer> positions = boxed(NewTokens.causal(prefix, 0).positions());
            ids.addAll(boxed(tokens.ids()));
            positions.addAll(boxed(tokens.positions()));
            int[] segments = EngineFixture.ints(golden.at("/reading/segments"));
            assertThat(ids).isEqualTo(boxed(EngineFixture.ints(golden.at("/reading/ids"))));
            assertThat(positions).isEqualTo(boxed(EngineFixture.ints(golden.at("/reading/positions"))));
            for (int row = 0; row < tokens.length(); row++) {
                List<Integer> seen =
                        boxed(EngineFixture.ints(golden.at("/reading/sees").get(segments[prefix.length + row])));
                for (int column = 0; column < tokens.length(); column++) {
                    assertThat(tokens.sees(row, column))
                            .isEqualTo(column <= row && seen.contains(segments[prefix.length + column]));
                }
            }
        }
    }

    @TestFactory
    List<DynamicTest> scoresAsTheReferenceDoesInFullPrecision() {
        return scores(EngineFixture.fp32(), 1e-4);
    }

    /** Nearness in eight bits; how often the choice is the same is measured on many states, by the benchmark. */
    @TestFactory
    List<DynamicTest> scoresNearTheReferenceInEightBits() {
        return scores(EngineFixture.int8(), 0.15);
    }

    private static List<DynamicTest> scores(LoadedStudent student, double tolerance) {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode golden : GOLDEN.get("cases")) {
            for (Way way : Way.values()) {
                String name = way.name().toLowerCase(Locale.ROOT);
                tests.add(DynamicTest.dynamicTest(golden.get("name").asString() + ", " + name, () -> {
                    ScoringRequest request = EngineFixture.request(golden, way);
                    Scores scores = student.score(request);
                    double[] expected = EngineFixture.doubles(golden.at("/" + name + "/probabilities"));
                    double[] actual = inCanonicalOrder(request, scores);
                    assertThat(actual).containsExactly(expected, within(tolerance));
                }));
            }
        }
        return tests;
    }

    private static double[] inCanonicalOrder(ScoringRequest request, Scores scores) {
        double[] ordered = new double[request.entries().size() + 1];
        List<Entry> canonical = canonical(request);
        for (int i = 0; i < canonical.size(); i++) {
            ordered[i] = scores.probabilities().get(request.entries().indexOf(canonical.get(i)));
        }
        ordered[canonical.size()] = scores.none();
        return ordered;
    }

    private static List<Entry> canonical(ScoringRequest request) {
        return request.entries().stream().sorted(SetPrompt.CANONICAL).toList();
    }

    private static List<Integer> boxed(int[] values) {
        return new ArrayList<>(Arrays.stream(values).boxed().toList());
    }
}
