package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Scope;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class StudentRegistryTest extends StudentsHttpTest {
    @Test
    void listsNewestFirstPageByPage() throws Exception {
        List<String> newestFirst = new ArrayList<>();
        for (int number = 0; number < 5; number++) {
            newestFirst.addFirst(uploaded(StudentPackage.tuned("student-" + number, "pursuit")));
        }
        List<String> listed = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = json(get("/v1/students?limit=2" + cursor));
            page.get("items").forEach(item -> listed.add(item.get("id").stringValue()));
            cursor = page.has("next") ? "&cursor=" + page.get("next").stringValue() : null;
        } while (Objects.nonNull(cursor));
        assertThat(listed).isEqualTo(newestFirst);
    }

    @Test
    void filtersByTaskNameAndPromotion() throws Exception {
        String pursuit = uploaded(StudentPackage.tuned("ld", "pursuit"));
        String cards = uploaded(StudentPackage.tuned("ld", "twenty-one"));
        post("/v1/students/" + cards + "/promotions", "{}");
        assertThat(ids("?task=pursuit")).containsExactly(pursuit);
        assertThat(ids("?promoted=true")).containsExactly(cards);
        assertThat(ids("?promoted=false")).containsExactly(pursuit);
        assertThat(ids("?promoted=true&task=pursuit")).isEmpty();
        assertThat(ids("?name=ld")).containsExactly(cards, pursuit);
        assertThat(ids("?name=other")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"?limit=0", "?limit=201", "?limit=many", "?cursor=!!!", "?cursor=bm9uZQ", "?promoted=perhaps"})
    void refusesQueriesThatMeanNothing(String query) throws Exception {
        assertProblem(get("/v1/students" + query), ProblemType.INVALID_REQUEST);
    }

    @Test
    void answersPollsWith304UntilSomethingChanges() throws Exception {
        String first = uploaded(StudentPackage.tuned("first", "pursuit"));
        String etag = etag();
        assertThat(poll(etag)).isEqualTo(304);
        post("/v1/students/" + first + "/promotions", "{}");
        assertThat(poll(etag)).isEqualTo(200);
        etag = etag();
        assertThat(poll(etag)).isEqualTo(304);
        uploaded(StudentPackage.tuned("second", "pursuit"));
        assertThat(poll(etag)).isEqualTo(200);
    }

    @Test
    void resolvesANameToTheNewestStudent() throws Exception {
        uploaded(StudentPackage.tuned("ld", "pursuit"));
        String cards = uploaded(StudentPackage.tuned("ld", "twenty-one"));
        String newer = uploaded(StudentPackage.tuned("ld", "pursuit")
                .withManifest(StudentPackage.tuned("ld", "pursuit").manifest.replace("\"seed\":7", "\"seed\":8")));
        assertThat(json(get("/v1/students/ld")).get("id").stringValue()).isEqualTo(newer);
        assertThat(json(get("/v1/students/ld?task=twenty-one")).get("id").stringValue())
                .isEqualTo(cards);
        assertProblem(get("/v1/students/unheard-of"), ProblemType.UNKNOWN_STUDENT);
        assertProblem(get("/v1/students/sha256:" + "0".repeat(64)), ProblemType.UNKNOWN_STUDENT);
    }

    @Test
    void promotesOneStudentPerTaskAndWalksBackStepByStep() throws Exception {
        String a = uploaded(StudentPackage.tuned("a", "pursuit"));
        String b = uploaded(StudentPackage.tuned("b", "pursuit"));
        String c = uploaded(StudentPackage.tuned("c", "pursuit"));
        for (String student : new String[] {a, b, c}) {
            HttpResponse<String> answer = post("/v1/students/" + student + "/promotions", "{\"reason\":\"better\"}");
            assertThat(json(answer).get("promoted").booleanValue()).isTrue();
            assertThat(ids("?promoted=true")).containsExactly(student);
        }
        assertThat(json(post("/v1/students/" + c + "/rollbacks", "")).get("id").stringValue())
                .isEqualTo(b);
        assertThat(json(post("/v1/students/" + b + "/rollbacks", "{}"))
                        .get("id")
                        .stringValue())
                .isEqualTo(a);
        assertThat(ids("?promoted=true")).containsExactly(a);
        assertProblem(post("/v1/students/" + a + "/rollbacks", "{}"), ProblemType.CONFLICT);
        assertProblem(post("/v1/students/" + c + "/rollbacks", "{}"), ProblemType.CONFLICT);
    }

    @Test
    void returnsAfterARollbackToWhatServedThen() throws Exception {
        String a = uploaded(StudentPackage.tuned("a", "pursuit"));
        String b = uploaded(StudentPackage.tuned("b", "pursuit"));
        String c = uploaded(StudentPackage.tuned("c", "pursuit"));
        post("/v1/students/" + a + "/promotions", "{}");
        post("/v1/students/" + b + "/promotions", "{}");
        post("/v1/students/" + b + "/rollbacks", "{}");
        post("/v1/students/" + c + "/promotions", "{}");
        assertThat(json(post("/v1/students/" + c + "/rollbacks", "{}"))
                        .get("id")
                        .stringValue())
                .isEqualTo(a);
    }

    @Test
    void remembersWhoChangedWhatAndWhy() throws Exception {
        String a = uploaded(StudentPackage.tuned("a", "pursuit"));
        String b = uploaded(StudentPackage.tuned("b", "pursuit"));
        post("/v1/students/" + a + "/promotions", "{\"reason\":\"first\"}");
        post("/v1/students/" + a + "/promotions", "{\"reason\":\"again\"}");
        post("/v1/students/" + b + "/promotions", "{\"reason\":\"better\"}");
        post("/v1/students/" + b + "/rollbacks", "{\"reason\":\"worse after all\"}");
        JsonNode journal = json(get("/v1/students/" + a + "/promotions")).get("items");
        assertThat(journal.size()).isEqualTo(2);
        assertThat(journal.get(0).get("kind").stringValue()).isEqualTo("rollback");
        assertThat(journal.get(0).get("rolledBack").stringValue()).isEqualTo(b);
        assertThat(journal.get(0).get("reason").stringValue()).isEqualTo("worse after all");
        assertThat(journal.get(1).get("reason").stringValue()).isEqualTo("first");
        assertThat(journal.get(1).get("decidedBy").stringValue()).isEqualTo("tester");
    }

    @Test
    void keepsOneServingStudentWhenManyArePromotedAtOnce() throws Exception {
        List<String> students = new ArrayList<>();
        for (int number = 0; number < 4; number++) {
            students.add(uploaded(StudentPackage.tuned("student-" + number, "pursuit")));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int round = 0; round < 8; round++) {
                String student = students.get(round % students.size());
                answers.add(threads.submit(() ->
                        post("/v1/students/" + student + "/promotions", "{}").statusCode()));
            }
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isEqualTo(200);
            }
        }
        assertThat(ids("?promoted=true")).hasSize(1);
    }

    @Test
    void showsNoTenantAnothersStudents() throws Exception {
        String id = uploaded(StudentPackage.tuned("ld", "pursuit"));
        String other = tenant + "-other";
        assertThat(json(send(as(other, "/v1/students", Scope.VIEW)))
                        .get("items")
                        .size())
                .isZero();
        for (String path : new String[] {"", "/files/adapter", "/files/manifest", "/promotions"}) {
            assertProblem(send(as(other, "/v1/students/" + id + path, Scope.VIEW)), ProblemType.UNKNOWN_STUDENT);
        }
        for (String path : new String[] {"/promotions", "/rollbacks"}) {
            assertProblem(
                    send(as(other, "/v1/students/" + id + path, Scope.OPERATE)
                            .POST(HttpRequest.BodyPublishers.noBody())),
                    ProblemType.UNKNOWN_STUDENT);
        }
        assertThat(upload(StudentPackage.tuned("ld", "pursuit")).statusCode()).isEqualTo(200);
    }

    @Test
    void needsTheScopeToOperate() throws Exception {
        String id = uploaded(StudentPackage.tuned("ld", "pursuit"));
        for (String path : new String[] {"/promotions", "/rollbacks"}) {
            assertProblem(
                    send(as(tenant, "/v1/students/" + id + path, Scope.VIEW, Scope.DECIDE, Scope.AUTHOR)
                            .POST(HttpRequest.BodyPublishers.noBody())),
                    ProblemType.FORBIDDEN);
        }
    }

    @Test
    void refusesMembersThatItDoesNotKnow() throws Exception {
        String id = uploaded(StudentPackage.tuned("ld", "pursuit"));
        assertProblem(post("/v1/students/" + id + "/promotions", "{\"reasn\":\"x\"}"), ProblemType.INVALID_REQUEST);
        assertProblem(post("/v1/students/" + id + "/promotions", "{\"reason\":"), ProblemType.MALFORMED_JSON);
        assertProblem(
                post("/v1/students/" + id + "/promotions", "{\"reason\":\"" + "x".repeat(1_001) + "\"}"),
                ProblemType.INVALID_REQUEST);
    }

    private List<String> ids(String query) throws Exception {
        List<String> ids = new ArrayList<>();
        json(get("/v1/students" + query))
                .get("items")
                .forEach(item -> ids.add(item.get("id").stringValue()));
        return ids;
    }

    private String etag() throws Exception {
        return get("/v1/students").headers().firstValue("ETag").orElseThrow();
    }

    private int poll(String etag) throws Exception {
        return send(request("/v1/students").header("If-None-Match", etag)).statusCode();
    }
}
