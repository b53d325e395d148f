package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanaryJudgeTest {
    private static final CanaryTerms TERMS = new CanaryTerms.Asked(10, null, null, null, null).terms();

    private final CanaryJudge judge = new CanaryJudge(new GateProperties(
            0.8,
            30,
            0.15,
            new GateProperties.Reward(false, 30, 0.8),
            new GateProperties.Latency(false, 8, 1.5, null),
            Map.of()));

    @ParameterizedTest
    @CsvSource({"30, 0, errors", "0, 60, escalations"})
    void seesARateThatIsWorse(long errors, long escalations, String what) {
        CanaryJudge.Judged judged =
                judge.judge(TERMS, CanaryJudge.Looks.NONE, figures(arm(300, errors, escalations), arm(2_700, 0, 200)));

        assertThat(judged.against()).singleElement().asString().startsWith(what + ": ");
        assertThat(judged.looks().decisions()).isEqualTo(300);
    }

    @Test
    void seesThatPeopleCorrectItMoreOften() {
        CanaryJudge.Judged judged = judge.judge(
                TERMS,
                CanaryJudge.Looks.NONE,
                figures(new CanaryFigures.Arm(100, 0, 0, 60, 30), new CanaryFigures.Arm(900, 0, 0, 400, 40)));

        assertThat(judged.against())
                .singleElement()
                .asString()
                .startsWith("disagreement: 0.5000 of 60, the serving student has 0.1000 of 400;");
        assertThat(judged.looks()).isEqualTo(new CanaryJudge.Looks(0, 60));
    }

    @ParameterizedTest
    @CsvSource({"199, 5000", "5000, 199"})
    void judgesNothingBeforeBothHaveDecidedEnough(long canarys, long servings) {
        CanaryJudge.Judged judged =
                judge.judge(TERMS, CanaryJudge.Looks.NONE, figures(arm(canarys, canarys, 0), arm(servings, 0, 0)));

        assertThat(judged.against()).isEmpty();
        assertThat(judged.looks()).isEqualTo(CanaryJudge.Looks.NONE);
    }

    @Test
    void letsPassWhatTheTermsAllow() {
        CanaryFigures figures = figures(arm(2_000, 0, 300), arm(18_000, 0, 1_800));
        CanaryTerms lenient = new CanaryTerms.Asked(10, null, null, 0.1, null).terms();

        assertThat(judge.judge(TERMS, CanaryJudge.Looks.NONE, figures).against())
                .hasSize(1);
        assertThat(judge.judge(lenient, CanaryJudge.Looks.NONE, figures).against())
                .isEmpty();
    }

    @Test
    void waitsForHalfAsManyAgainBeforeItLooksAgain() {
        CanaryJudge.Looks before = new CanaryJudge.Looks(400, 0);

        assertThat(judge.judge(TERMS, before, figures(arm(599, 300, 0), arm(9_000, 0, 0)))
                        .against())
                .isEmpty();
        assertThat(judge.judge(TERMS, before, figures(arm(600, 300, 0), arm(9_000, 0, 0)))
                        .against())
                .hasSize(1);
    }

    /** Reported after every fifty decisions of a canary that is as good as the other, up to ten thousand. */
    @Test
    void seldomGoesBackFromAnEqual() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(11);
        int trials = 400;
        int rolledBack = 0;
        for (int trial = 0; trial < trials; trial++) {
            rolledBack += isRolledBack(random, 0.01, 0.1) ? 1 : 0;
        }
        assertThat((double) rolledBack / trials).isLessThan(0.03);
    }

    @Test
    void goesBackFromOneThatEscalatesMuchMore() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(12);
        for (int trial = 0; trial < 50; trial++) {
            assertThat(isRolledBack(random, 0.01, 0.16)).isTrue();
        }
    }

    private boolean isRolledBack(RandomGenerator random, double errors, double escalations) {
        long[] canary = new long[3];
        long[] serving = new long[3];
        CanaryJudge.Looks looks = CanaryJudge.Looks.NONE;
        for (int report = 0; report < 200; report++) {
            draw(random, canary, 50, errors, escalations);
            draw(random, serving, 450, 0.01, 0.1);
            CanaryJudge.Judged judged = judge.judge(TERMS, looks, figures(arm(canary), arm(serving)));
            if (!judged.against().isEmpty()) {
                return true;
            }
            looks = judged.looks();
        }
        return false;
    }

    private static void draw(RandomGenerator random, long[] counts, int decisions, double errors, double escalations) {
        for (int decision = 0; decision < decisions; decision++) {
            double drawn = random.nextDouble();
            counts[0]++;
            counts[1] += drawn < errors ? 1 : 0;
            counts[2] += drawn >= errors && drawn < errors + escalations ? 1 : 0;
        }
    }

    private static CanaryFigures.Arm arm(long... counts) {
        return new CanaryFigures.Arm(counts[0], counts[1], counts[2], 0, 0);
    }

    private static CanaryFigures figures(CanaryFigures.Arm canary, CanaryFigures.Arm serving) {
        return new CanaryFigures(canary, serving);
    }
}
