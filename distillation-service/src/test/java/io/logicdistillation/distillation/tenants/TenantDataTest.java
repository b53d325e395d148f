package io.logicdistillation.distillation.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.jobs.JobsHttpTest;
import io.logicdistillation.distillation.students.StudentPackage;
import io.logicdistillation.kit.Scope;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** All of one tenant, rows and files: counted, erased, taken out and brought in. */
class TenantDataTest extends JobsHttpTest {
    private static final String ALL = "/v1/tenant-data";
    private static final String ROWS = ALL + "/rows";
    private static final List<String> TABLES = List.of("students", "promotions", "datasets", "jobs", "job_tenants");

    @Autowired
    private JdbcClient jdbc;

    private final StudentPackage own = StudentPackage.tuned("own-" + UUID.randomUUID(), "pursuit");
    private final StudentPackage shared = StudentPackage.tuned("shared-" + UUID.randomUUID(), "pursuit");

    @BeforeEach
    void aTenantWithHistory() throws Exception {
        dataset(tenant, "d");
        imported(own);
        imported(shared);
        promote(own);
        promote(shared);
        submitted(tenant, "");
        JsonNode claim = claimed(tenant, "w1");
        byte[] bytes = "half way".getBytes(StandardCharsets.UTF_8);
        HttpResponse<String> saved = send(worker(
                        tenant,
                        "/" + claim.get("id").stringValue() + "/checkpoints?fencingToken=" + claim.get("fencingToken")
                                + "&step=1&sha256=" + sha256(bytes))
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes)));
        assertThat(saved.statusCode()).as(saved.body()).isBetween(200, 204);
    }

    private void promote(StudentPackage student) throws Exception {
        HttpResponse<String> promoted =
                post("/v1/students/" + student.id() + "/promotions", "{\"override\":true,\"reason\":\"a test\"}");
        assertThat(promoted.statusCode()).as(promoted.body()).isBetween(200, 201);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    private HttpRequest.Builder admin(String whose, String path) {
        return as(whose, path, Scope.ADMIN);
    }

    private HttpResponse<String> bring(String whose, String lines) throws Exception {
        return send(admin(whose, ROWS)
                .header("Content-Type", "application/x-ndjson")
                .PUT(HttpRequest.BodyPublishers.ofString(lines)));
    }

    /** Asked from outside of what is tested. */
    private Map<String, Long> stored(String whose) {
        Map<String, Long> stored = new TreeMap<>();
        TABLES.forEach(table -> stored.put(
                table,
                jdbc.sql("SELECT count(*) FROM " + table + " WHERE tenant = ?")
                        .param(whose)
                        .query(Long.class)
                        .single()));
        stored.put("trajectories", countOf("trajectories t JOIN datasets o ON o.number = t.dataset", whose));
        stored.put("dataset_versions", countOf("dataset_versions t JOIN datasets o ON o.number = t.dataset", whose));
        stored.put("job_attempts", countOf("job_attempts t JOIN jobs o ON o.number = t.job", whose));
        stored.put("job_events", countOf("job_events t JOIN jobs o ON o.number = t.job", whose));
        return stored;
    }

    private long countOf(String joined, String whose) {
        return jdbc.sql("SELECT count(*) FROM " + joined + " WHERE o.tenant = ?")
                .param(whose)
                .query(Long.class)
                .single();
    }

    private long orphans() {
        return jdbc.sql("SELECT count(*) FROM job_checkpoints WHERE job NOT IN (SELECT number FROM jobs)")
                .query(Long.class)
                .single();
    }

    private static boolean isStored(StudentPackage student) {
        String sha256 = student.id().substring("sha256:".length());
        return Files.exists(
                FOLDER.resolve("data/objects").resolve(sha256.substring(0, 2)).resolve(sha256));
    }

    private static long checkpoints() throws IOException {
        Path folder = FOLDER.resolve("data/checkpoints");
        if (!Files.exists(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void erasesRowsAndFilesButNothingThatAnotherTenantHasToo() throws Exception {
        String other = "t" + UUID.randomUUID();
        send(as(other, "/v1/students", Scope.OPERATE)
                .header("Content-Type", "multipart/form-data; boundary=xyz")
                .POST(HttpRequest.BodyPublishers.ofByteArray(shared.body())));
        Map<String, Long> before = stored(tenant);
        assertThat(before.values()).doesNotContain(0L);
        JsonNode counted = json(send(admin(tenant, ALL)));
        before.forEach((table, count) ->
                assertThat(counted.at("/rows/" + table).asLong()).as(table).isEqualTo(count));
        assertThat(counted.at("/rows/job_checkpoints").asLong()).isEqualTo(1);
        assertThat(counted.get("files").asLong()).isEqualTo(6);
        long lying = checkpoints();

        JsonNode erased = json(send(admin(tenant, ALL).DELETE()));

        assertThat(erased.get("complete").asBoolean()).as(erased.toString()).isTrue();
        before.forEach((table, count) ->
                assertThat(erased.at("/deleted/" + table).asLong()).as(table).isEqualTo(count));
        assertThat(stored(tenant).values()).containsOnly(0L);
        assertThat(orphans()).isZero();
        assertThat(isStored(own)).isFalse();
        assertThat(isStored(shared)).isTrue();
        assertThat(checkpoints()).isEqualTo(lying - 1);
        for (String file : List.of("manifest", "adapter", "activations")) {
            assertThat(bytes(as(other, "/v1/students/" + shared.id() + "/files/" + file, Scope.VIEW))
                            .statusCode())
                    .as(file)
                    .isEqualTo(200);
        }
        JsonNode left = json(send(admin(tenant, ALL)));
        assertThat(left.get("files").asLong()).isZero();
        left.get("rows")
                .properties()
                .forEach(each ->
                        assertThat(each.getValue().asLong()).as(each.getKey()).isZero());
        assertThat(json(send(admin(tenant, ALL).DELETE())).get("complete").asBoolean())
                .isTrue();
        send(admin(other, ALL).DELETE());
        assertThat(isStored(shared)).isFalse();
    }

    @Test
    void bringsStudentsWithTheirFilesAndDatasetsToAnotherInstallation() throws Exception {
        String lines = send(admin(tenant, ROWS)).body();
        JsonNode end = tools.jackson.databind.json.JsonMapper.shared()
                .readTree(lines.lines().toList().getLast())
                .get("end");
        Map<String, byte[]> files = new TreeMap<>();
        for (JsonNode file : end.get("files")) {
            files.put(
                    file.stringValue(),
                    bytes(admin(tenant, ALL + "/files/" + file.stringValue())).body());
        }
        assertThat(files).hasSize(5);
        assertProblem(
                send(admin(
                        "t" + UUID.randomUUID(),
                        ALL + "/files/" + files.keySet().iterator().next())),
                ProblemType.NOT_FOUND);
        Map<String, Long> before = stored(tenant);
        String students = get("/v1/students").body();
        String rows = get("/v1/datasets/d/versions/1/trajectories").body();
        send(admin(tenant, ALL).DELETE());
        tenant = "t" + UUID.randomUUID();

        assertProblem(bring(tenant, lines), ProblemType.CONFLICT);
        String first = files.keySet().iterator().next();
        assertProblem(store(first, "rot".getBytes(StandardCharsets.UTF_8)), ProblemType.INVALID_REQUEST);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            assertThat(store(file.getKey(), file.getValue()).statusCode()).isEqualTo(204);
        }
        HttpResponse<String> taken = bring(tenant, lines);

        assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
        assertThat(stored(tenant)).isEqualTo(before);
        assertThat(get("/v1/students").body()).isEqualTo(students);
        assertThat(get("/v1/datasets/d/versions/1/trajectories").body()).isEqualTo(rows);
        assertThat(get("/v1/students/" + shared.id() + "/promotions").body()).contains("a test");
        assertThat(json(post("/v1/students/" + shared.id() + "/rollbacks", "{}"))
                        .get("id")
                        .stringValue())
                .isEqualTo(own.id());
        assertProblem(bring(tenant, lines), ProblemType.CONFLICT);
    }

    private HttpResponse<String> store(String sha256, byte[] content) throws Exception {
        return send(admin(tenant, ALL + "/files/" + sha256)
                .header("Content-Type", "application/octet-stream")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(content)));
    }

    @Test
    void isForThoseWhoLookAfterTenants() throws Exception {
        assertProblem(get(ALL), ProblemType.FORBIDDEN);
        assertProblem(get(ROWS), ProblemType.FORBIDDEN);
        assertProblem(send(request(ALL).DELETE()), ProblemType.FORBIDDEN);
    }
}
