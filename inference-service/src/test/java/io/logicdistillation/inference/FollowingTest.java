package io.logicdistillation.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** How the service follows its neighbours, and goes on without them. */
class FollowingTest extends ServiceTest {
    @Test
    void decidesFromANewSnapshotWithinMoments() {
        decide();
        functionBase.publish(
                TENANT,
                Maze.snapshot(
                        2, Maze.function("look_up", "look", "up", "Looks up.", "return {side: 'east', how: 'up'};")));
        model.prefers("look_up", "walk_on");

        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(() ->
                        assertThat(decide().stage(0).path("chosen").asString()).isEqualTo("look_up"));
    }

    @Test
    void asksForWhatDiffersOfASnapshotThatFollowsAKnownOne() {
        decide();
        int wholes = functionBase.wholes();
        Snapshot next = Maze.snapshot(
                7, Maze.function("look_up", "look", "up", "Looks up.", "return {side: 'east', how: 'up'};"));
        functionBase.publish(
                TENANT,
                next.with(next.functions().stream()
                        .filter(function -> !function.name().equals("look_away"))
                        .toList()));
        model.prefers("look_up", "walk_on");

        await().atMost(Duration.ofSeconds(2))
                .untilAsserted(() ->
                        assertThat(decide().stage(0).path("chosen").asString()).isEqualTo("look_up"));
        assertThat(decide().stage(0).path("candidates").findValuesAsString("function"))
                .containsExactlyInAnyOrder("look_side", "look_up");
        assertThat(functionBase.wholes()).isEqualTo(wholes);
    }

    @Test
    void decidesFromAnOldSnapshotWhenAsked() {
        decide();
        String old = Maze.snapshot(1).snapshot();
        functionBase.publish(TENANT, Maze.snapshot(3));

        Answer answer = decide(Map.of("state", Maze.STATE, "snapshot", old));

        assertThat(answer.body().path("snapshot").asString()).isEqualTo(old);
    }

