package io.logicdistillation.inference.remote;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.Scores;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentManifest;
import io.logicdistillation.inference.engine.Way;
import io.logicdistillation.languagemodel.CallBounds;
import io.logicdistillation.languagemodel.Failure;
import io.logicdistillation.languagemodel.ModelConnection;
import io.logicdistillation.languagemodel.ModelException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One remote engine: a server, how it is asked, and the bounds within which it is. Thread-safe. */
final class RemoteServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RemoteServer.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
    private static final Comparator<Entry> CANONICAL = Comparator.comparing(Entry::handle);
    private static final long LONGEST_ANSWER = 4L << 20;

    private final String name;
    private final RemoteProperties.Engine settings;
    private final Judge judge;
    private final CallBounds bounds;
    private final MeterRegistry meters;

    /** @throws IllegalStateException if the settings can not be served by */
    RemoteServer(String name, RemoteProperties.Engine settings, MeterRegistry meters) {
        String property = "inference.remote.engines." + name;
        String complaint = settings.complaint();
        if (!NAME.matcher(name).matches() || name.equals(Scores.IN_PROCESS)) {
            complaint = "needs a name of lower-case letters, digits and hyphens other than " + Scores.IN_PROCESS;
        }
        if (complaint != null) {
            throw new IllegalStateException(property + " " + complaint);
        }
        this.name = name;
        this.settings = settings;
        this.meters = meters;
        ModelConnection connection = new ModelConnection(settings.api(property).endpoint(), LONGEST_ANSWER);
        this.judge = switch (settings.speaks()) {
            case COMPLETIONS -> new Completions(connection, settings);
            case SYSTEM_ONE -> new SystemOneServer(connection, settings);
            case DECISIONS -> new DecisionsServer(connection, settings);
        };
        this.bounds = new CallBounds("remote " + name, settings.bounds());
    }

    String name() {
        return name;
    }

    RemoteProperties.Engine settings() {
        return settings;
    }

    boolean isTheStudent() {
        return judge.isTheStudent();
    }

    /**
     * Scores by reading, whatever way was asked for: recall needs keys and values that no such server hands out.
     *
     * @param left time of the decision
     * @throws ModelException if there is no answer
     */
    Scores score(ScoringRequest request, StudentManifest student, Duration left) {
        long begun = System.nanoTime();
        List<Entry> canonical = request.entries().stream().sorted(CANONICAL).toList();
        try {
            Judgement judged = bounds.within(
                    shorter(left, settings.longest()),
                    () -> judge.judge(request, canonical, student, settings.timeout()));
            record("answered", begun);
            List<Double> asAsked = new ArrayList<>();
            for (Entry entry : request.entries()) {
                asAsked.add(judged.shares()[canonical.indexOf(entry)]);
            }
            return new Scores(
                    Way.READING,
                    asAsked,
                    judged.shares()[canonical.size()],
                    judged.newTokens(),
                    judged.cachedTokens(),
                    Duration.ofNanos(System.nanoTime() - begun),
                    name);
        } catch (ModelException failure) {
            record(failure.failure().slug(), begun);
            // One that is left alone has been complained about already.
            if (failure.failure() != Failure.RESTING) {
                log.warn("The engine '{}' gave no answer: {} ({})", name, failure.failure(), failure.getMessage());
            }
            throw failure;
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        Duration least = one.compareTo(other) < 0 ? one : other;
        return least.isPositive() ? least : Duration.ofMillis(1);
    }

    private void record(String outcome, long begun) {
        Timer.builder("remote.engine")
                .description("Questions to remote engines by what came of them")
                .tag("engine", name)
                .tag("outcome", outcome)
                .register(meters)
                .record(Duration.ofNanos(System.nanoTime() - begun));
    }

    @Override
    public void close() {
        bounds.close();
        judge.close();
    }
}
