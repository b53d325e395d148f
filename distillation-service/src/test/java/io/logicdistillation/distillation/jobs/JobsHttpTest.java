package io.logicdistillation.distillation.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.distillation.ServiceHttpTest;
import io.logicdistillation.distillation.students.StudentPackage;
import io.logicdistillation.kit.Scope;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** Jobs from both sides: the tenant's and the worker's. */
public abstract class JobsHttpTest extends ServiceHttpTest {
    protected static final String JOBS = "/v1/distillation-jobs";

    /** Announced by the workers of one test only, so that a worker of all tenants meets no other test's jobs. */
    protected final String base = "base-" + UUID.randomUUID();

    /** Of the tenant, sealed; its name. */
    protected void dataset(String owner, String name) throws Exception {
        HttpResponse<String> made = send(author(owner, "/v1/datasets", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + name + "\",\"task\":\"pursuit\"}")));
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        String rows = """
                {"episode":"e1","stage":"move","view":"far","chosen":"go","candidates":[\
                {"function":"go","handle":"go","manual":"When it is far."},\
                {"function":"wait","handle":"wait","manual":"When it is near."}]}
                """;
        send(author(owner, "/v1/datasets/" + name + "/trajectories", "application/x-ndjson")
                .POST(HttpRequest.BodyPublishers.ofString(rows)));
        send(author(owner, "/v1/datasets/" + name + "/versions", "application/json")
                .POST(HttpRequest.BodyPublishers.noBody()));
    }

    protected String spec(String more) {
        return """
                {"name":"pursuit-ld","base":"%s","dataset":{"id":"d"},
                 "task":{"name":"pursuit","rules":"Catch it.","stages":[{"name":"move","instruction":"Choose."}]}%s}
                """.formatted(base, more);
    }

    protected HttpResponse<String> submit(String owner, String spec) throws Exception {
        return send(author(owner, JOBS, "application/json").POST(HttpRequest.BodyPublishers.ofString(spec)));
    }

    /** Submits a job and returns its id. */
    protected String submitted(String owner, String more) throws Exception {
        HttpResponse<String> answer = submit(owner, spec(more));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        return json(answer).get("id").stringValue();
    }

    /** In the tenant's registry. */
    protected void imported(StudentPackage student) throws Exception {
        HttpResponse<String> answer = send(as(tenant, "/v1/students", Scope.OPERATE)
                .header("Content-Type", "multipart/form-data; boundary=xyz")
                .POST(HttpRequest.BodyPublishers.ofByteArray(student.body())));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    protected JsonNode job(String id) throws Exception {
        return json(get(JOBS + "/" + id));
    }

    protected HttpRequest.Builder author(String owner, String path, String type) {
        return as(owner, path, Scope.AUTHOR, Scope.VIEW).header("Content-Type", type);
    }

    protected HttpRequest.Builder worker(String owner, String path) {
        return as(owner, "/worker/v1/claims" + path, Scope.WORK);
    }

    protected HttpResponse<String> claim(String owner, String worker, String gpu) throws Exception {
        return send(worker(owner, "")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"worker\":\"" + worker + "\",\"bases\":[\"" + base
                        + "\"],\"methods\":[\"ld\"],\"gpu\":" + gpu + "}")));
    }

    /** A claim that must be there. */
    protected JsonNode claimed(String owner, String worker) throws Exception {
        HttpResponse<String> answer = claim(owner, worker, "null");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer);
    }

    protected HttpResponse<String> tell(JsonNode claim, String what, String members) throws Exception {
        return send(worker(tenant, "/" + claim.get("id").stringValue() + "/" + what)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"fencingToken\":" + claim.get("fencingToken") + members + "}")));
    }

    protected HttpResponse<String> complete(JsonNode claim, StudentPackage student) throws Exception {
        return send(worker(
                        tenant,
                        "/" + claim.get("id").stringValue() + "/completions?fencingToken=" + claim.get("fencingToken"))
                .header("Content-Type", "multipart/form-data; boundary=xyz")
                .POST(HttpRequest.BodyPublishers.ofByteArray(student.body())));
    }
}
