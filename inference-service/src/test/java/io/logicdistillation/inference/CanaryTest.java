package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.decisionlog.TenantTransactions;
import io.logicdistillation.kit.Scope;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/** A student that decides a share of a task beside the one that serves. */
class CanaryTest extends ServiceTest {
    private static int names;

    @Autowired
    TenantTransactions transactions;

    private Student tried;

    @BeforeEach
    void anotherStudent() {
        model.prefers("look_side", "walk_on");
        tried = registry.add(TENANT, Maze.NAME, "newcomer-" + names++, "ld");
    }

    @Test
    void splitsEpisodesByTheShareAndNeverOneOfThem() {
        started(40);
        List<String> episodes = episodes(120);

        Map<String, String> first = new HashMap<>();
        episodes.forEach(episode -> first.put(episode, decidedBy(episode)));
        Map<String, String> second = new HashMap<>();
        episodes.forEach(episode -> second.put(episode, decidedBy(episode)));

        long share = first.values().stream().filter(tried.id()::equals).count();
        assertThat(share).isBetween(25L, 71L);
        assertThat(second).isEqualTo(first);
    }

    @Test
    void saysInTheAnswerAndInTheLogThatItWasTheCanary() {
        Student.Canary canary = started(99);
        Answer answer = decidedByCanary();

        JsonNode logged =
                get("/v1/decisions/" + answer.body().path("id").asString()).body();
        assertThat(answer.body().path("student").asString()).isEqualTo(canary.student());
        assertThat(answer.body().path("canary").asBoolean()).isTrue();
        assertThat(logged.path("canary").asBoolean()).isTrue();
        registry.promote(student);
        await().atMost(Duration.ofSeconds(2)).untilAsserted(() -> {
            Answer later = decide();
            assertThat(later.body().path("student").asString()).isEqualTo(student.id());
            assertThat(later.body().has("canary")).isFalse();
        });
    }

    @Test
    void decidesEverythingOnceTheCanaryIsPromoted() {
        started(10);
        registry.promote(tried);

        await().atMost(Duration.ofSeconds(2)).untilAsserted(() -> {
            Answer answer = decide();
            assertThat(answer.body().path("student").asString()).isEqualTo(tried.id());
            assertThat(answer.body().has("canary")).isFalse();
        });
    }

    @Test
    void endsAnEpisodeWithTheStudentThatBeganIt() {
        List<String> begun = episodes(20);
        begun.forEach(this::decidedBy);
        Student.Canary canary = started(99);

        assertThat(begun.stream().map(this::decidedBy)).containsOnly(student.id());
        List<String> tries = episodes(10).stream()
                .filter(episode -> decidedBy(episode).equals(tried.id()))
                .toList();
        registry.tries(new Student.Canary(canary.id(), canary.student(), canary.serving(), 1, canary.startedAt()));
        await().atMost(Duration.ofSeconds(10))
                .until(() -> decidedBy(UUID.randomUUID().toString()).equals(student.id()));
        assertThat(tries).isNotEmpty();
        assertThat(tries.stream().map(this::decidedBy)).containsOnly(tried.id());
    }

    /** An episode's name may be used by several tasks; who decided in another one says nothing of this one. */
    @Test
    void takesNoOtherTasksDecisionForTheEpisodesLast() {
        functionBase.publish(TENANT, Maze.snapshotOf("garden"));
        registry.promote(registry.add(TENANT, "garden", "gardener", "ld"));
        List<String> begun = episodes(5);
        begun.forEach(this::decidedBy);
        begun.forEach(episode -> await().atMost(Duration.ofSeconds(10))
                .until(() -> post(
                                        "/v1/tasks/garden/decisions",
                                        JSON.writeValueAsString(Map.of("state", Maze.STATE, "episode", episode)))
                                .status()
                        == 200));
        started(99);

        assertThat(begun.stream().map(this::decidedBy)).containsOnly(student.id());
    }

    @Test
    void answersTheSameRequestByTheSameStudent() {
        started(50);

        for (int i = 0; i < 10; i++) {
            String key = UUID.randomUUID().toString();
            Answer first = decide(Map.of("state", Maze.STATE), "Idempotency-Key", key);
            Answer again = decide(Map.of("state", Maze.STATE), "Idempotency-Key", key);
            assertThat(again.body().path("id")).isEqualTo(first.body().path("id"));
            assertThat(again.body().path("canary")).isEqualTo(first.body().path("canary"));
        }
    }

    @Test
    void leavesNamedStudentsAndImposedChoicesAlone() {
        started(99);

        Answer named = decide(Map.of("state", Maze.STATE, "student", student.id()));
        Answer imposed = decide(Map.of("state", Maze.STATE, "choices", Map.of("look", "look_side", "move", "walk_on")));

        assertThat(named.body().path("student").asString()).isEqualTo(student.id());
        assertThat(named.body().has("canary")).isFalse();
        assertThat(imposed.body().path("student").asString()).isEqualTo("none");
        assertThat(imposed.body().has("canary")).isFalse();
    }