    @Test
    void goesOnDecidingWhileTheFunctionBaseIsAway() {
        model.prefers("look_side", "walk_on", "rest");
        decide();
        functionBase.away(true);

        for (int i = 0; i < 6; i++) {
            Answer answer = decide();

            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.stage(1).path("candidates").size()).isEqualTo(3);
            assertThat(answer.stage(1).at("/candidates/0/origin").asString()).isEqualTo("retrieved");
        }
    }

    @Test
    void asksTheFunctionBaseAgainWhenItIsBack() {
        decide();
        functionBase.away(true);
        for (int i = 0; i < 6; i++) {
            decide();
        }
        functionBase.away(false);
        int before = functionBase.searches();

        await().atMost(Duration.ofSeconds(6)).untilAsserted(() -> {
            decide();
            assertThat(functionBase.searches()).isGreaterThan(before);
        });
    }

    @Test
    void saysThatTheFunctionBaseIsAwayForATaskNeverSeen() {
        functionBase.away(true);

        Answer answer = post("/v1/tasks/never-seen/decisions", "{\"state\":{}}");

        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headers()).containsKey("retry-after");
    }

    @Test
    void goesOnDecidingWhileTheRegistryIsAway() throws InterruptedException {
        decide();
        registry.away(true);
        Thread.sleep(600);

        assertThat(decide().body().path("student").asString()).isEqualTo(student.id());
    }

    @Test
    void swapsStudentsWithoutAFailedRequest() throws InterruptedException {
        decide();
        Student next = registry.add(TENANT, Maze.NAME, "runner", "ld");
        List<Answer> answers = Collections.synchronizedList(new ArrayList<>());
        AtomicBoolean enough = new AtomicBoolean();
        Thread client = Thread.startVirtualThread(() -> {
            while (!enough.get()) {
                answers.add(decide());
            }
        });
        try {
            await().until(() -> !answers.isEmpty());
            registry.promote(next);
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> next.id()
                            .equals(answers.getLast().body().path("student").asString()));
        } finally {
            enough.set(true);
            client.join();
        }

        assertThat(answers).allMatch(answer -> answer.status() == 200);
        assertThat(answers.getFirst().body().path("student").asString()).isEqualTo(student.id());
    }

    @Test
    void swapsStudentsBackAndForthUnderManyClientsWithoutAFailedRequest() throws InterruptedException {
        Student next = registry.add(TENANT, Maze.NAME, "sprinter", "ld");
        Queue<Answer> answers = new ConcurrentLinkedQueue<>();
        AtomicBoolean enough = new AtomicBoolean();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            clients.add(Thread.startVirtualThread(() -> {
                while (!enough.get()) {
                    answers.add(decide());
                }
            }));
        }
        try {
            for (Student wanted : List.of(next, student, next)) {
                registry.promote(wanted);
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> wanted.id()
                                .equals(decide().body().path("student").asString()));
            }
        } finally {
            enough.set(true);
            for (Thread client : clients) {
                client.join();
            }
        }

        assertThat(answers).isNotEmpty().allMatch(answer -> answer.status() == 200);
    }

    @Test
    void refusesADamagedStudentAndKeepsTheOldOneServing() throws InterruptedException {
        decide();
        Student damaged = registry.add(TENANT, Maze.NAME, "limping", "ld");
        registry.damage(damaged);
        registry.promote(damaged);
        Thread.sleep(600);

        Answer answer = decide();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().path("student").asString()).isEqualTo(student.id());
        assertThat(decide(Map.of("state", Maze.STATE, "student", damaged.id())).status())
                .isEqualTo(503);
    }

    @Test
    void servesANamedStudentBesideThePromotedOne() {
        Student untuned = registry.add(TENANT, Maze.NAME, "untuned", "untuned");

        assertThat(decide(Map.of("state", Maze.STATE, "student", "untuned"))
                        .body()
                        .path("student")
                        .asString())
                .isEqualTo(untuned.id());
        assertThat(decide(Map.of("state", Maze.STATE, "student", untuned.id()))
                        .body()
                        .path("student")
                        .asString())
                .isEqualTo(untuned.id());
        assertThat(decide().body().path("student").asString()).isEqualTo(student.id());
    }

    @Test
    void servesATaskByTheUntunedStudentBeforeOneIsPromoted() throws InterruptedException {
        functionBase.publish("newcomer", Maze.snapshot(1));
        String state = "{\"state\":{\"x\":2,\"goal\":5}}";

        Answer none = send(caller("newcomer", Scope.DECIDE), "POST", "/v1/tasks/maze/decisions", state);
        Student untuned = registry.add("newcomer", "general", "untuned", "untuned");
        Thread.sleep(600);
        Answer general = send(caller("newcomer", Scope.DECIDE), "POST", "/v1/tasks/maze/decisions", state);

        assertThat(none.problem()).isEqualTo("unknown-student");
        assertThat(general.body().path("student").asString()).isEqualTo(untuned.id());
    }

    @Test
    void servesATaskByTheGeneralStudentWhereThereIsOne() {
        functionBase.publish("beginner", Maze.snapshot(1));
        registry.add("beginner", Maze.NAME, "untuned", "untuned");
        Student general = registry.add("beginner", "general", "reader", "general");
        registry.add("beginner", Maze.NAME, "untuned-later", "untuned");

        Answer answer = send(
                caller("beginner", Scope.DECIDE),
                "POST",
                "/v1/tasks/maze/decisions",
                "{\"state\":{\"x\":2,\"goal\":5}}");

        assertThat(answer.body().path("student").asString()).isEqualTo(general.id());
    }

    @Test
    void doesNotServeAnotherTenantsStudent() {
        functionBase.publish("rival", Maze.snapshot(1));
        decide();

        Answer answer = send(
                caller("rival", Scope.DECIDE),
                "POST",
                "/v1/tasks/maze/decisions",
                JSON.writeValueAsString(Map.of("state", Maze.STATE, "student", student.id())));

        assertThat(answer.problem()).isEqualTo("unknown-student");
    }
}
