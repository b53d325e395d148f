package io.logicdistillation.distillation.students;

import org.springframework.stereotype.Component;

/** What the gate would say today, with the student that serves today. */
@Component
class Verdicts {
    private final StudentRows rows;
    private final PromotionGate gate;

    Verdicts(StudentRows rows, PromotionGate gate) {
        this.rows = rows;
        this.gate = gate;
    }

    PromotionGate.Verdict today(String tenant, Evaluation evaluation) {
        return gate.judge(
                evaluation,
                rows.serving(tenant, evaluation.task())
                        .filter(other -> !other.id().equals(evaluation.student()))
                        .map(Evaluation::of));
    }
}
