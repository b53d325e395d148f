package io.logicdistillation.distillation.students;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the rewards of a student say against it. Both bounds are compared with an end of an interval by pairs of episodes, so that chance
 * refuses one in forty students that are just good enough, and no more.
 */
final class RewardGate {
    private final GateProperties properties;

    RewardGate(GateProperties properties) {
        this.properties = properties;
    }

    /** @param serves whether another student serves the task */
    void judge(Evaluation student, List<Reward> rewards, boolean serves, List<String> reasons) {
        boolean needed = properties.rewardNeeded(student.task());
        if (needed && rewards.isEmpty()) {
            reasons.add(PromotionGate.text(
                    "reward: no environment has reported episodes of it, %d are needed: POST /v1/students/%s/rewards",
                    properties.reward().leastEpisodes(), student.student()));
        }
        for (Reward reward : rewards) {
            if (needed) {
                missing(reward, serves, reasons);
            }
            teacher(reward, properties.leastRewardShare(student.task()), reasons);
            serving(reward, reasons);
        }
    }

    private void missing(Reward reward, boolean serves, List<String> reasons) {
        int least = properties.reward().leastEpisodes();
        if (reward.episodes() < least) {
            reasons.add(PromotionGate.text(
                    "reward in %s: %d episodes, %d are needed", reward.environment(), reward.episodes(), least));
        }
        long alike = episodes(reward.serving());
        if (serves && alike < least) {
            reasons.add(PromotionGate.text(
                    "reward in %s: the serving student has played %d of its episodes, %d are needed: report the serving"
                            + " student's with the same seeds and version",
                    reward.environment(), alike, least));
        }
    }

    private void teacher(Reward reward, double least, List<String> reasons) {
        Reward.Beside teacher = reward.teacher();
        if (teacher == null || episodes(teacher) < properties.reward().leastEpisodes()) {
            return;
        }
        Reward.Estimate share = teacher.share();
        if (share != null && share.high() < least) {
            reasons.add(PromotionGate.text(
                    "reward in %s: %.3f, the teacher has %.3f; on the same %d episodes its share is %.3f [%.3f, %.3f], %.3f is"
                            + " needed",
                    reward.environment(),
                    teacher.reward(),
                    teacher.other(),
                    teacher.episodes(),
                    share.value(),
                    share.low(),
                    share.high(),
                    least));
        }
    }

    private void serving(Reward reward, List<String> reasons) {
        Reward.Beside serving = reward.serving();
        if (serving == null || episodes(serving) < properties.reward().leastEpisodes()) {
            return;
        }
        Reward.Estimate difference = serving.difference();
        if (difference != null && difference.high() < 0) {
            reasons.add(PromotionGate.text(
                    "reward in %s: %.3f, the serving student has %.3f; on the same %d episodes the difference is %.3f [%.3f,"
                            + " %.3f]",
                    reward.environment(),
                    serving.reward(),
                    serving.other(),
                    serving.episodes(),
                    difference.value(),
                    difference.low(),
                    difference.high()));
        }
    }

    private static long episodes(Reward.@Nullable Beside beside) {
        return beside == null ? 0 : beside.episodes();
    }
}
