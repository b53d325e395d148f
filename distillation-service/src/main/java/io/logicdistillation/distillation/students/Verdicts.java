package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Student;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** What the gate would say today, with the student that serves today and the rewards that were reported until today. */
@Component
class Verdicts {
    private final StudentRows rows;
    private final Rewards rewards;
    private final PromotionGate gate;

    Verdicts(StudentRows rows, Rewards rewards, PromotionGate gate) {
        this.rows = rows;
        this.rewards = rewards;
        this.gate = gate;
    }

    /** How a student did, by its manifest and by what was seen of it since. @param gate as a promotion would meet it now */
    record Judged(Evaluation evaluation, List<Reward> rewards, PromotionGate.Verdict gate) {
        Judged {
            rewards = List.copyOf(rewards);
        }
    }

    Judged today(String tenant, Student student) {
        Evaluation evaluation = Evaluation.of(student);
        Optional<Student> serving =
                rows.serving(tenant, student.task()).filter(other -> !other.id().equals(student.id()));
        List<Reward> reported = rewards.of(tenant, evaluation, serving.map(Student::id));
        return new Judged(evaluation, reported, gate.judge(evaluation, serving.map(Evaluation::of), reported));
    }
}
