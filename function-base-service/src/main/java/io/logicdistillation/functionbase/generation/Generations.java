package io.logicdistillation.functionbase.generation;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.functionbase.audit.AuditTrail;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Starts generations and ends them early. Thread-safe. */
@Component
public class Generations {
    private final TenantTransactions transactions;
    private final TaskStore tasks;
    private final Books books;
    private final GenerationProperties properties;
    private final Clock clock;

    Generations(
            TenantTransactions transactions,
            TaskStore tasks,
            Books books,
            GenerationProperties properties,
            Clock clock) {
        this.transactions = transactions;
        this.tasks = tasks;
        this.books = books;
        this.properties = properties;
        this.clock = clock;
    }

    /** What generations are written down in. */
    @Component
    record Books(GenerationStore generations, ExchangeStore exchanges, AuditTrail audit) {}

    /**
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} without an L-LLM, {@link ProblemType#CONFLICT} if one is under way,
     *     {@link ProblemType#QUOTA_EXCEEDED} if the task's budget of the day is used up
     */
    Generation start(Caller caller, String taskName, GenerationRequest request) {
        return start(caller, taskName, request, null);
    }

    /**
     * Has one function written for an emergency, under the budget of every generation.
     *
     * @param stage of the function
     * @param language it is written in, {@code javascript} unless given
     * @param emergency JSON, for the {@link EmergencyDesk}
     * @throws PlatformException as for every generation
     */
    public Generation answer(
            Caller caller, String taskName, String stage, @Nullable String language, String emergency) {
        return start(caller, taskName, GenerationRequest.ofOneFunction(stage, language), emergency);
    }

    private Generation start(Caller caller, String taskName, GenerationRequest request, @Nullable String emergency) {
        StoredTask known = tasks.get(caller.tenant(), taskName);
        if (!properties.api().isConfigured() || (request.model() == null && isBlank(properties.model()))) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE,
                    "No L-LLM is configured: an operator sets PLATFORM_LLM_URL and PLATFORM_LLM_MODEL",
                    Map.of("cause", "not-configured"));
        }
        requireStages(known, request);
        return transactions.in(caller.tenant(), database -> {
            StoredTask task = tasks.lock(database, caller.tenant(), taskName);
            books.generations().underWay(database, task.id()).ifPresent(id -> {
                throw new PlatformException(
                        ProblemType.CONFLICT,
                        "Generation " + id + " of this task is under way",
                        Map.of("generation", id));
            });
            Amount spent =
                    books.exchanges().spent(database, task.id(), LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
            Amount limit = properties.daily().limit();
            if (spent.tokens() >= limit.tokens() || spent.micros() >= limit.micros()) {
                throw new PlatformException(
                        ProblemType.QUOTA_EXCEEDED, "What the task may spend on generations today is used up");
            }
            UUID id = books.generations().insert(database, caller, task, request, emergency);
            books.audit().record(database, caller, taskName, "generation-started", id.toString(), null);
            return books.generations().get(database, task.id(), id.toString());
        });
    }

    private static void requireStages(StoredTask task, GenerationRequest request) {
        List<String> wanted = request.stages();
        if (wanted != null) {
            wanted.forEach(task.definition()::stage);
        }
        if (task.definition().stages().stream().map(StageDefinition::name).noneMatch(request::isFor)) {
            throw new PlatformException(ProblemType.UNKNOWN_STAGE, "The task has none of these stages");
        }
    }

    private static boolean isBlank(@Nullable String text) {
        return text == null || text.isBlank();
    }

    /** What has been admitted stays; what is being asked is paid and recorded. One that has ended stays as it is. */
    Generation cancel(Caller caller, String taskName, String id) {
        return transactions.in(caller.tenant(), database -> {
            StoredTask task = tasks.lock(database, caller.tenant(), taskName);
            Generation found = books.generations().get(database, task.id(), id);
            if (books.generations()
                    .finish(
                            database,
                            caller.tenant(),
                            UUID.fromString(found.id()),
                            Generation.State.CANCELLED,
                            null,
                            null)) {
                books.audit().record(database, caller, taskName, "generation-cancelled", id, null);
            }
            return books.generations().get(database, task.id(), id);
        });
    }
}
