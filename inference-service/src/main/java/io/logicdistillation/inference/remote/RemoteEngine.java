package io.logicdistillation.inference.remote;

import io.logicdistillation.inference.engine.EngineException;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.StudentManifest;
import io.logicdistillation.inference.engine.Way;
import io.logicdistillation.languagemodel.Failure;
import io.logicdistillation.languagemodel.ModelException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One student at a remote server, with the same student in this process behind it where that is wanted. Thread-safe. */
final class RemoteEngine implements StudentEngine {
    private final RemoteServer server;
    private final StudentManifest student;
    private final @Nullable StudentEngine inProcess;
    private final Supplier<Duration> left;

    /** @param inProcess absent where nobody answers in the server's place */
    RemoteEngine(RemoteServer server, StudentManifest student, @Nullable StudentEngine inProcess) {
        this(server, student, inProcess, server.settings()::longest);
    }

    private RemoteEngine(
            RemoteServer server, StudentManifest student, @Nullable StudentEngine inProcess, Supplier<Duration> left) {
        this.server = server;
        this.student = student;
        this.inProcess = inProcess;
        this.left = left;
    }

    @Override
    public StudentEngine within(Supplier<Duration> remaining) {
        return new RemoteEngine(server, student, inProcess, remaining);
    }

    /** What a server remembers is its own; what answers in its place here computes anew. */
    @Override
    public StudentEngine anew() {
        return inProcess == null ? this : new RemoteEngine(server, student, inProcess.anew(), left);
    }

    @Override
    public Scores score(ScoringRequest request) {
        try {
            return server.score(request, student, left.get());
        } catch (ModelException failure) {
            if (inProcess != null) {
                return inProcess.score(asUsual(request, inProcess));
            }
            throw failure.failure() == Failure.TOO_LONG
                    ? new EngineException(
                            EngineException.Kind.TOO_LONG, "too long for the engine " + server.name(), failure)
                    : new EngineException(
                            EngineException.Kind.REMOTE,
                            "'" + server.name() + "' is " + failure.failure().slug(),
                            failure);
        }
    }

    /** By the way that the student would have gone if it had been asked first. */
    private static ScoringRequest asUsual(ScoringRequest request, StudentEngine inProcess) {
        boolean known = request.context().isEmpty()
                && request.entries().stream().allMatch(entry -> inProcess.recalls(request.stage(), entry));
        return known
                ? new ScoringRequest(request.stage(), request.prefix(), request.view(), request.entries(), Way.RECALL)
                : request;
    }

    @Override
    public boolean isTheStudent() {
        return server.isTheStudent();
    }

    @Override
    public boolean recalls(String stage, Entry entry) {
        return false;
    }

    @Override
    public boolean isSingleToken(String handle) {
        return false;
    }
}
