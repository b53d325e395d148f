package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Scope;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StudentImportTest extends StudentsHttpTest {
    private static final StudentPackage TUNED = StudentPackage.tuned("pursuit-ld", "pursuit");

    @Test
    void takesAStudentInAndHandsItsFilesOutAgain() throws Exception {
        HttpResponse<String> answer = upload(TUNED);
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(json(answer).get("id").stringValue()).isEqualTo(TUNED.id());
        assertThat(json(answer).get("promoted").booleanValue()).isFalse();
        assertThat(json(answer).at("/manifest/training/seed").intValue()).isEqualTo(7);
        assertThat(answer.headers().firstValue("Location")).hasValue("/v1/students/" + TUNED.id());
        String files = "/v1/students/" + TUNED.id() + "/files/";
        assertThat(bytes(request(files + "adapter")).body()).isEqualTo(TUNED.adapter);
        assertThat(bytes(request(files + "activations")).body()).isEqualTo(TUNED.activations);
        HttpResponse<byte[]> manifest = bytes(request(files + "manifest"));
        assertThat(manifest.body()).isEqualTo(TUNED.manifest.getBytes(StandardCharsets.UTF_8));
        assertThat(manifest.headers().firstValue("ETag"))
                .hasValue('"' + TUNED.id().substring(7) + '"');
        assertThat(manifest.headers().firstValue("Repr-Digest").orElse("")).startsWith("sha-256=:");
        assertProblem(get(files + "other"), ProblemType.NOT_FOUND);
    }

    @Test
    void takesAnUntunedStudentWithoutAnAdapter() throws Exception {
        String id = uploaded(StudentPackage.untuned("pursuit"));
        assertThat(json(get("/v1/students/" + id)).get("method").stringValue()).isEqualTo("untuned");
        assertProblem(get("/v1/students/" + id + "/files/adapter"), ProblemType.NOT_FOUND);
    }

    @Test
    void answersTheSameUploadWithTheSameStudent() throws Exception {
        String id = uploaded(TUNED);
        HttpResponse<String> again = upload(TUNED);
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(json(again).get("id").stringValue()).isEqualTo(id);
        assertThat(json(get("/v1/students")).get("items").size()).isEqualTo(1);
    }

    @Test
    void leavesNothingHalfWrittenBehind() throws Exception {
        uploaded(TUNED);
        try (Stream<?> left = Files.list(FOLDER.resolve("data/incoming"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void refusesToHandOutADamagedFileAndIsHealedByImportingAgain() throws Exception {
        StudentPackage student = StudentPackage.tuned("damaged", "pursuit");
        String adapter = "/v1/students/" + uploaded(student) + "/files/adapter";
        byte[] damaged = student.adapter.clone();
        damaged[damaged.length - 1] ^= 1;
        Files.write(stored(student.adapter), damaged);
        assertProblem(get(adapter), ProblemType.UNAVAILABLE);
        Files.delete(stored(student.adapter));
        assertProblem(get(adapter), ProblemType.UNAVAILABLE);
        assertThat(upload(student).statusCode()).isEqualTo(200);
        assertThat(bytes(request(adapter)).body()).isEqualTo(student.adapter);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "A",
                "B",
                "header length",
                "cut",
                "type",
                "overlap",
                "gap",
                "trailing",
                "json",
                "name",
                "rank",
                "absurd",
                "negative",
                "empty"
            })
    void refusesAnAdapterThatIsNotSane(String fault) throws Exception {
        assertProblem(upload(TUNED.withAdapter(broken(fault))), ProblemType.INVALID_REQUEST);
        assertThat(json(get("/v1/students")).get("items").size()).isZero();
    }

    private static byte[] broken(String fault) {
        String header = StudentPackage.ADAPTER_HEADER;
        return switch (fault) {
            case "A", "B" -> StudentPackage.safetensors(header.replace("lora_" + fault, "lora_C"), 64, "");
            case "header length" -> new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, 1, 2, 3};
            case "cut" -> new byte[] {1, 2, 3};
            case "type" -> StudentPackage.safetensors(header.replace("F16", "F17"), 64, "");
            case "overlap" -> StudentPackage.safetensors(header.replace("[32,64]", "[0,32]"), 64, "");
            case "gap" -> StudentPackage.safetensors(header.replace("[32,64]", "[40,72]"), 72, "");
            case "trailing" -> StudentPackage.safetensors(header, 65, "");
            case "json" -> StudentPackage.safetensors(header.replace(":", ";"), 64, "");
            case "name" -> StudentPackage.safetensors(header.replace(".weight", ".bias"), 64, "");
            case "rank" ->
                StudentPackage.safetensors(header.replace("[2,8]", "[4,4]").replace("[8,2]", "[4,4]"), 64, "");
            case "absurd" -> StudentPackage.safetensors(header.replace("[2,8]", "[9223372036854775807,8]"), 64, "");
            case "negative" -> StudentPackage.safetensors(header.replace("[2,8]", "[-2,-8]"), 64, "");
            case "empty" -> StudentPackage.safetensors("{}", 0, "");
            default -> throw new IllegalArgumentException(fault);
        };
    }

    @Test
    void refusesActivationsThatAreNone() throws Exception {
        byte[] other = StudentPackage.safetensors(
                StudentPackage.ACTIVATIONS_HEADER.replace("layers.0.qkv", "layers.0.other"), 32, "");
        assertProblem(upload(TUNED.withActivations(other)), ProblemType.INVALID_REQUEST);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "format":1              | "format":2
            "format":1,             | ''
            "name":"pursuit-ld"     | "name":"../etc"
            "name":"pursuit-ld"     | "name":null
            "task":"pursuit"        | "task":7
            "task":"pursuit"        | "task":"Pursuit Game"
            "method":"ld"           | "method":"untuned"
            "base":{"name":"SmolLM2-135M-Instruct" | "base":{"name":""
            SmolLM2-135M-Instruct.Q4_1.gguf        | ../model.gguf
            0000000000000000        | 000
            "path":"adapter.safetensors" | "path":"/etc/passwd"
            "lora":{"rank":2,"alpha":4}  | "lora":null
            "rank":2                | "rank":0
            "preferredWay":"recall" | "preferredWay":"guess"
            "prompt":{              | "prompt":null,"other":{
            "files":{               | "files":{},"other":{
            "knownEntries":[]       | "knownEntries":[],"task":"other"
            """)
    void refusesAManifestThatIsNotValid(String part, String replacement) throws Exception {
        assertThat(TUNED.manifest).contains(part);
        HttpResponse<String> answer = upload(TUNED.withManifest(TUNED.manifest.replace(part, replacement)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(json(answer).get("type").stringValue()).startsWith("urn:logic-distillation:problem:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{}", "\"a\"", "{\"format\":1,\"name\":\"\\ud800\"}"})
    void refusesAManifestThatIsNone(String manifest) throws Exception {
        assertThat(upload(TUNED.withManifest(manifest)).statusCode()).isEqualTo(400);
    }

    @Test
    void refusesFilesThatTheManifestDoesNotPromise() throws Exception {
        StudentPackage other = StudentPackage.tuned("another", "pursuit");
        assertProblem(upload(TUNED.withManifest(other.manifest)), ProblemType.INVALID_REQUEST);
        assertProblem(upload(new StudentPackage(TUNED.manifest, null, TUNED.activations)), ProblemType.INVALID_REQUEST);
        StudentPackage untuned = StudentPackage.untuned("pursuit");
        assertProblem(
                upload(new StudentPackage(untuned.manifest, TUNED.adapter, untuned.activations)),
                ProblemType.INVALID_REQUEST);
        assertProblem(upload(new StudentPackage(TUNED.manifest, TUNED.adapter, null)), ProblemType.INVALID_REQUEST);
    }

    @Test
    void refusesWhatIsNoUpload() throws Exception {
        assertProblem(post("/v1/students", "{}"), ProblemType.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void needsTheScopeToOperate() throws Exception {
        assertProblem(
                send(as(tenant, "/v1/students", Scope.DECIDE, Scope.AUTHOR)
                        .header("Content-Type", "multipart/form-data; boundary=xyz")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(TUNED.body()))),
                ProblemType.FORBIDDEN);
    }
}
