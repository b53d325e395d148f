package io.logicdistillation.inference.functionbase;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.logicdistillation.contracts.Bans;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.kit.Sha256;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the function base found before. The same words have the same answer for as long as a snapshot is searched under the same bans, and
 * states in words recur. Texts are kept as hashes only; what was asked least and longest ago leaves first. Thread-safe.
 */
final class SearchMemory {
    /** A function base with another embedder is another release of it, which is not told to anybody. */
    private static final Duration KEPT = Duration.ofHours(1);

    private final Cache<Question, List<PublishedFunction>> found;

    /** @param most answers; none are kept where it is 0 */
    SearchMemory(int most) {
        // What leaves leaves at once, so that of none nothing is kept for a moment either.
        found = Caffeine.newBuilder()
                .executor(Runnable::run)
                .maximumSize(most)
                .expireAfterWrite(KEPT)
                .build();
    }

    /** All that an answer depends on. @param bans under which the function base is believed to search */
    record Question(TaskKey task, String snapshot, Bans bans, String stage, int k, String view) {
        static Question of(TaskKey task, PreparedSnapshot snapshot, String stage, int k, String view) {
            return new Question(task, snapshot.id(), snapshot.bans(), stage, k, Sha256.of(view));
        }
    }

    @Nullable
    List<PublishedFunction> get(Question question) {
        return found.getIfPresent(question);
    }

    void put(Question question, List<PublishedFunction> answer) {
        found.put(question, List.copyOf(answer));
    }

    void forget(String tenant) {
        found.asMap().keySet().removeIf(question -> question.task().tenant().equals(tenant));
    }
}
