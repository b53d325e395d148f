package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import com.pgvector.PGvector;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.functionbase.search.FusedQuery;
import io.logicdistillation.functionbase.snapshot.SnapshotStore;
import io.logicdistillation.functionbase.task.StoredTask;
import io.logicdistillation.functionbase.task.TaskStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** A stage with so many functions that the vector index is asked, not every function. */
class LargeTaskSearchTest extends ServiceTest {
    private static final int FUNCTIONS = 3_000;
    private static final int DIMENSIONS = 384;
    private static final int KINDS = 40;

    private final Random random = new Random(5);
    private Caller caller;
    private final List<float[]> kinds = kinds();

    @Autowired
    TenantTransactions transactions;

    @Autowired
    TaskStore tasks;

    @Autowired
    SnapshotStore snapshots;

    @Autowired
    FusedQuery query;

    @Autowired
    MeterRegistry meters;

    @DynamicPropertySource
    static void comparedAll(DynamicPropertyRegistry properties) {
        properties.add("search.compared-share", () -> "1");
    }

    private long task;
    private long snapshot;

    @BeforeEach
    void manyFunctions() {
        caller = new Caller(author.tenant(), "ada", Set.of(Scope.AUTHOR));
        tasks.insert(caller, ToyTask.task());
        StoredTask stored = tasks.get(caller.tenant(), ToyTask.NAME);
        task = stored.id();
        snapshot = transactions.in(caller.tenant(), database -> {
            List<Long> rows = insertFunctions(database, task);
            SnapshotStore.Content content = new SnapshotStore.Content(stored.definition(), stored.hash(), rows);
            return snapshots.insert(database, caller, stored, content, "snapshot-published");
        });
    }

