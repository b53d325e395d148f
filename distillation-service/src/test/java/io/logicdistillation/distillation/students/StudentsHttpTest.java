package io.logicdistillation.distillation.students;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.distillation.ServiceHttpTest;
import io.logicdistillation.kit.Sha256;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/** The service over HTTP, with students to import. */
abstract class StudentsHttpTest extends ServiceHttpTest {
    HttpResponse<String> upload(StudentPackage student) throws Exception {
        return send(request("/v1/students")
                .header("Content-Type", "multipart/form-data; boundary=xyz")
                .POST(HttpRequest.BodyPublishers.ofByteArray(student.body())));
    }

    /** Uploads and returns the id. */
    String uploaded(StudentPackage student) throws Exception {
        HttpResponse<String> answer = upload(student);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return json(answer).get("id").stringValue();
    }

    static Path stored(byte[] content) {
        String sha256 = Sha256.of(content);
        Path place =
                FOLDER.resolve("data/objects").resolve(sha256.substring(0, 2)).resolve(sha256);
        assertThat(Files.exists(place)).isTrue();
        return place;
    }
}
