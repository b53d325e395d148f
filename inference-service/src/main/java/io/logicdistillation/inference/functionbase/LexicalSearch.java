package io.logicdistillation.inference.functionbase;

import io.logicdistillation.contracts.PublishedFunction;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Finds functions in memory by the words that their manual entries share with a text (BM25). Exact, but by words alone: it
 * stands in for the function base's search by meaning while that service is away. An inverted index, eight bytes for every distinct word of an
 * entry. Immutable.
 */
final class LexicalSearch {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
    private static final double SATURATION = 1.2;
    private static final double LENGTH_WEIGHT = 0.75;

    /** Ascending by handle, so that of two with the same score the first is the first by handle. */
    private final List<PublishedFunction> functions;
    /** Words of each function. */
    private final int[] lengths;

    private final double averageLength;
    private final Map<String, Postings> postings = new HashMap<>();

    /** Where a word stands, and how often. */
    private static final class Postings {
        private int[] functions = new int[2];
        private int[] counts = new int[2];
        private int size;

        /** @param function no smaller than those before */
        void add(int function) {
            if (size > 0 && functions[size - 1] == function) {
                counts[size - 1]++;
                return;
            }
            if (size == functions.length) {
                functions = Arrays.copyOf(functions, size + size / 2 + 1);
                counts = Arrays.copyOf(counts, functions.length);
            }
            functions[size] = function;
            counts[size] = 1;
            size++;
        }
    }

    LexicalSearch(List<PublishedFunction> unordered) {
        functions = unordered.stream()
                .sorted(Comparator.comparing(PublishedFunction::handle))
                .toList();
        lengths = new int[functions.size()];
        for (int i = 0; i < lengths.length; i++) {
            PublishedFunction function = functions.get(i);
            List<String> words = words(function.name() + " " + function.handle() + " " + function.manual());
            lengths[i] = words.size();
            for (String word : words) {
                postings.computeIfAbsent(word, first -> new Postings()).add(i);
            }
        }
        averageLength = Arrays.stream(lengths).average().orElse(1);
    }

    /** The best {@code k} of the allowed ones by falling score; ties by handle, so that the same question has the same answer. */
    List<PublishedFunction> best(String text, int k, Predicate<String> allowed) {
        double[] scores = scores(new HashSet<>(words(text)));
        Comparator<Integer> worstFirst = Comparator.<Integer>comparingDouble(function -> scores[function])
                .thenComparing(Comparator.reverseOrder());
        PriorityQueue<Integer> best = new PriorityQueue<>(worstFirst);
        for (int i = 0; i < scores.length; i++) {
            boolean belongs = best.size() < k || (k > 0 && worstFirst.compare(i, best.element()) > 0);
            if (belongs && allowed.test(functions.get(i).name())) {
                best.add(i);
                if (best.size() > k) {
                    best.remove();
                }
            }
        }
        return best.stream().sorted(worstFirst.reversed()).map(functions::get).toList();
    }

    private double[] scores(Set<String> asked) {
        double[] scores = new double[lengths.length];
        for (String word : asked) {
            Postings found = postings.get(word);
            if (found == null) {
                continue;
            }
            double rarity = Math.log1p((lengths.length - found.size + 0.5) / (found.size + 0.5));
            for (int i = 0; i < found.size; i++) {
                int function = found.functions[i];
                int count = found.counts[i];
                double length = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths[function] / averageLength;
                scores[function] += rarity * count * (SATURATION + 1) / (count + SATURATION * length);
            }
        }
        return scores;
    }

    private static List<String> words(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(match -> match.group())
                .toList();
    }
}
