package io.logicdistillation.inference.canaries;

import java.util.Locale;

/** What came of a decision, as far as it tells two students apart. */
enum Outcome {
    /** The student's choice ran. */
    DECIDED,
    /** Its choice did not stand by itself: the teacher was asked, a runner-up ran, or the policy refused. */
    ESCALATED,
    /** There was no decision, or the other student had to make it. */
    FAILED;

    String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
