package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.logicdistillation.contracts.ProblemType;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** All of a tenant is deleted in every service and proven to be; and passes to and from the services as a whole. */
@TestPropertySource(properties = {"platform.tenants.settle=1s", "platform.tenants.poll=100ms"})
class TenantDeletionTest extends GatewayHttpTest {
    private final String tenant = "t" + UUID.randomUUID();
    private Kept functionBase;
    private Kept distillation;
    private Kept inference;

    /** A service that deletes some rows at a time, and to which one comes late. */
    private static final class Kept {
        private final AtomicInteger rows;
        private final AtomicInteger late;

        Kept(FakeUpstream service, String table, int rows, int late) {
            this.rows = new AtomicInteger(rows);
            this.late = new AtomicInteger(late);
            service.answers(exchange -> {
                String body;
                if (!exchange.getRequestURI().getPath().equals("/v1/tenant-data")) {
                    body = "{\"ok\":true}";
                } else if (exchange.getRequestMethod().equals("DELETE")) {
                    int some = Math.min(2, this.rows.get());
                    int left = this.rows.addAndGet(-some);
                    body = "{\"deleted\":{\"%s\":%d},\"files\":0,\"complete\":%b}".formatted(table, some, left == 0);
                    this.rows.addAndGet(left == 0 ? this.late.getAndSet(0) : 0);
                } else {
                    body = "{\"service\":\"s\",\"rows\":{\"%s\":%d},\"files\":0}".formatted(table, this.rows.get());
                }
                FakeUpstream.answer(exchange, 200, "application/json", body);
            });
        }
    }

    @BeforeEach
    void servicesThatKeepThings() throws Exception {
        functionBase = new Kept(FUNCTION_BASE, "tasks", 3, 0);
        distillation = new Kept(DISTILLATION, "students", 5, 0);
        inference = new Kept(INFERENCE, "decisions", 7, 1);
        assertThat(send(json(as(PLATFORM, "/v1/tenants"), "{\"name\":\"" + tenant + "\"}"))
                        .statusCode())
                .isEqualTo(201);
    }

    private String key() throws Exception {
        HttpResponse<String> made = send(json(
                as(PLATFORM, "/v1/keys"), "{\"name\":\"shop\",\"tenant\":\"" + tenant + "\",\"role\":\"decider\"}"));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return JSON.readTree(made.body()).get("secret").stringValue();
    }

    private HttpResponse<String> delete() throws Exception {
        return send(
                as(PLATFORM, "/v1/tenants/" + tenant + "?reason=They%20left").DELETE());
    }

    private JsonNode deletion() throws Exception {
        return JSON.readTree(
                send(as(PLATFORM, "/v1/tenants/" + tenant + "/deletion")).body());
    }

