package io.logicdistillation.inference.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.upstream.Source;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.inference.upstream.TenantClients;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** The distillation-service's registry of students, over HTTP. Thread-safe. */
final class Registry {
    private static final int MOST_PAGES = 50;

    private final TenantClients clients;
    private final TenantClients reports;

    /** @param reports may say how canaries do, which can end them */
    Registry(TenantClients clients, TenantClients reports) {
        this.clients = clients;
        this.reports = reports;
    }

    /** The student that a decision wants; none if no student is promoted and none serves any task. */
    Source.Answer<Optional<Student>> find(StudentRef wanted, @Nullable String etag) {
        String nameOrId = wanted.nameOrId();
        return nameOrId == null
                ? promoted(wanted, etag)
                : new Source.Answer.Changed<>(Optional.of(named(wanted, nameOrId)), null);
    }

    private Source.Answer<Optional<Student>> promoted(StudentRef wanted, @Nullable String etag) {
        return switch (clients.getIfChanged(
                wanted.task().tenant(),
                etag,
                StudentPage.class,
                "/v1/students?task={task}&promoted=true",
                wanted.task().task())) {
            case Source.Answer.Unchanged<StudentPage>() -> new Source.Answer.Unchanged<>();
            case Source.Answer.Changed<StudentPage>(StudentPage page, String tag) ->
                page.items().stream()
                        .filter(Student::promoted)
                        .findFirst()
                        .map(student -> new Source.Answer.Changed<>(Optional.of(student), tag))
                        // No tag: what serves instead may change while the list of promoted ones stays as it is.
                        .orElseGet(() -> new Source.Answer.Changed<>(beforeDistillation(wanted.task()), null));
        };
    }

    /** The newest general student, which was taught to read conditions; else the base model, as packaged for the task if it was. */
    private Optional<Student> beforeDistillation(TaskKey task) {
        return all(task.tenant()).stream()
                .filter(Students::servesAnyTask)
                .max(Comparator.comparing(Students::isGeneral)
                        .thenComparing(student -> task.task().equals(student.task()))
                        .thenComparing(Student::createdAt));
    }

    private Student named(StudentRef wanted, String nameOrId) {
        String tenant = wanted.task().tenant();
        if (wanted.anyTask()) {
            return ofAnyTask(all(tenant), nameOrId);
        }
        String task = wanted.task().task();
        return newest(list(tenant, "/v1/students?task={task}", task), nameOrId)
                .or(() -> newest(
                        list(tenant, "/v1/students").stream()
                                .filter(Students::servesAnyTask)
                                .toList(),
                        nameOrId))
                .orElseThrow(() -> new PlatformException(
                        ProblemType.UNKNOWN_STUDENT, "Task '" + task + "' has no student '" + nameOrId + "'"));
    }

    private static Student ofAnyTask(List<Student> students, String nameOrId) {
        return newest(students, nameOrId)
                .or(() -> students.stream()
                        .filter(Students::isUntuned)
                        .filter(student -> nameOrId.equals(Students.baseModel(student)))
                        .max(Comparator.comparing(Student::createdAt)))
                .orElseThrow(() -> new PlatformException(
                        ProblemType.UNKNOWN_STUDENT,
                        "There is no model '" + nameOrId + "'; GET /v1/models lists what there is"));
    }

    /** Every student of the tenant. */
    List<Student> all(String tenant) {
        return list(tenant, "/v1/students");
    }

    private static Optional<Student> newest(List<Student> students, String nameOrId) {
        return students.stream()
                .filter(student -> nameOrId.equals(student.id()) || nameOrId.equals(student.name()))
                .max(Comparator.comparing(Student::createdAt));
    }

    private List<Student> list(String tenant, String path, Object... variables) {
        List<Student> all = new ArrayList<>();
        String cursor = null;
        for (int page = 0; page < MOST_PAGES; page++) {
            StudentPage answer = page(tenant, path, cursor, variables);
            all.addAll(answer.items());
            cursor = answer.next();
            if (cursor == null) {
                break;
            }
        }
        return all;
    }

    private StudentPage page(String tenant, String path, @Nullable String cursor, Object... variables) {
        ResponseEntity<StudentPage> answer = clients.of(tenant)
                .get()
                .uri(builder -> {
                    int query = path.indexOf('?');
                    builder.path(query < 0 ? path : path.substring(0, query));
                    if (query >= 0) {
                        builder.query(path.substring(query + 1));
                    }
                    if (cursor != null) {
                        builder.queryParam("cursor", cursor);
                    }
                    return builder.build(variables);
                })
                .retrieve()
                .toEntity(StudentPage.class);
        StudentPage page = answer.getBody();
        if (page == null) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "The registry of students answered with nothing");
        }
        return page;
    }

    /** Says how a canary does. @return whether it still runs */
    boolean report(String tenant, String canary, Object figures) {
        CanaryState state = reports.of(tenant)
                .put()
                .uri("/v1/canaries/{id}/figures", canary)
                .contentType(MediaType.APPLICATION_JSON)
                .body(figures)
                .retrieve()
                .body(CanaryState.class);
        return state == null || state.running();
    }

    /**
     * Streams one of a student's files to disk.
     *
     * @param file manifest, adapter or activations
     * @throws IOException if it does not arrive or is longer than the limit
     */
    void download(String tenant, String id, String file, Path target, long longest) throws IOException {
        IOException failure = clients.of(tenant)
                .get()
                .uri("/v1/students/{id}/files/{file}", id, file)
                .exchange((request, response) -> {
                    if (!response.getStatusCode().is2xxSuccessful()) {
                        return new IOException(
                                "the registry answered " + response.getStatusCode() + " for its " + file);
                    }
                    return copy(response.getBody(), target, longest);
                });
        if (failure != null) {
            throw failure;
        }
    }

    private static @Nullable IOException copy(InputStream body, Path target, long longest) {
        try (var out = Files.newOutputStream(target)) {
            byte[] buffer = new byte[1 << 16];
            long copied = 0;
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                copied += read;
                if (copied > longest) {
                    return new IOException(target.getFileName() + " is longer than " + longest + " bytes");
                }
                out.write(buffer, 0, read);
            }
            return null;
        } catch (IOException failure) {
            return failure;
        }
    }

    /** What the registry answers to a report. */
    private record CanaryState(boolean running) {}

    /** One page of the registry's list. */
    private record StudentPage(
            List<Student> items, @Nullable String next) {}
}
