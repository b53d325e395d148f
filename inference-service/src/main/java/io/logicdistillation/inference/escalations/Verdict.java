package io.logicdistillation.inference.escalations;

/** What the teacher said, or why it said nothing. */
public sealed interface Verdict {
    Outcome outcome();

    /** @param function one of those that it was asked about */
    record Chosen(String function, String reason) implements Verdict {
        @Override
        public Outcome outcome() {
            return Outcome.ANSWERED;
        }
    }

    /** @param wish id of the generation wish that was recorded */
    record NothingFits(String reason, String wish) implements Verdict {
        @Override
        public Outcome outcome() {
            return Outcome.NOTHING_FITS;
        }
    }

    record Silent(Outcome outcome) implements Verdict {}
}
