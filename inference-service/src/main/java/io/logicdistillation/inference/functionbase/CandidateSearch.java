package io.logicdistillation.inference.functionbase;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.timelimiter.TimeLimiter;
import io.github.resilience4j.timelimiter.TimeLimiterConfig;
import io.logicdistillation.contracts.Decision;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.SearchRequest;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.inference.upstream.TenantClients;
import io.logicdistillation.inference.upstream.Traced;
import io.logicdistillation.kit.tenantdata.TenantChanged;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;

/**
 * The candidates of a stage: all its functions where they are few, else those that the function base finds for the state in
 * words, or found for the same words before. While the function base is away a search by words over the snapshot in memory answers
 * instead. Thread-safe.
 */
public final class CandidateSearch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CandidateSearch.class);

    private final FunctionBase base;
    private final SearchMemory memory;
    private final MeterRegistry meters;
    private final CircuitBreaker breaker;
    private final TimeLimiter timeLimiter;
    private final ExecutorService threads = Traced.virtualThreads();

    CandidateSearch(FunctionBase base, FunctionBaseProperties properties, MeterRegistry meters) {
        this.base = base;
        this.memory = new SearchMemory(properties.rememberedSearches());
        this.meters = meters;
        this.breaker = CircuitBreaker.of(
                "function-base-searches",
                CircuitBreakerConfig.custom()
                        .slidingWindowSize(10)
                        .minimumNumberOfCalls(3)
                        .waitDurationInOpenState(Duration.ofSeconds(2))
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .recordException(CandidateSearch::isAway)
                        .build());
        this.timeLimiter = TimeLimiter.of(TimeLimiterConfig.custom()
                .timeoutDuration(properties.searchTimeout())
                .cancelRunningFuture(true)
                .build());
        breaker.getEventPublisher()
                .onStateTransition(
                        change -> log.warn("Searches in the function base: {}", change.getStateTransition()));
    }

    /**
     * @param view the state in words
     * @param imposed a function that must be among the candidates, whatever the search finds
     * @return at least one candidate
     * @throws PlatformException {@link ProblemType#NO_CANDIDATE} if the stage has no function
     */
    public List<Candidate> candidates(
            TaskKey task, PreparedSnapshot snapshot, StageDefinition stage, String view, @Nullable String imposed) {
        List<PublishedFunction> all = snapshot.permitted(stage.name());
        if (all.isEmpty() && !snapshot.functions(stage.name()).isEmpty()) {
            throw new PlatformException(
                    ProblemType.NO_CANDIDATE, "Every function of stage '" + stage.name() + "' is banned");
        }
        if (all.isEmpty()) {
            throw new PlatformException(
                    ProblemType.NO_CANDIDATE,
                    "Stage '" + stage.name() + "' has no function in snapshot " + snapshot.id());
        }
        if (all.size() <= stage.k()) {
            return all.stream()
                    .map(function -> new Candidate(
                            function, function.alwaysCandidate() ? Decision.Origin.PINNED : Decision.Origin.ALL))
                    .toList();
        }
        List<Candidate> found = new ArrayList<>();
        snapshot.pinned(stage.name()).forEach(function -> found.add(new Candidate(function, Decision.Origin.PINNED)));
        retrieve(task, snapshot, stage, view).stream()
                .filter(function -> !function.alwaysCandidate())
                .forEach(function -> found.add(new Candidate(function, Decision.Origin.RETRIEVED)));
        if (imposed != null
                && found.stream().noneMatch(hit -> hit.function().name().equals(imposed))) {
            found.add(new Candidate(snapshot.function(stage.name(), imposed), Decision.Origin.PINNED));
        }
        return found;
    }

    private List<PublishedFunction> retrieve(
            TaskKey task, PreparedSnapshot snapshot, StageDefinition stage, String view) {
        SearchMemory.Question question = SearchMemory.Question.of(task, snapshot, stage.name(), stage.k(), view);
        List<PublishedFunction> known = memory.get(question);
        if (known != null) {
            count("memory");
            return known;
        }
        List<PublishedFunction> hits = asked(task, snapshot, stage, view);
        if (!hits.isEmpty()) {
            memory.put(question, hits);
            count("function-base");
            return hits;
        }
        count("words");
        return snapshot.search(stage.name())
                .best(view, stage.k(), name -> !snapshot.bans().forbid(name));
    }

    private void count(String from) {
        meters.counter("candidate.searches", "from", from).increment();
    }

    /** What the function base finds; nothing if it is away, which is not what to remember. */
    private List<PublishedFunction> asked(TaskKey task, PreparedSnapshot snapshot, StageDefinition stage, String view) {
        SearchRequest search = new SearchRequest(stage.name(), null, null, view, stage.k(), snapshot.id(), null);
        Callable<List<PublishedFunction>> bounded = TimeLimiter.decorateFutureSupplier(
                timeLimiter, () -> threads.submit(() -> hits(task, snapshot, stage, search)));
        try {
            List<PublishedFunction> hits = breaker.executeCallable(bounded);
            if (hits.isEmpty()) {
                log.warn("The function base found nothing for stage '{}' of {}", stage.name(), snapshot.id());
            }
            return hits;
        } catch (CallNotPermittedException open) {
            log.debug("The function base is not asked: {}", open.getMessage());
        } catch (Exception failure) {
            log.warn("The function base did not answer a search, the one in memory does: {}", failure.toString());
        }
        return List.of();
    }

    private List<PublishedFunction> hits(
            TaskKey task, PreparedSnapshot snapshot, StageDefinition stage, SearchRequest search) {
        // A search may name one twice; as a candidate it would then share its probability with itself.
        return base.search(task, search).candidates().stream()
                .map(SearchResult.Hit::function)
                .distinct()
                .flatMap(name -> snapshot.find(stage.name(), name).stream())
                .filter(function -> !snapshot.bans().forbid(function.name()))
                .limit(stage.k())
                .toList();
    }

    private static boolean isAway(Throwable failure) {
        return TenantClients.isAway(
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure);
    }

    @EventListener
    void forget(TenantChanged changed) {
        memory.forget(changed.tenant());
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