    @Test
    void letsTheServingStudentAnswerForACanaryWhosePackageIsBroken() {
        registry.damage(tried);
        registry.tries(tried, 99);

        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            Answer answer = decide();
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.body().path("student").asString()).isEqualTo(student.id());
            assertThat(answer.body().path("canary").asBoolean(true)).isFalse();
        });
        awaitReport("/canary/errors", 1);
    }

    @Test
    void letsTheServingStudentAnswerForACanaryThatFails() {
        started(99);
        model.breaksOf(tried.id());

        List<Answer> answers =
                IntStream.range(0, 20).mapToObj(number -> decide()).toList();

        assertThat(answers).allMatch(answer -> answer.status() == 200);
        assertThat(answers)
                .allMatch(answer -> answer.body().path("student").asString().equals(student.id()));
        long failed =
                answers.stream().filter(answer -> answer.body().has("canary")).count();
        assertThat(failed).isGreaterThan(10);
        awaitReport("/canary/errors", failed);
        assertThat(reported("/serving/errors")).isZero();
    }

    @Test
    void reportsWhatBothStudentsDid() {
        started(50);
        model.unsureOf(tried.id());

        List<Answer> answers =
                episodes(40).stream().map(episode -> decide(episode, 200)).toList();

        long own =
                answers.stream().filter(answer -> answer.body().has("canary")).count();
        awaitReport("/canary/escalations", own);
        awaitReport("/serving/decisions", 40 - own);
        assertThat(reported("/canary/escalations")).isEqualTo(own);
        assertThat(reported("/canary/decisions")).isGreaterThanOrEqualTo(own);
        assertThat(reported("/serving/escalations")).isZero();
        assertThat(reported("/canary/errors")).isZero();
    }

    @Test
    void reportsCorrectionsThatPeopleMade() {
        started(99);
        Answer right = decidedByCanary();
        Answer wrong = decidedByCanary();

        correct(right, "walk_on");
        correct(wrong, "rest");

        awaitReport("/canary/corrected", 2);
        assertThat(reported("/canary/disagreeing")).isEqualTo(1);
        assertThat(reported("/serving/corrected")).isZero();
    }

    @Test
    void splitsAlikeOnEveryReplicaAndAddsUpWhatAllHaveCounted() throws IOException {
        started(50);
        int here = port;
        int there = freePort();
        try (ConfigurableApplicationContext another = start(there)) {
            assertThat(another.isRunning()).isTrue();
            port = there;
            await().atMost(Duration.ofSeconds(20))
                    .until(() ->
                            decide(UUID.randomUUID().toString(), 200).body().has("canary"));
            port = here;
            long before = reported("/canary/decisions") + reported("/serving/decisions");
            List<String> episodes = episodes(30);
            for (String episode : episodes) {
                port = here;
                String one = decidedBy(episode);
                port = there;
                assertThat(decidedBy(episode)).isEqualTo(one);
            }
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> reported("/canary/decisions") + reported("/serving/decisions") >= before + 60);
        } finally {
            port = here;
        }
    }

    @Test
    void showsNoTenantAnothersCounts() {
        Student.Canary canary = started(99);
        decidedByCanary();
        awaitReport("/canary/decisions", 1);

        assertThat(rows("a-stranger", canary)).isZero();
        assertThat(rows(TENANT, canary)).isPositive();
        functionBase.publish("a-stranger", Maze.snapshot(1));
        Student theirs = registry.add("a-stranger", Maze.NAME, "general-of-theirs", "general");
        Answer answer = send(
                caller("a-stranger", Scope.DECIDE),
                "POST",
                "/v1/tasks/maze/decisions",
                JSON.writeValueAsString(Map.of("state", Maze.STATE)));
        assertThat(answer.body().path("student").asString()).isEqualTo(theirs.id());
        assertThat(answer.body().has("canary")).isFalse();
    }

    private int rows(String tenant, Student.Canary canary) {
        return transactions.of(
                tenant,
                jdbc -> jdbc.sql("SELECT count(*) FROM canary_counts WHERE canary = :canary")
                        .param("canary", UUID.fromString(canary.id()))
                        .query(Integer.class)
                        .single());
    }

    /** Starts a canary and waits until it decides. */
    private Student.Canary started(int percent) {
        Student.Canary canary = registry.tries(tried, percent);
        await().atMost(Duration.ofSeconds(10))
                .until(() -> decide(UUID.randomUUID().toString(), 200)
                        .body()
                        .path("canary")
                        .asBoolean(false));
        return canary;
    }

    private Answer decidedByCanary() {
        return await().atMost(Duration.ofSeconds(10))
                .until(() -> decide(), answer -> answer.body().path("canary").asBoolean(false));
    }

    private static List<String> episodes(int number) {
        return IntStream.range(0, number)
                .mapToObj(each -> UUID.randomUUID().toString())
                .toList();
    }

    private Answer decide(String episode, int status) {
        Answer answer = decide(Map.of("state", Maze.STATE, "episode", episode));
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return answer;
    }

    private String decidedBy(String episode) {
        return decide(episode, 200).body().path("student").asString();
    }

    private void correct(Answer decision, String function) {
        Answer said = post(
                "/v1/decisions/" + decision.body().path("id").asString() + "/feedback",
                "{\"stage\":\"move\",\"correction\":\"" + function + "\"}");
        assertThat(said.status()).as(said.text()).isEqualTo(201);
    }

    private long reported(String pointer) {
        JsonNode report = registry.reports().get(registry.canaryOf(tried).id());
        return report == null ? 0 : report.at(pointer).asLong(0);
    }

    private void awaitReport(String pointer, long least) {
        await().atMost(Duration.ofSeconds(10)).until(() -> reported(pointer) >= least);
    }

    private static ConfigurableApplicationContext start(int port) {
        List<String> given = new ArrayList<>(List.of("--server.port=" + port));
        properties((name, value) -> given.add("--" + name + "=" + value.get()));
        return new SpringApplicationBuilder(PlayedModel.class, InferenceApplication.class)
                .run(given.toArray(String[]::new));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
