package io.logicdistillation.benchmarks;

import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentEngine;
import io.logicdistillation.inference.engine.StudentPackage;
import io.logicdistillation.inference.engine.Way;
import io.logicdistillation.inference.remote.RemoteProperties;
import io.logicdistillation.inference.remote.RemoteServers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A llama.cpp server with the base model's file as a remote engine of the untuned student, as the service would ask it. */
final class RemoteLlama implements AutoCloseable {
    private final RemoteServers servers;
    private final StudentEngine engine;

    RemoteLlama(URI address, StudentPackage untuned) {
        RemoteProperties.Engine settings = new RemoteProperties.Engine(
                RemoteProperties.Speaks.COMPLETIONS,
                address.resolve("/v1"),
                "untuned",
                null,
                Set.of(untuned.id()),
                Set.of(),
                RemoteProperties.Otherwise.REFUSE,
                null,
                null,
                true,
                Duration.ofMinutes(1),
                1,
                1,
                Duration.ofSeconds(1),
                200,
                false);
        servers = new RemoteServers(new RemoteProperties(Map.of("llama", settings)), new SimpleMeterRegistry());
        engine = servers.over(student -> {
                    throw new IllegalStateException("only the server is to answer");
                })
                .lease(untuned)
                .engine();
    }

    /** What it costs to choose there, and how often it is the choice of full precision here. */
    void measure(StudentEngine exact, int states, Consumer<Figure> print) throws IOException {
        List<ScoringRequest> requests = Agreement.requests(states, Way.READING);
        Samples there = new Samples(requests.size());
        Samples here = new Samples(requests.size());
        int same = 0;
        for (ScoringRequest request : requests) {
            long begun = System.nanoTime();
            int[] theirs = Agreement.choices(engine, List.of(request));
            long between = System.nanoTime();
            int[] ours = Agreement.choices(exact, List.of(request));
            there.add(between - begun);
            here.add(System.nanoTime() - between);
            same += theirs[0] == ours[0] ? 1 : 0;
        }
        print.accept(new Figure("remote_llama_reading_p50", there.percentile(0.5), "ms", here.percentile(0.5)));
        print.accept(new Figure("remote_llama_reading_p99", there.percentile(0.99), "ms", here.percentile(0.99)));
        print.accept(new Figure("remote_llama_agreement_with_fp32", (double) same / requests.size(), "share"));
    }

    @Override
    public void close() {
        servers.close();
    }
}