    @Test
    void aSnapshotIsWrittenPageByPageAndWhole() {
        String hash = transactions.in(
                caller.tenant(),
                database -> database.sql("SELECT hash FROM snapshots WHERE id = ?")
                        .param(snapshot)
                        .query(String.class)
                        .single());
        List<String> names = author.get("/v1/tasks/" + ToyTask.NAME + "/snapshots/" + hash)
                .json()
                .get("functions")
                .findValuesAsString("name");
        assertThat(names).hasSize(FUNCTIONS).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void theIndexFindsWhatAComparisonOfAllFinds() {
        int found = 0;
        for (int i = 0; i < 20; i++) {
            FusedQuery.Question question = question("common", near(kinds.get(i)));
            List<Long> exact = in(database -> query.nearest(database, question, true));
            List<Long> indexed = in(database -> query.nearest(database, question, false));
            found += (int) exact.subList(0, 10).stream()
                    .filter(indexed.subList(0, 10)::contains)
                    .count();
        }
        assertThat(found).isGreaterThanOrEqualTo(195);
    }

    @Test
    void aSearchIsHeldAgainstAComparisonOfAllOnceItIsAnswered() throws InterruptedException {
        DistributionSummary recall = meters.summary("search.recall");
        long before = recall.count();
        Client.Answer answer = author.post("/v1/tasks/weather/searches", wanted("advice", 10));
        assertThat(answer.status()).as(answer.response().body()).isEqualTo(200);
        assertThat(answer.json().get("candidates")).hasSize(10);
        // A stage that is compared one by one has nothing to be held against.
        assertThat(author.post("/v1/tasks/weather/searches", wanted("mood", 2)).status())
                .isEqualTo(200);
        Instant patience = Instant.now().plusSeconds(30);
        while (recall.count() == before && Instant.now().isBefore(patience)) {
            Thread.sleep(20);
        }
        assertThat(recall.count()).isEqualTo(before + 1);
        assertThat(recall.max()).isBetween(0.5, 1.0);
    }

    private Map<String, Object> wanted(String stage, int k) {
        return Map.of(
                "stage",
                stage,
                "view",
                "a common thing",
                "k",
                k,
                "snapshot",
                tasks.get(caller.tenant(), ToyTask.NAME).hash());
    }

    @Test
    void aRareWordCountsAndOneThatAllShareDoesNot() {
        float[] vector = near(kinds.get(0));
        assertThat(names(question("a common zebra", vector)).subList(0, 2)).contains("f_7");
        List<String> common = names(question("a common thing", vector));
        assertThat(common).hasSize(10).doesNotContain("f_7");
        assertThat(names(question("", vector))).isEqualTo(common);
    }

    @Test
    void aBannedFunctionIsNotFoundAndTheNextOneIs() {
        FusedQuery.Question question = question("nothing of note", near(kinds.get(3)));
        List<String> before = names(question);
        in(database -> database.sql("""
                        INSERT INTO bans (tenant, task_id, name, banned_by, reason)
                        SELECT tenant, task_id, ?, 'ada', 'a test' FROM snapshots WHERE id = ?
                        """).params(before.getFirst(), snapshot).update());
        assertThat(names(question).subList(0, 9)).isEqualTo(before.subList(1, 10));
    }

    @Test
    void theSameQuestionHasTheSameAnswer() {
        FusedQuery.Question question = question("zebra", near(kinds.get(9)));
        assertThat(names(question)).isEqualTo(names(question));
    }

    @Test
    void theVectorIndexHoldsOnlyTheStageThatIsSearchedThroughIt() {
        assertThat(indexed()).containsExactly(Map.entry("advice", FUNCTIONS));
        assertThat(author.admit(ToyTask.functions()).status()).isEqualTo(201);
        assertThat(indexed()).as("from the beginning").containsExactly(Map.entry("advice", FUNCTIONS + 5));
    }

    @Test
    void theIndexIsAskedThoughPostgresHasNotCountedTheFunctionsYet() {
        long scans = in(database -> {
            query.run(database, question("zebra", near(kinds.get(2))));
            return database.sql("SELECT pg_stat_get_xact_numscans('functions_by_meaning'::regclass)")
                    .query(Long.class)
                    .single();
        });
        assertThat(scans).isPositive();
    }

    private Map<String, Integer> indexed() {
        Map<String, Integer> indexed = new HashMap<>();
        in(database -> {
            database.sql("SELECT stage, count(*) AS functions FROM functions WHERE indexed GROUP BY stage")
                    .query(row -> {
                        indexed.put(row.getString("stage"), row.getInt("functions"));
                    });
            return true;
        });
        return indexed;
    }

    private List<String> names(FusedQuery.Question question) {
        return in(database -> query.run(database, question)).stream()
                .map(SearchResult.Hit::function)
                .toList();
    }

    private FusedQuery.Question question(String view, float[] vector) {
        return new FusedQuery.Question(
                new FusedQuery.Stage(caller.tenant(), task, snapshot, "advice", FUNCTIONS), vector, view, 10);
    }

    private <T> T in(java.util.function.Function<JdbcClient, T> work) {
        return transactions.in(caller.tenant(), work);
    }

    private List<Long> insertFunctions(JdbcClient database, long task) {
        List<String> manuals = new ArrayList<>();
        List<String> vectors = new ArrayList<>();
        for (int i = 0; i < FUNCTIONS; i++) {
            manuals.add(i == 7 ? "Use it for a common zebra." : "Use it for what is common.");
            vectors.add(new PGvector(near(kinds.get(i % KINDS))).getValue());
        }
        return database.sql("""
                        INSERT INTO functions (tenant, task_id, version, name, stage, handle, manual, language, source, tests,
                            embedding, created_by)
                        SELECT ?, ?, 'v' || n, 'f_' || (n - 1), 'advice', 'h' || n, manual, 'javascript', 'x', '[]',
                            embedding::vector, 'ada'
                        FROM unnest(?, ?) WITH ORDINALITY AS given (manual, embedding, n)
                        RETURNING id
                        """)
                .params(caller.tenant(), task, manuals.toArray(String[]::new), vectors.toArray(String[]::new))
                .query(Long.class)
                .list();
    }

    private List<float[]> kinds() {
        List<float[]> made = new ArrayList<>();
        for (int i = 0; i < KINDS; i++) {
            made.add(near(new float[DIMENSIONS]));
        }
        return made;
    }

    private float[] near(float[] kind) {
        float[] vector = new float[DIMENSIONS];
        for (int i = 0; i < DIMENSIONS; i++) {
            vector[i] = kind[i] + (float) random.nextGaussian();
        }
        return vector;
    }
}
