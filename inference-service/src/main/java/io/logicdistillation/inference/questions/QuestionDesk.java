package io.logicdistillation.inference.questions;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.inference.decisions.Deadline;
import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.students.Engines;
import java.time.Duration;
import java.util.List;

/** Has a student answer the questions of a request. Thread-safe. */
final class QuestionDesk {
    private final Models models;
    private final Duration longest;

    QuestionDesk(Models models, Duration longest) {
        this.models = models;
        this.longest = longest;
    }

    /** @throws RefusedException where the APIs have an answer of their own for the failure */
    Answered answer(String tenant, Asked asked) {
        Deadline deadline = Deadline.in(longest);
        String model = models.resolve(tenant, asked.model());
        try (Engines.Lease lease = lease(tenant, model, deadline)) {
            QuestionReader reader =
                    new QuestionReader(lease.engine().within(deadline::remaining), asked.state(), deadline);
            List<Answer> answers = asked.questions().stream()
                    .map(item -> reader.answer(item.question()))
                    .toList();
            return new Answered(model, lease.id(), reader.engine(), answers, reader.newTokens(), reader.cachedTokens());
        } catch (EngineException failure) {
            throw switch (failure.kind()) {
                case TOO_LONG ->
                    new RefusedException(
                            Refusal.TOO_LONG, "The state and a question are longer than the model can read");
                case REMOTE ->
                    new PlatformException(
                            ProblemType.UNAVAILABLE, "The model's engine gave no answer: " + failure.getMessage());
                case INVALID_REQUEST, BASE_MODEL, STUDENT_PACKAGE, NOT_A_NUMBER, CLOSED, RUNTIME ->
                    new PlatformException(ProblemType.UNAVAILABLE, "The model could not answer", failure);
            };
        }
    }

    private Engines.Lease lease(String tenant, String model, Deadline deadline) {
        try {
            return models.lease(tenant, model, deadline.remaining());
        } catch (PlatformException failure) {
            if (failure.type() == ProblemType.UNKNOWN_STUDENT) {
                throw new RefusedException(Refusal.UNKNOWN_MODEL, String.valueOf(failure.getMessage()));
            }
            throw failure;
        }
    }
}
