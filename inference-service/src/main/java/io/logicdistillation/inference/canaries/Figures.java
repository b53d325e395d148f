package io.logicdistillation.inference.canaries;

/** What all replicas have counted since a canary began, as its registry reads it. */
record Figures(Arm canary, Arm serving) {
    /**
     * @param decisions that were this student's turn
     * @param errors of these, that came to nothing or that the other student had to make
     * @param escalations of these, in which its choice did not stand by itself
     * @param corrected stages of them that somebody named a function for
     * @param disagreeing of these, where another one had been chosen
     */
    record Arm(long decisions, long errors, long escalations, long corrected, long disagreeing) {
        static final Arm NONE = new Arm(0, 0, 0, 0, 0);

        Arm plus(Arm other) {
            return new Arm(
                    decisions + other.decisions,
                    errors + other.errors,
                    escalations + other.escalations,
                    corrected + other.corrected,
                    disagreeing + other.disagreeing);
        }
    }
}
