package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.background.Stopped;
import io.logicdistillation.functionbase.function.Situations;
import io.logicdistillation.functionbase.function.Verification;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.sandbox.Sandbox;
import io.logicdistillation.functionbase.sandbox.StaticCheck;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import io.logicdistillation.languagemodel.Failure;
import io.logicdistillation.languagemodel.ModelException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Works on a generation from its beginning to its end, or to where it has to pause. Thread-safe. */
class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    /** Drafts of a stage that the L-LLM is told of. */
    private static final int KNOWN_OF_A_STAGE = 200;
    /** Situations on which behaviours are compared and which give the later stages their input. */
    private static final int DEPTH = Verification.Depth.GENERATED.states();

    private final Desk.Stores stores;
    private final Exchanges exchanges;
    private final GenerationProperties properties;
    private final Sandbox sandbox;
    private final StaticCheck texts;

    Worker(
            Desk.Stores stores,
            Exchanges exchanges,
            GenerationProperties properties,
            Sandbox sandbox,
            StaticCheck texts) {
        this.stores = stores;
        this.exchanges = exchanges;
        this.properties = properties;
        this.sandbox = sandbox;
        this.texts = texts;
    }

    /** Never throws but an {@link Error}. */
    void work(Lease lease) {
        try {
            GenerationStore.Work work = stores.transactions()
                    .in(lease.tenant(), database -> stores.generations().work(database, lease.id()));
            end(lease, work);
        } catch (RuntimeException failure) {
            // The lease ends by itself, and whoever takes it next finds what was recorded.
            log.warn("Generation {} is left as it is: {}", lease.id(), failure.toString());
        }
    }

    private void end(Lease lease, GenerationStore.Work work) {
        try {
            author(lease, work);
            finish(lease, Generation.State.SUCCEEDED, null, null);
        } catch (Stopped stopped) {
            if (stopped.slug() != null) {
                finish(lease, Generation.State.FAILED, stopped.slug(), stopped.getMessage());
            }
        } catch (ModelException failure) {
            if (failure.failure() == Failure.REJECTED) {
                finish(lease, Generation.State.FAILED, "rejected", "The L-LLM's API did not take the question");
            } else {
                pause(lease, work, failure.failure().slug());
            }
        } catch (DataAccessException | TransactionException away) {
            throw away;
        } catch (PlatformException failure) {
            if (failure.type() == ProblemType.UNAVAILABLE) {
                pause(lease, work, "unavailable");
            } else {
                finish(lease, Generation.State.FAILED, "task-gone", failure.getMessage());
            }
        } catch (RuntimeException unexpected) {
            log.error("Generation {} failed", lease.id(), unexpected);
            finish(lease, Generation.State.FAILED, "internal", "The failure is in the service's log");
        }
    }

    private void author(Lease lease, GenerationStore.Work work) {
        StoredTask task = stores.base().tasks().get(lease.tenant(), work.task());
        if (!task.hash().equals(work.definitionHash())) {
            throw new Stopped("task-changed", "The task was changed while functions were written for it");
        }
        GenerationRequest request = work.request();
        requireLanguage(request.writtenIn());
        String emergency = work.emergency();
        if (emergency != null) {
            answer(lease, work, task, emergency);
            return;
        }
        List<FunctionDefinition> known = stores
                .transactions()
                .in(
                        lease.tenant(),
                        database -> stores.base()
                                .functions()
                                .companions(database, lease.tenant(), task.id(), KNOWN_OF_A_STAGE))
                .stream()
                .filter(function -> !isOwn(lease, function))
                .toList();
        Situations situations =
                stores.base().verification().situations(lease.tenant(), task.definition(), known, DEPTH);
        Caller author = new Caller(lease.tenant(), work.createdBy(), Set.of(Scope.AUTHOR));
        Desk desk = new Desk(stores, lease, author, task, request, situations);
        new Authoring(
                        bench(lease, task, task.definition(), request),
                        desk,
                        new Behaviour(lease.tenant(), sandbox, texts),
                        situations,
                        known)
                .run();
    }

    /** Writes the one function of an emergency and hands it on. */
    private void answer(Lease lease, GenerationStore.Work work, StoredTask task, String emergency) {
        EmergencyDesk emergencies = stores.base().emergencies();
        Caller author = new Caller(lease.tenant(), work.createdBy(), Set.of(Scope.AUTHOR));
        EmergencyDesk.Situation situation = emergencies.situation(author, work.task(), emergency);
        TaskDefinition definition = situation.task();
        Situations situations =
                stores.base().verification().situations(lease.tenant(), definition, situation.functions(), DEPTH);
        StoredTask decided =
                new StoredTask(task.id(), definition, CanonicalJson.hash(definition), task.activeSnapshot());
        Desk desk = new Desk(stores, lease, author, decided, work.request(), situations);
        FunctionDefinition function = new SituationAuthoring(
                        bench(lease, task, definition, work.request()), desk, situation)
                .write(written -> {
                    requireCondition(written);
                    emergencies.require(author, work.task(), emergency, written);
                });
        try {
            desk.result(emergencies.settle(author, work.task(), emergency, function));
        } catch (PlatformException failure) {
            if (failure.type() == ProblemType.CONFLICT) {
                throw new Stopped("conflict", String.valueOf(failure.getMessage()));
            }
            throw failure;
        }
    }

    /** What is pinned without one would be taken to be for every state. */
    private void requireCondition(FunctionDefinition function) {
        if (!texts.declaresApplies(function)) {
            throw new PlatformException(
                    ProblemType.INVALID_FUNCTION,
                    "The source does not define applies(state, earlier)",
                    Map.of("cause", "no-applies"));
        }
    }

    private Authoring.Bench bench(Lease lease, StoredTask task, TaskDefinition definition, GenerationRequest request) {
        String model = Objects.requireNonNullElse(request.model(), Objects.requireNonNullElse(properties.model(), ""));
        Prompts prompts = new Prompts(definition, request, model, properties.answerTokens());
        Exchanges.Account account = new Exchanges.Account(lease, task.id(), request.limit());
        Authoring.Asking asking = (round, step, question) -> {
            stores.transactions().in(lease.tenant(), database -> {
                stores.generations().hold(database, lease);
                stores.generations().progress(database, lease, round, step);
                return true;
            });
            String key = "round-" + round + "/" + step;
            return exchanges.ask(account, key, () -> question.apply(lease.id() + "/" + key));
        };
        return new Authoring.Bench(definition, request, prompts, asking);
    }

    /** Asked before anything is paid: without an interpreter every function would be refused. */
    private void requireLanguage(GenerationRequest.Language language) {
        texts.of(language.stored(), "").findings().stream()
                .filter(finding -> finding.rule().equals("language"))
                .findFirst()
                .ifPresent(missing -> {
                    throw new Stopped("language", missing.message());
                });
    }

    /** What it admitted before a crash is written again by its recorded answers, and so must not be known beforehand. */
    private boolean isOwn(Lease lease, FunctionDefinition function) {
        String version = CanonicalJson.hash(function);
        return stores.transactions()
                .in(lease.tenant(), database -> stores.candidates().fate(database, lease.id(), version))
                .filter(fate -> fate.outcome() == CandidateStore.Outcome.PASSED)
                .isPresent();
    }

    private void finish(Lease lease, Generation.State state, @Nullable String cause, @Nullable String message) {
        stores.transactions().in(lease.tenant(), database -> {
            try {
                stores.generations().hold(database, lease);
            } catch (Stopped anothers) {
                return false;
            }
            return stores.generations().finish(database, lease.tenant(), lease.id(), state, cause, message);
        });
    }

    private void pause(Lease lease, GenerationStore.Work work, String cause) {
        if (work.pauses() >= properties.pauses()) {
            finish(
                    lease,
                    Generation.State.FAILED,
                    cause,
                    "A question stayed without an answer " + (work.pauses() + 1) + " times");
            return;
        }
        Duration pause = properties.pause().multipliedBy(1L << Math.min(work.pauses(), 16));
        Duration bounded = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
        stores.transactions().in(lease.tenant(), database -> {
            GenerationStore.LEASES.pause(database, lease, bounded, true);
            stores.generations()
                    .event(
                            database,
                            lease.tenant(),
                            lease.id(),
                            "paused",
                            Map.of("cause", cause, "seconds", bounded.toMillis() / 1e3));
            return true;
        });
    }
}
