package io.logicdistillation.functionbase.coverage;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.functionbase.coverage.Coverage.Covered;
import io.logicdistillation.functionbase.coverage.Coverage.Overlap;
import io.logicdistillation.functionbase.coverage.Coverage.Suggestion;
import io.logicdistillation.functionbase.coverage.Trimming.Used;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.function.Situations;
import io.logicdistillation.functionbase.function.StoredFunction;
import io.logicdistillation.functionbase.function.Verification;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import io.logicdistillation.functionbase.snapshot.StoredSnapshot;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts together what the log says of a snapshot's functions and what they do on states made from the schema. Thread-safe. */
@Component
class Coverages {
    /** Of all stages together; the gateway waits for half a minute. */
    private static final Duration LONGEST = Duration.ofSeconds(20);
    /** Of a stage: every state costs a run or two of each. */
    private static final int MOST_COMPARED = 500;
    /** Whose outputs later stages are tried with. */
    private static final int COMPANIONS_OF_A_STAGE = 20;

    private final TenantTransactions transactions;
    private final Base base;
    private final Verification verification;
    private final SideBySide sideBySide;
    private final Uses uses;

    Coverages(TenantTransactions transactions, Base base, Verification verification, SideBySide sideBySide, Uses uses) {
        this.transactions = transactions;
        this.base = base;
        this.verification = verification;
        this.sideBySide = sideBySide;
        this.uses = uses;
    }

    /** What functions and snapshots are kept in. */
    @Component
    record Base(FunctionStore functions, SnapshotStore snapshots) {}

    /** @param from which moment on decisions count, and {@code to}; the inference service's own span where absent */
    record Asked(
            String task,
            String snapshot,
            int states,
            @Nullable Instant from,
            @Nullable Instant to) {}

    private record Read(StoredSnapshot snapshot, List<StoredFunction> functions) {}

    /**
     * @throws PlatformException {@link ProblemType#UNKNOWN_TASK}, {@link ProblemType#UNKNOWN_SNAPSHOT}, or
     *     {@link ProblemType#INVALID_REQUEST} for a time that ends before it begins
     */
    Coverage of(String tenant, Asked asked) {
        Read read = transactions.in(tenant, database -> {
            StoredSnapshot snapshot = base.snapshots().get(database, tenant, asked.task(), asked.snapshot());
            return new Read(snapshot, base.functions().storedOfSnapshot(database, tenant, snapshot.id()));
        });
        Uses.Counted counted = uses.of(tenant, asked.task(), read.snapshot().hash(), asked.from(), asked.to());
        return looked(tenant, asked, read, counted);
    }

    private Coverage looked(String tenant, Asked asked, Read read, Uses.Counted counted) {
        List<StageDefinition> stages = read.snapshot().definition().stages();
        Situations situations = verification.otherSituations(
                tenant, read.snapshot().definition(), companions(read, stages), asked.states());
        Map<String, Used> used = used(read.functions(), counted);
        List<Coverage.Stage> looked = new ArrayList<>();
        List<Covered> functions = new ArrayList<>();
        List<Overlap> overlaps = new ArrayList<>();
        List<Suggestion> suggestions = new ArrayList<>();
        for (StageDefinition stage : stages) {
            List<Used> of = used.values().stream()
                    .filter(each -> each.function().stage().equals(stage.name()))
                    .sorted(LEAST_CHOSEN_FIRST)
                    .toList();
            SideBySide.Ran ran = sideBySide.of(
                    tenant, compared(of), real(situations.of(stage.name())), LONGEST.dividedBy(stages.size()));
            List<Overlap> found = SideBySide.overlaps(ran);
            looked.add(
                    new Coverage.Stage(stage.name(), of.size(), ran.functions().size(), ran.states()));
            functions.addAll(covered(of, ran));
            overlaps.addAll(found);
            suggestions.addAll(new Trimming(of, found).suggestions());
        }
        return new Coverage(
                read.snapshot().hash(),
                new Coverage.Use(counted.from(), counted.to(), counted.unavailable()),
                looked,
                functions,
                overlaps.stream().limit(Coverage.MOST_SHOWN).toList(),
                suggestions);
    }

    private static final Comparator<Used> LEAST_CHOSEN_FIRST = Comparator.comparingLong(Used::chosen)
            .thenComparingLong(Used::candidate)
            .thenComparing(each -> each.function().name());

    private static List<FunctionDefinition> compared(List<Used> functions) {
        return functions.stream()
                .limit(MOST_COMPARED)
                .map(each -> each.stored().definition())
                .toList();
    }

    private static List<FunctionDefinition> companions(Read read, List<StageDefinition> stages) {
        return stages.stream()
                .flatMap(stage -> read.functions().stream()
                        .filter(stored -> stored.function().stage().equals(stage.name()))
                        .limit(COMPANIONS_OF_A_STAGE)
                        .map(StoredFunction::definition))
                .toList();
    }

    /** Without an output of an earlier stage no decision comes to this one. */
    private static List<Situations.Situation> real(List<Situations.Situation> situations) {
        return situations.stream().filter(Situations.Situation::real).toList();
    }

    private static Map<String, Used> used(List<StoredFunction> functions, Uses.Counted counted) {
        Map<String, Uses.Count> byVersion = counted.functions().stream()
                .collect(Collectors.toMap(Uses.Count::version, Function.identity(), (one, same) -> one));
        boolean known = counted.unavailable() == null;
        Map<String, Used> used = new HashMap<>();
        for (StoredFunction stored : functions) {
            Uses.Count count = byVersion.get(stored.function().version());
            used.put(
                    stored.function().name(),
                    new Used(stored, count == null ? 0 : count.candidate(), count == null ? 0 : count.chosen(), known));
        }
        return used;
    }

    /** @param functions in the order in which the first of them were run */
    private static List<Covered> covered(List<Used> functions, SideBySide.Ran ran) {
        boolean decided = Trimming.isDecided(functions);
        List<Covered> covered = new ArrayList<>();
        for (int index = 0; index < functions.size(); index++) {
            Used each = functions.get(index);
            covered.add(new Covered(
                    each.function().stage(),
                    each.function().name(),
                    each.function().version(),
                    index < ran.functions().size() ? ran.applies(index) : null,
                    each.known() ? each.candidate() : null,
                    each.known() ? each.chosen() : null,
                    each.finding(decided).orElse(null)));
        }
        return covered;
    }
}
