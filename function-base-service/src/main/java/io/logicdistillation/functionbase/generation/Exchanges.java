package io.logicdistillation.functionbase.generation;

import io.logicdistillation.functionbase.background.Lease;
import io.logicdistillation.functionbase.background.Stopped;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.languagemodel.CallBounds;
import io.logicdistillation.languagemodel.LanguageModel;
import io.logicdistillation.languagemodel.ModelException;
import io.logicdistillation.languagemodel.Question;
import io.logicdistillation.languagemodel.Reply;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Asks the L-LLM the question of a step, once: the answer is in Postgres before anybody sees it, and from then on the step is
 * answered from there. What a question may cost is reserved before it is asked and settled with its answer. Thread-safe.
 */
class Exchanges {
    private final TenantTransactions transactions;
    private final GenerationStore generations;
    private final ExchangeStore exchanges;
    private final Api api;
    private final Clock clock;

    Exchanges(
            TenantTransactions transactions,
            GenerationStore generations,
            ExchangeStore exchanges,
            Api api,
            Clock clock) {
        this.transactions = transactions;
        this.generations = generations;
        this.exchanges = exchanges;
        this.api = api;
        this.clock = clock;
    }

    /** The API and its bounds. */
    record Api(LanguageModel model, CallBounds bounds, GenerationProperties properties, MeterRegistry meters) {}

    /** What a step belongs to. @param budget of the generation */
    record Account(Lease lease, long task, Amount budget) {}

    /**
     * @throws Stopped if the budget does not allow the question, or the work is not this worker's any more
     * @throws ModelException if there was no answer
     */
    Reply ask(Account account, String step, Supplier<Question> asking) {
        Lease lease = account.lease();
        Optional<Reply> recorded = transactions.in(lease.tenant(), database -> {
            generations.hold(database, lease);
            return exchanges.answer(database, lease.id(), step);
        });
        if (recorded.isPresent()) {
            return recorded.get();
        }
        Question question = asking.get();
        ExchangeStore.Asked asked = reserve(account, step, question);
        long start = System.nanoTime();
        String outcome = "unknown";
        try {
            GenerationProperties limits = api.properties();
            Duration longest = limits.timeout().multipliedBy(limits.attempts()).plus(Duration.ofMinutes(15));
            Reply reply = api.bounds().within(longest, () -> api.model().ask(question, limits.timeout()));
            outcome = reply.finish().name().toLowerCase(Locale.ROOT);
            record(account, step, asked, reply);
            return reply;
        } catch (ModelException failure) {
            outcome = failure.failure().slug();
            lost(account, step, asked, failure);
            throw failure;
        } finally {
            Timer.builder("generation.exchange")
                    .tag("outcome", outcome)
                    .register(api.meters())
                    .record(Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private ExchangeStore.Asked reserve(Account account, String step, Question question) {
        Lease lease = account.lease();
        Amount most = new Amount(
                question.tokens() + question.answerTokens(),
                api.properties().prices().micros(question.tokens(), question.answerTokens()));
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        return transactions.in(lease.tenant(), database -> {
            generations.hold(database, lease);
            if (!exchanges.reserve(database, lease.id(), most, account.budget())) {
                throw new Stopped(
                        "over-budget",
                        "Step '" + step + "' may take " + most.tokens() + " tokens, more than the budget has left");
            }
            if (!exchanges.reserveOfDay(
                    database,
                    lease.tenant(),
                    account.task(),
                    today,
                    most,
                    api.properties().daily().limit())) {
                throw new Stopped("over-budget", "What the task may spend on generations today is used up");
            }
            generations.event(
                    database, lease.tenant(), lease.id(), "asked", Map.of("step", step, "mostTokens", most.tokens()));
            return exchanges.ask(database, lease.tenant(), lease.id(), step, question.model(), today, most);
        });
    }

    /** The answer is recorded whoever holds the lease by now: it has been paid. */
    private void record(Account account, String step, ExchangeStore.Asked asked, Reply reply) {
        Lease lease = account.lease();
        Reply.Usage counted = reply.usage();
        Reply.Usage usage = counted == null ? new Reply.Usage(asked.reserved().tokens(), 0) : counted;
        long micros = counted == null
                ? asked.reserved().micros()
                : api.properties().prices().micros(usage.inputTokens(), usage.outputTokens());
        transactions.in(lease.tenant(), database -> {
            exchanges.record(database, lease.id(), asked, step, reply);
            exchanges.settle(database, lease.id(), asked, usage, micros);
            generations.event(
                    database,
                    lease.tenant(),
                    lease.id(),
                    "answered",
                    Map.of(
                            "step", step,
                            "finish", reply.finish().name().toLowerCase(Locale.ROOT),
                            "inputTokens", usage.inputTokens(),
                            "outputTokens", usage.outputTokens(),
                            "cost", Amount.money(micros)));
            return true;
        });
        MeterRegistry meters = api.meters();
        meters.counter("generation.tokens", "kind", "input").increment(usage.inputTokens());
        meters.counter("generation.tokens", "kind", "output").increment(usage.outputTokens());
        meters.counter("generation.spend").increment(Amount.money(micros));
    }

    private void lost(Account account, String step, ExchangeStore.Asked asked, ModelException failure) {
        Lease lease = account.lease();
        transactions.in(lease.tenant(), database -> {
            exchanges.failed(database, asked, failure.failure().slug());
            if (!failure.failure().mayHaveCost()) {
                exchanges.settle(database, lease.id(), asked, new Reply.Usage(0, 0), 0);
            }
            generations.event(
                    database,
                    lease.tenant(),
                    lease.id(),
                    "unanswered",
                    Map.of("step", step, "cause", failure.failure().slug()));
            return true;
        });
    }
}
