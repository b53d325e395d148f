package io.logicdistillation.inference.functionbase;

import io.logicdistillation.contracts.PublishedFunction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Finds functions in memory by the words that their manual entries share with a text (BM25). Exact, but by words alone: it
 * stands in for the function base's search by meaning while that service is away. Immutable.
 */
final class LexicalSearch {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");
    private static final double SATURATION = 1.2;
    private static final double LENGTH_WEIGHT = 0.75;

    private final List<Document> documents = new ArrayList<>();
    private final Map<String, Integer> documentsWith = new HashMap<>();
    private final double averageLength;

    LexicalSearch(List<PublishedFunction> functions) {
        for (PublishedFunction function : functions) {
            Map<String, Integer> counts = new HashMap<>();
            List<String> words = words(function.name() + " " + function.handle() + " " + function.manual());
            words.forEach(word -> counts.merge(word, 1, Integer::sum));
            counts.keySet().forEach(word -> documentsWith.merge(word, 1, Integer::sum));
            documents.add(new Document(function, counts, words.size()));
        }
        averageLength = documents.stream().mapToInt(Document::length).average().orElse(1);
    }

    /** The best {@code k} of the allowed ones by falling score; ties by handle, so that the same question has the same answer. */
    List<PublishedFunction> best(String text, int k, Predicate<String> allowed) {
        Set<String> asked = new HashSet<>(words(text));
        return documents.stream()
                .filter(document -> allowed.test(document.function().name()))
                .map(document -> new Hit(document.function(), score(document, asked)))
                .sorted(Comparator.comparingDouble(Hit::score)
                        .reversed()
                        .thenComparing(hit -> hit.function().handle()))
                .limit(k)
                .map(Hit::function)
                .toList();
    }

    private double score(Document document, Set<String> asked) {
        double score = 0;
        for (Map.Entry<String, Integer> word : document.counts().entrySet()) {
            if (asked.contains(word.getKey())) {
                int with = documentsWith.getOrDefault(word.getKey(), 0);
                double rarity = Math.log1p((documents.size() - with + 0.5) / (with + 0.5));
                double length = 1 - LENGTH_WEIGHT + LENGTH_WEIGHT * document.length() / averageLength;
                score += rarity * word.getValue() * (SATURATION + 1) / (word.getValue() + SATURATION * length);
            }
        }
        return score;
    }

    private static List<String> words(String text) {
        return WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(match -> match.group())
                .toList();
    }

    private record Document(PublishedFunction function, Map<String, Integer> counts, int length) {}

    private record Hit(PublishedFunction function, double score) {}
}