    private JsonNode completed() {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(deletion().path("state").asString()).isEqualTo("completed"));
        try {
            return deletion();
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static JsonNode part(JsonNode deletion, String service) {
        for (JsonNode part : deletion.get("services")) {
            if (part.get("service").asString().equals(service)) {
                return part;
            }
        }
        throw new AssertionError(service + " is not in " + deletion);
    }

    @Test
    void deletesEverywhereAndProvesIt() throws Exception {
        String key = key();
        assertThat(send(as(key, "/v1/tasks")).statusCode()).isEqualTo(200);

        HttpResponse<String> ordered = delete();

        assertThat(ordered.statusCode()).as(ordered.body()).isEqualTo(202);
        assertThat(ordered.headers().firstValue("Location")).hasValue("/v1/tenants/" + tenant + "/deletion");
        assertProblem(send(as(key, "/v1/tasks")), ProblemType.UNAUTHENTICATED);
        assertThat(delete().statusCode())
                .as("to order it again changes nothing")
                .isEqualTo(202);
        JsonNode done = completed();
        assertThat(JSON.readTree(delete().body())).isEqualTo(done);
        assertThat(part(done, "gateway").at("/before/rows/keys").asInt()).isEqualTo(1);
        assertThat(part(done, "gateway").at("/before/rows/key_secrets").asInt()).isEqualTo(1);
        assertThat(part(done, "gateway").at("/after/rows/keys").asInt(-1)).isZero();
        assertThat(part(done, "function-base-service").at("/before/rows/tasks").asInt())
                .isEqualTo(3);
        assertThat(part(done, "function-base-service").at("/deleted/rows/tasks").asInt())
                .isEqualTo(3);
        assertThat(part(done, "distillation-service")
                        .at("/deleted/rows/students")
                        .asInt())
                .isEqualTo(5);
        assertThat(part(done, "inference-service").at("/before/rows/decisions").asInt())
                .isEqualTo(7);
        assertThat(part(done, "inference-service").at("/deleted/rows/decisions").asInt())
                .as("what came in late is deleted too")
                .isEqualTo(8);
        assertThat(part(done, "inference-service").at("/after/rows/decisions").asInt(-1))
                .isZero();
        assertThat(List.of(functionBase.rows.get(), distillation.rows.get(), inference.rows.get()))
                .containsOnly(0);
        String audit = send(as(PLATFORM, "/v1/audit?limit=200")).body();
        assertThat(audit)
                .contains(
                        "\"tenant-closed\"",
                        "\"tenant-deleted\"",
                        "They left",
                        done.get("id").asString());
        assertThat(send(as(PLATFORM, "/v1/tenants?limit=200")).body()).doesNotContain(tenant);
        assertProblem(
                send(json(
                        as(PLATFORM, "/v1/keys"),
                        "{\"name\":\"n\",\"tenant\":\"" + tenant + "\",\"role\":\"viewer\"}")),
                ProblemType.UNKNOWN_TENANT);

        assertThat(send(json(as(PLATFORM, "/v1/tenants"), "{\"name\":\"" + tenant + "\"}"))
                        .statusCode())
                .as("the name is free again")
                .isEqualTo(201);
        assertThat(send(as(key(), "/v1/tasks")).statusCode()).isEqualTo(200);
        assertProblem(send(as(key, "/v1/tasks")), ProblemType.UNAUTHENTICATED);
    }

    @Test
    void shutsOutKeysOfTheFileToo() throws Exception {
        String filed = "ld_filed" + UUID.randomUUID();
        Files.writeString(
                KEYS, defaultKeys().replaceFirst("]$", "," + keyRecord("filed", filed, tenant, "\"view\"") + "]"));
        try {
            await().untilAsserted(() ->
                    assertThat(send(as(filed, "/v1/tasks")).statusCode()).isEqualTo(200));
            delete();
            assertProblem(send(as(filed, "/v1/tasks")), ProblemType.UNAUTHENTICATED);
            completed();
            assertProblem(send(as(filed, "/v1/tasks")), ProblemType.UNAUTHENTICATED);
        } finally {
            Files.writeString(KEYS, defaultKeys());
        }
    }

    @Test
    void waitsForAServiceThatIsAwayAndGoesOn() throws Exception {
        DISTILLATION.goAway();
        assertThat(delete().statusCode()).isEqualTo(202);
        await().atMost(Duration.ofSeconds(15))
                .untilAsserted(() ->
                        assertThat(deletion().path("problem").asString("")).contains("Held up"));
        assertThat(deletion().get("state").asString()).isEqualTo("running");
        assertProblem(send(json(as(PLATFORM, "/v1/tenants"), "{\"name\":\"" + tenant + "\"}")), ProblemType.CONFLICT);
        DISTILLATION.comeBack();
        JsonNode done = completed();
        assertThat(done.path("problem").isMissingNode() || done.path("problem").isNull())
                .isTrue();
        assertThat(distillation.rows.get()).isZero();
    }

    @Test
    void isForThoseWhoLookAfterAllTenants() throws Exception {
        for (String path : List.of("", "/deletion", "/data/inference", "/data/distillation/rows")) {
            assertProblem(send(as(OWNER, "/v1/tenants/acme" + path)), ProblemType.FORBIDDEN);
        }
        assertProblem(send(as(OWNER, "/v1/tenants/acme").DELETE()), ProblemType.FORBIDDEN);
        assertProblem(send(request("/v1/tenants/acme").DELETE()), ProblemType.UNAUTHENTICATED);
        assertProblem(send(as(PLATFORM, "/v1/tenants/*").DELETE()), ProblemType.INVALID_REQUEST);
        FUNCTION_BASE.reset();
        DISTILLATION.answers(exchange ->
                FakeUpstream.answer(exchange, 200, "application/json", "{\"service\":\"s\",\"rows\":{},\"files\":0}"));
        INFERENCE.answers(exchange ->
                FakeUpstream.answer(exchange, 200, "application/json", "{\"service\":\"s\",\"rows\":{},\"files\":0}"));
        FUNCTION_BASE.answers(exchange ->
                FakeUpstream.answer(exchange, 200, "application/json", "{\"service\":\"s\",\"rows\":{},\"files\":0}"));
        assertProblem(send(as(PLATFORM, "/v1/tenants/nobody").DELETE()), ProblemType.UNKNOWN_TENANT);
        assertProblem(send(as(PLATFORM, "/v1/tenants/nobody/deletion")), ProblemType.UNKNOWN_TENANT);
    }

    @Test
    void passesATenantsDataThroughOnItsBehalf() throws Exception {
        String path = "/v1/tenants/" + tenant + "/data/";
        assertThat(send(as(PLATFORM, path + "function-base/rows")).statusCode()).isEqualTo(200);
        assertThat(FUNCTION_BASE.seen().uri()).isEqualTo("/v1/tenant-data/rows");
        String token = FUNCTION_BASE.seen().headers().getFirst("Authorization").substring("Bearer ".length());
        var claims = tokens.decoder().decode(token);
        assertThat(claims.getClaimAsString("tenant")).isEqualTo(tenant);
        assertThat(claims.getClaimAsString("scope")).isEqualTo("admin");
        assertThat(claims.getSubject()).isEqualTo("platform of *");
        byte[] large = new byte[3 << 20];
        assertThat(send(as(PLATFORM, path + "distillation/files/" + "0".repeat(64))
                                .header("Content-Type", "application/octet-stream")
                                .PUT(HttpRequest.BodyPublishers.ofByteArray(large)))
                        .statusCode())
                .isEqualTo(200);
        assertThat(DISTILLATION.seen().uri()).isEqualTo("/v1/tenant-data/files/" + "0".repeat(64));
        assertThat(DISTILLATION.seen().body()).hasSize(large.length);
        assertThat(send(as(PLATFORM, path + "inference")).body()).contains("decisions");
        assertProblem(send(as(PLATFORM, path + "elsewhere")), ProblemType.NOT_FOUND);
        assertProblem(send(as(PLATFORM, path + "inference").DELETE()), ProblemType.NOT_FOUND);
    }
}
