package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Sha256;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import software.amazon.awssdk.services.s3.S3Client;

/** The service with its artifacts in a bucket instead of a folder. */
@DirtiesContext
class StudentsInABucketTest extends StudentsHttpTest {
    private static final S3Server SERVER = new S3Server();

    @DynamicPropertySource
    static void bucket(DynamicPropertyRegistry registry) {
        registry.add("platform.s3.bucket", () -> S3Server.BUCKET);
        registry.add("platform.s3.endpoint", SERVER::endpoint);
        registry.add("platform.s3.prefix", () -> "own/");
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    @Test
    void takesAStudentInAndHandsItsFilesOutFromTheBucket() throws Exception {
        StudentPackage student = StudentPackage.tuned("in-a-bucket", "pursuit");
        String file = "/v1/students/" + uploaded(student) + "/files/adapter";
        String sha256 = Sha256.of(student.adapter);
        assertThat(Files.exists(FOLDER.resolve("data/objects/" + sha256.substring(0, 2) + "/" + sha256)))
                .isFalse();
        HttpResponse<byte[]> answer = bytes(request(file));
        assertThat(answer.body()).isEqualTo(student.adapter);
        assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(student.adapter.length);
        assertThat(bytes(request(file).header("Range", "bytes=10-19")).body())
                .isEqualTo(Arrays.copyOfRange(student.adapter, 10, 20));
        assertThat(bytes(request(file).header("If-None-Match", '"' + sha256 + '"'))
                        .statusCode())
                .isEqualTo(304);
        assertThat(bytes(request(file).method("HEAD", HttpRequest.BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(200);
        assertThat(FOLDER.resolve("data/incoming")).isEmptyDirectory();
        try (S3Client s3 = SERVER.client(S3Server.BUCKET)) {
            s3.deleteObject(request ->
                    request.bucket(S3Server.BUCKET).key("own/objects/" + sha256.substring(0, 2) + "/" + sha256));
        }
        assertProblem(get(file), ProblemType.UNAVAILABLE);
        assertThat(upload(student).statusCode()).isEqualTo(200);
        assertThat(bytes(request(file)).body()).isEqualTo(student.adapter);
    }
}
