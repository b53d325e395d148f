package io.logicdistillation.inference.questions;

import io.logicdistillation.inference.decisions.Deadline;
import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks a student questions about one state, each by itself: no answer depends on another question. Options are judged in
 * canonical order, a block each, so their order changes no bit of an answer. The state comes before the question, so that it is read
 * once however many questions there are.
 *
 * <p>What counts is what the state changes: a small model leans to some words whatever it has read, so every option's margin is held
 * against the one that it has about nothing (contextual calibration, Zhao et al. 2021, arXiv 2102.09690). The same question comes
 * again with other states, and then that is remembered. For one thread.
 */
final class QuestionReader {
    /** Blocks of one run; more would hold up other requests for long. The student's own limit still applies. */
    private static final int LARGEST_RUN_BYTES = 2_000;

    private static final String RULES = "Read the text below and judge every entry by itself.\n";
    /** A state that says nothing, as in the paper. */
    static final String NOTHING = "N/A";

    private static final Set<String> NONE = Set.of("none", "none of these", "none of the above", "none of them");
    private static final Comparator<Question.Option> CANONICAL = Comparator.comparing(Question.Option::key);

    private final StudentEngine student;
    private final String state;
    private final Deadline deadline;
    private final Usage usage = new Usage();
    private String engine = Scores.IN_PROCESS;

    QuestionReader(StudentEngine student, String state, Deadline deadline) {
        this.student = student;
        this.state = state;
        this.deadline = deadline;
    }

    /**
     * @throws EngineException if the student can not score it
     * @throws io.logicdistillation.contracts.PlatformException if the deadline has passed
     */
    Answer answer(Question question) {
        return switch (question) {
            case Question.YesNo yesNo -> yesNo(yesNo);
            case Question.Choice choice -> choice(choice);
            case Question.Score score -> score(score);
        };
    }

    /** Tokens that were run through the model so far. */
    int newTokens() {
        return usage.newTokens;
    }

    /** Tokens of the instructions, whose keys and values are kept between calls. */
    int cachedTokens() {
        return usage.cachedTokens;
    }

    /** The engine that answered last. */
    String engine() {
        return engine;
    }

    private Answer yesNo(Question.YesNo question) {
        double margin = margins("question.yes-no", question, List.of(entry("yes", "yes", question.statement())))[0];
        return new Answer.YesNo(Margins.softmax(new double[] {margin, 0})[0]);
    }

    private Answer choice(Question.Choice question) {
        List<Question.Option> canonical =
                question.options().stream().sorted(CANONICAL).toList();
        Question.Option none = canonical.stream()
                .filter(option -> NONE.contains(plain(option.name())))
                .findFirst()
                .orElse(null);
        List<Question.Option> read = canonical.stream()
                .filter(option -> option != none || !option.description().isBlank())
                .toList();
        double[] margins = margins("question.choice", question, entries(read));
        double[] logs = new double[canonical.size()];
        for (int i = 0; i < logs.length; i++) {
            Question.Option option = canonical.get(i);
            int at = read.indexOf(option);
            logs[i] = option == none ? (at < 0 ? 0 : Margins.logSum(margins[at], 0)) : margins[at];
        }
        double[] shares = Margins.softmax(logs);
        List<Double> asAsked = question.options().stream()
                .map(option -> shares[canonical.indexOf(option)])
                .toList();
        return new Answer.Choice(
                question.options().indexOf(canonical.get(Margins.mode(shares))),
                Margins.choiceConfidence(shares),
                asAsked,
                none == null ? nothing(margins) : null);
    }

    private Answer score(Question.Score question) {
        double[] margins = margins("question.score", question, entries(question.levels()));
        double[] shares = Margins.softmax(margins);
        double value = 0;
        for (int level = 0; level < shares.length; level++) {
            value += level * shares[level];
        }
        return new Answer.Score(
                value,
                Margins.scoreConfidence(shares),
                Arrays.stream(shares).boxed().toList(),
                nothing(margins));
    }

    /** The share of "none of these" beside these entries. */
    private static double nothing(double[] margins) {
        double[] withNone = Arrays.copyOf(margins, margins.length + 1);
        return Margins.softmax(withNone)[margins.length];
    }

    private static String plain(String name) {
        return name.strip().toLowerCase(Locale.ROOT).replace('_', ' ').replace('-', ' ');
    }

    private static List<Entry> entries(List<Question.Option> options) {
        return options.stream()
                .map(option -> entry(option.key(), option.name(), option.description()))
                .toList();
    }

    /** The handle only sorts: reading shows name and manual. */
    private static Entry entry(String key, String name, String description) {
        String shown = name.isBlank() ? "\"" + name + "\"" : name;
        return new Entry(shown, "=" + key, description.isBlank() ? shown : description);
    }

    /** By how much the state raises the odds of every entry against "none of these", as logarithms. */
    private double[] margins(String stage, Question question, List<Entry> entries) {
        double[] margins = read(new Reading(state, stage, question, usage), entries);
        if (student.isTheStudent()) {
            double[] usual = read(new Reading(NOTHING, stage, question, new Usage()), entries);
            Arrays.setAll(margins, i -> margins[i] - usual[i]);
        }
        return margins;
    }

    /** What the student reads before the entries. @param usage to which the tokens count */
    private record Reading(String about, String stage, Question question, Usage usage) {}

    private static final class Usage {
        private int newTokens;
        private int cachedTokens;
    }

    /** A long list takes several runs. */
    private double[] read(Reading reading, List<Entry> entries) {
        double[] margins = new double[entries.size()];
        int done = 0;
        while (done < margins.length) {
            int end = runEnd(entries, done);
            done += run(reading, entries.subList(done, end), margins, done);
        }
        return margins;
    }

    private static int runEnd(List<Entry> entries, int start) {
        int end = start;
        int bytes = 0;
        while (end < entries.size() && (end == start || bytes < LARGEST_RUN_BYTES)) {
            Entry entry = entries.get(end);
            bytes += (entry.name() + entry.manual()).getBytes(StandardCharsets.UTF_8).length;
            end++;
        }
        return end;
    }

    /** Halves a run that is too long for the student. */
    private int run(Reading reading, List<Entry> entries, double[] margins, int at) {
        deadline.check("questions were being answered");
        Scores scores = scores(reading, entries);
        if (scores == null) {
            int half = entries.size() / 2;
            int first = run(reading, entries.subList(0, half), margins, at);
            return first + run(reading, entries.subList(half, entries.size()), margins, at + first);
        }
        reading.usage.newTokens += scores.newTokens();
        reading.usage.cachedTokens += scores.cachedTokens();
        engine = scores.engine();
        for (int i = 0; i < entries.size(); i++) {
            margins[at + i] = Margins.ofShares(scores.probabilities().get(i), scores.none());
        }
        return entries.size();
    }

    /** Null if these entries together are too long. */
    private @Nullable Scores scores(Reading reading, List<Entry> entries) {
        try {
            return student.score(ScoringRequest.about(
                    reading.about + "\n", reading.stage, RULES, reading.question.instructions(), entries));
        } catch (EngineException failure) {
            if (failure.kind() == EngineException.Kind.TOO_LONG && entries.size() > 1) {
                return null;
            }
            throw failure;
        }
    }
}
