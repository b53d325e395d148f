package io.logicdistillation.inference.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

class LoadedStudentTest {
    private static final JsonNode SIX = EngineFixture.golden().get("cases").get(1);

    @ParameterizedTest
    @EnumSource
    void scoresAreBitEqualUnderEveryOrderOfTheCandidates(Way way) {
        ScoringRequest request = EngineFixture.request(SIX, way);
        Map<String, Double> expected = byHandle(request, EngineFixture.int8().score(request));
        Random random = new Random(7);
        for (int i = 0; i < 10; i++) {
            List<Entry> shuffled = new ArrayList<>(request.entries());
            Collections.shuffle(shuffled, random);
            ScoringRequest again = new ScoringRequest(request.stage(), request.prefix(), request.view(), shuffled, way);
            assertThat(byHandle(again, EngineFixture.int8().score(again))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource
    void scoresAreBitEqualUnderEveryPermutationOfFour(Way way) {
        ScoringRequest six = EngineFixture.request(SIX, way);
        List<Entry> four = six.entries().subList(0, 4);
        ScoringRequest request = new ScoringRequest(six.stage(), six.prefix(), six.view(), four, way);
        Map<String, Double> expected = byHandle(request, EngineFixture.int8().score(request));
        List<List<Entry>> all = permutations(four);
        assertThat(all).hasSize(24);
        for (List<Entry> permuted : all) {
            ScoringRequest again = new ScoringRequest(six.stage(), six.prefix(), six.view(), permuted, way);
            assertThat(byHandle(again, EngineFixture.int8().score(again))).isEqualTo(expected);
        }
    }

    private static List<List<Entry>> permutations(List<Entry> entries) {
        if (entries.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Entry>> all = new ArrayList<>();
        for (Entry first : entries) {
            List<Entry> others = new ArrayList<>(entries);
            others.remove(first);
            for (List<Entry> rest : permutations(others)) {
                List<Entry> whole = new ArrayList<>(rest);
                whole.addFirst(first);
                all.add(whole);
            }
        }
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void remembersWhatItWouldCompute(Way way) {
        ScoringRequest request = EngineFixture.request(SIX, way);
        Map<String, Double> expected = byHandle(request, EngineFixture.int8().score(request));
        EngineSettings remembering = new EngineSettings(
                EngineFixture.modelFile(), Path.of("target", "engine-models"), 2, 1, 64L << 20, Numerics.INT8, 8);
        try (LoadedStudent student =
                LoadedStudent.load(EngineFixture.UNTUNED, EngineFixture.base(), remembering, new ReentrantLock(true))) {
            assertThat(student.score(request).areRemembered()).isFalse();
            List<Entry> turned = new ArrayList<>(request.entries());
            Collections.reverse(turned);
            ScoringRequest again = new ScoringRequest(request.stage(), request.prefix(), request.view(), turned, way);
            Scores remembered = student.score(again);
            assertThat(remembered.areRemembered()).isTrue();
            assertThat(byHandle(again, remembered)).isEqualTo(expected);
            student.close();
            assertThatThrownBy(() -> student.score(again))
                    .isInstanceOfSatisfying(
                            EngineException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(EngineException.Kind.CLOSED));
        }
    }

    @Test
    void scoresDoNotDependOnWhatWasAskedBefore() {
        ScoringRequest six = EngineFixture.request(SIX, Way.RECALL);
        Map<String, Double> expected = byHandle(six, EngineFixture.int8().score(six));
        EngineSettings tiny =
                new EngineSettings(EngineFixture.modelFile(), Path.of("target", "engine-models"), 2, 1, 1);
        try (LoadedStudent forgetful =
                LoadedStudent.load(EngineFixture.UNTUNED, EngineFixture.base(), tiny, new ReentrantLock(true))) {
            for (int i = 0; i < 2; i++) {
                forgetful.score(new ScoringRequest(
                        six.stage(),
                        six.prefix(),
                        "Something else.",
                        six.entries().subList(2, 4),
                        Way.RECALL));
                forgetful.score(EngineFixture.request(
                        EngineFixture.golden().get("cases").get(0), Way.READING));
                long misses = forgetful.cacheStatistics().misses();
                assertThat(byHandle(six, forgetful.score(six))).isEqualTo(expected);
                assertThat(forgetful.cacheStatistics().misses())
                        .as("prefix and six entries, all forgotten")
                        .isEqualTo(misses + 7);
            }
        }
    }

    @Test
    void severalQuestionsAboutOneContextReadItOnce() {
        ScoringRequest six = EngineFixture.request(SIX, Way.READING);
        String context = six.view() + "\n";
        ScoringRequest first = ScoringRequest.about(context, "any", "Read.\n", "Which one?", six.entries());
        ScoringRequest second = ScoringRequest.about(
                context, "any", "Read.\n", "And which now?", six.entries().subList(0, 2));
        EngineSettings usual =
                new EngineSettings(EngineFixture.modelFile(), Path.of("target", "engine-models"), 2, 1, 64L << 20);
        try (LoadedStudent student =
                LoadedStudent.load(EngineFixture.UNTUNED, EngineFixture.base(), usual, new ReentrantLock(true))) {
            student.score(first);
            long misses = student.cacheStatistics().misses();
            Scores afterFirst = student.score(second);
            assertThat(student.cacheStatistics().misses())
                    .as("prefix and context are there")
                    .isEqualTo(misses);
            assertThat(afterFirst.cachedTokens())
                    .isEqualTo(EngineFixture.base().tokenizer().tokens("Read.\n").length
                            + EngineFixture.base().tokenizer().tokens(context).length);
            assertThat(afterFirst.probabilities())
                    .isEqualTo(EngineFixture.int8().score(second).probabilities());
        }
    }

    /** In fp32, where the lengths of runs do not matter: a context is a part of the view that is computed before. */
    @Test
    void aContextIsReadAsAViewIs() {
        ScoringRequest six = EngineFixture.request(SIX, Way.READING);
        ScoringRequest apart =
                ScoringRequest.about(six.view() + "\n", six.stage(), six.prefix(), "Which one?", six.entries());
        ScoringRequest whole =
                new ScoringRequest(six.stage(), six.prefix(), six.view() + "\nWhich one?", six.entries(), Way.READING);
        Scores expected = EngineFixture.fp32().score(whole);
        Scores found = EngineFixture.fp32().score(apart);
        for (int i = 0; i < six.entries().size(); i++) {
            assertThat(found.probabilities().get(i))
                    .isCloseTo(expected.probabilities().get(i), within(1e-4));
        }
        assertThat(found.newTokens() + found.cachedTokens()).isEqualTo(expected.newTokens() + expected.cachedTokens());
        assertThat(apart.reading(six.entries().getFirst()))
                .isEqualTo(whole.reading(six.entries().getFirst()));
    }

    @Test
    void recallHasNoContext() {
        ScoringRequest six = EngineFixture.request(SIX, Way.RECALL);
        assertThatThrownBy(() -> new ScoringRequest(
                        six.stage(), six.prefix(), "A context.\n", six.view(), six.entries(), Way.RECALL, false))
                .isInstanceOf(EngineException.class);
    }

    @Test
    void aSecondCallRunsOnlyTheStatesTokens() {
        ScoringRequest request = EngineFixture.request(SIX, Way.RECALL);
        EngineFixture.int8().score(request);
        long misses = EngineFixture.int8().cacheStatistics().misses();
        Scores scores = EngineFixture.int8().score(request);
        assertThat(EngineFixture.int8().cacheStatistics().misses()).isEqualTo(misses);
        assertThat(scores.newTokens())
                .isEqualTo(EngineFixture.base().tokenizer().tokens(request.view() + "\nAnswer:").length);
        assertThat(scores.cachedTokens() + scores.newTokens())
                .isEqualTo(SIX.at("/recall/ids").size());
    }

    @Test
    void recallComposedFromBlocksEqualsRecallInOneRun() {
        ScoringRequest request = EngineFixture.request(SIX, Way.RECALL);
        SetPrompt prompt = new SetPrompt(EngineFixture.base().tokenizer(), 48);
        List<Entry> canonical =
                request.entries().stream().sorted(SetPrompt.CANONICAL).toList();
        int[] prefix = prompt.prefix(request.prefix());
        int[] all = EngineFixture.ints(SIX.at("/recall/ids"));
        int[] positions = EngineFixture.ints(SIX.at("/recall/positions"));
        int[] segments = EngineFixture.ints(SIX.at("/recall/segments"));
        int count = all.length - prefix.length;
        int tail = canonical.size() + 1;
        NewTokens rest = new NewTokens(new int[count], new int[count], new int[count], new int[] {count - 1});
        for (int i = 0; i < count; i++) {
            rest.ids()[i] = all[prefix.length + i];
            rest.positions()[i] = positions[prefix.length + i];
            int segment = segments[prefix.length + i];
            rest.segments()[i] = segment == tail ? NewTokens.SEES_ALL : segment;
        }
        Path graph = ConvertedStudent.graph(
                EngineFixture.base(), EngineFixture.UNTUNED, Numerics.FP32, Path.of("target", "engine-models"));
        try (DecoderSession session = DecoderSession.open(EngineFixture.base(), graph, 2);
                Workspace workspace = session.newWorkspace(all.length)) {
            session.run(workspace, 0, NewTokens.causal(prefix, 0), new int[] {0});
            float[] logits = session.run(workspace, prefix.length, rest, prompt.recallAnswers(canonical));
            Scores composed = EngineFixture.fp32().score(request);
            for (int k = 0; k < canonical.size(); k++) {
                double probability =
                        composed.probabilities().get(request.entries().indexOf(canonical.get(k)));
                assertThat(Math.log(probability / composed.none()))
                        .isCloseTo(logits[k] - logits[canonical.size()], within(1e-3));
            }
        }
    }

    @Test
    void refusesRecallForAHandleOfSeveralTokens() {
        ScoringRequest request = new ScoringRequest(
                "any",
                "Rules.\nChoose.\n",
                "A state.",
                List.of(new Entry("odd", "antidisestablishmentarian", "Never fits.")),
                Way.RECALL);
        assertThat(EngineFixture.int8().isSingleToken("antidisestablishmentarian"))
                .isFalse();
        assertThat(EngineFixture.int8().isSingleToken("cut")).isTrue();
        assertThatThrownBy(() -> EngineFixture.int8().score(request))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(EngineException.Kind.INVALID_REQUEST))
                .hasMessageContaining("antidisestablishmentarian");
    }

    @Test
    void readsWhatItDoesNotKnowFromTraining() {
        ScoringRequest request = EngineFixture.request(SIX, Way.RECALL);
        assertThat(request.entries()).noneMatch(entry -> EngineFixture.int8().recalls("any", entry));
    }

    @Test
    void refusesMoreThanTheModelReads() {
        ScoringRequest request = new ScoringRequest(
                "any",
                "Rules.\nChoose.\n",
                "word ".repeat(10_000),
                List.of(new Entry("cut_off", "cut", "Cut it off.")),
                Way.READING);
        assertThatThrownBy(() -> EngineFixture.int8().score(request))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(EngineException.Kind.TOO_LONG));
    }

    @Test
    void refusesCandidatesThatShareAHandle() {
        Entry entry = new Entry("cut_off", "cut", "Cut it off.");
        assertThatThrownBy(() -> new ScoringRequest("any", "Rules.\n", "A state.", List.of(entry, entry), Way.READING))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("cut");
    }

    private static Map<String, Double> byHandle(ScoringRequest request, Scores scores) {
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < request.entries().size(); i++) {
            shares.put(request.entries().get(i).handle(), scores.probabilities().get(i));
        }
        shares.put("", scores.none());
        return shares;
    }
}
