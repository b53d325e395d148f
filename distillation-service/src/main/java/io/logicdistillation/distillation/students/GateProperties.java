package io.logicdistillation.distillation.students;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What a student must show before it serves.
 *
 * @param leastAgreement with its teacher, in every stage
 * @param leastRows on which a stage was judged, and that two students must share to be compared row by row
 * @param mostCalibrationError expected calibration error of a stage
 * @param reward what it must get where an environment is connected
 * @param latency how long it may take, where that was measured
 * @param tasks which of them ask for something else
 */
@ConfigurationProperties("platform.gate")
record GateProperties(
        @DefaultValue("0.8") double leastAgreement,
        @DefaultValue("30") int leastRows,
        @DefaultValue("0.15") double mostCalibrationError,
        @DefaultValue Reward reward,
        @DefaultValue Latency latency,
        @DefaultValue Map<String, Task> tasks) {
    /**
     * What a student must get in episodes that an environment reports.
     *
     * @param needed whether a student of which no environment has reported enough is refused
     * @param leastEpisodes that two must have played alike before their rewards are compared
     * @param leastShare of its teacher's mean reward
     */
    record Reward(
            @DefaultValue("false") boolean needed,
            @DefaultValue("30") int leastEpisodes,
            @DefaultValue("0.8") double leastShare) {
        Reward {
            if (leastEpisodes < Means.FEWEST) {
                throw new IllegalArgumentException(
                        "platform.gate.reward.least-episodes must be at least " + Means.FEWEST);
            }
        }
    }

    /**
     * How long a student may take to choose.
     *
     * @param needed whether a student whose time was not taken beside that of the one that serves is refused
     * @param leastRows on which a stage was timed before it counts; few will do, since their interval is the wider
     * @param mostRatio of its time and the serving student's on the same row, in the median
     * @param most of a stage, in the median; with such a bound the time is needed
     */
    record Latency(
            @DefaultValue("false") boolean needed,
            @DefaultValue("8") int leastRows,
            @DefaultValue("1.5") double mostRatio,
            @Nullable Duration most) {}

    /**
     * What one task asks for.
     *
     * @param leastAgreement of this task; as for all if absent
     * @param rewardNeeded of this task; as {@code reward.needed} if absent
     * @param leastRewardShare of this task; as {@code reward.least-share} if absent
     * @param latencyNeeded of this task; as {@code latency.needed} if absent
     * @param mostLatencyRatio of this task; as {@code latency.most-ratio} if absent
     * @param mostLatency of this task; as {@code latency.most} if absent
     */
    record Task(
            @Nullable Double leastAgreement,
            @Nullable Boolean rewardNeeded,
            @Nullable Double leastRewardShare,
            @Nullable Boolean latencyNeeded,
            @Nullable Double mostLatencyRatio,
            @Nullable Duration mostLatency) {
        private static final Task USUAL = new Task(null, null, null, null, null, null);
    }

    GateProperties {
        tasks = Map.copyOf(tasks);
    }

    double leastAgreement(String task) {
        Double own = of(task).leastAgreement();
        return own == null ? leastAgreement : own;
    }

    boolean rewardNeeded(String task) {
        Boolean own = of(task).rewardNeeded();
        return own == null ? reward.needed() : own;
    }

    double leastRewardShare(String task) {
        Double own = of(task).leastRewardShare();
        return own == null ? reward.leastShare() : own;
    }

    boolean latencyNeeded(String task) {
        Boolean own = of(task).latencyNeeded();
        return (own == null ? latency.needed() : own) || mostLatency(task) != null;
    }

    double mostLatencyRatio(String task) {
        Double own = of(task).mostLatencyRatio();
        return own == null ? latency.mostRatio() : own;
    }

    @Nullable
    Duration mostLatency(String task) {
        Duration own = of(task).mostLatency();
        return own == null ? latency.most() : own;
    }

    private Task of(String task) {
        return tasks.getOrDefault(task, Task.USUAL);
    }
}
