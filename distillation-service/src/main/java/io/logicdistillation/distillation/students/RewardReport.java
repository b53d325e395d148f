package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an environment paid a student, as it reports it.
 *
 * @param environment which one; its rewards are compared with each other alone
 * @param version whatever a reward follows from beside seed and policy, such as hashes of rules and of functions; empty if absent
 * @param episodes 1 to 10,000
 */
record RewardReport(String environment, String version, List<Episode> episodes) {
    private static final int MOST_EPISODES = 10_000;
    private static final double LARGEST_REWARD = 1e9;
    private static final Pattern VERSION = Pattern.compile("[!-~]{0,200}");

    RewardReport {
        Names.requireName("environment", environment);
        version = version == null ? "" : version;
        if (!VERSION.matcher(version).matches()) {
            throw invalid("version must be at most 200 printable ASCII characters without spaces");
        }
        if (episodes == null || episodes.isEmpty() || episodes.size() > MOST_EPISODES) {
            throw invalid("episodes must be 1 to " + MOST_EPISODES);
        }
        if (episodes.stream().anyMatch(Objects::isNull)) {
            throw invalid("episodes must hold no null");
        }
        episodes = List.copyOf(episodes);
    }

    /**
     * @param seed which episode: that of the same seed begins alike for every policy
     * @param reward of the whole episode, in the environment's own unit; more is better
     * @param teacher what the teacher got in the episode of this seed, if it played it
     */
    record Episode(Long seed, Double reward, @Nullable Double teacher) {
        Episode {
            if (seed == null || reward == null) {
                throw invalid("an episode needs a seed and a reward");
            }
            check(reward);
            if (teacher != null) {
                check(teacher);
            }
        }
    }

    private static void check(double reward) {
        if (!(Math.abs(reward) <= LARGEST_REWARD)) {
            throw invalid("a reward must be a number between -1e9 and 1e9");
        }
    }

    private static PlatformException invalid(String detail) {
        return new PlatformException(ProblemType.INVALID_REQUEST, detail);
    }
}
