package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Student;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What the gate would say today, with the student that serves today and what was reported and measured until today. */
@Component
class Verdicts {
    private final StudentRows rows;
    private final Rewards rewards;
    private final Timings timings;
    private final PromotionGate gate;

    Verdicts(StudentRows rows, Rewards rewards, Timings timings, PromotionGate gate) {
        this.rows = rows;
        this.rewards = rewards;
        this.timings = timings;
        this.gate = gate;
    }

    /**
     * How a student did, by its manifest and by what was seen of it since.
     *
     * @param timing beside the student that serves now, else the newest; absent if there is none
     * @param gate as a promotion would meet it now
     */
    record Judged(
            Evaluation evaluation,
            List<Reward> rewards,
            @Nullable Timing timing,
            PromotionGate.Verdict gate) {
        Judged {
            rewards = List.copyOf(rewards);
        }
    }

    Judged today(String tenant, Student student) {
        Evaluation evaluation = Evaluation.of(student);
        Optional<Student> serving =
                rows.serving(tenant, student.task()).filter(other -> !other.id().equals(student.id()));
        Optional<String> other = serving.map(Student::id);
        List<Reward> reported = rewards.of(tenant, evaluation, other);
        Timing timing = timings.of(tenant, student.id(), other).orElse(null);
        return new Judged(
                evaluation, reported, timing, gate.judge(evaluation, serving.map(Evaluation::of), reported, timing));
    }
}
