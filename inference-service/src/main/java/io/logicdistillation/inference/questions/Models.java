package io.logicdistillation.inference.questions;

import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.students.Engines;
import io.logicdistillation.inference.students.StudentRef;
import io.logicdistillation.inference.students.Students;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The students of a tenant under the names by which clients of the decision APIs ask for them. Thread-safe. */
final class Models {
    private final Students students;
    private final DecisionApiProperties properties;

    Models(Students students, DecisionApiProperties properties) {
        this.students = students;
        this.properties = properties;
    }

    /** The name of a student: aliases and silence mean the general one. */
    String resolve(String tenant, @Nullable String asked) {
        if (asked != null && !properties.aliases().contains(asked)) {
            return asked;
        }
        List<String> general = properties.general();
        return general.stream()
                .filter(name -> students.knows(StudentRef.ofAnyTask(tenant, name)))
                .findFirst()
                .orElseGet(general::getLast);
    }

    /** @throws io.logicdistillation.contracts.PlatformException if there is no such model, or it can not be had */
    Engines.Lease lease(String tenant, String resolved, Duration patience) {
        return students.lease(StudentRef.ofAnyTask(tenant, resolved), patience);
    }

    /** One answer for the clients of both formats; each ignores the other's member. */
    ObjectNode list(String tenant) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = body.putArray("data");
        ArrayNode models = body.putArray("models");
        named(students.all(tenant)).forEach((name, student) -> {
            data.addObject()
                    .put("id", name)
                    .put("object", "model")
                    .put("created", student.createdAt().getEpochSecond())
                    .put("owned_by", "logic-distillation");
            models.addObject()
                    .put("name", name)
                    .put("description", description(student))
                    .put(
                            "release_date",
                            student.createdAt()
                                    .atZone(ZoneOffset.UTC)
                                    .toLocalDate()
                                    .toString())
                    .put("x_student", student.id());
        });
        return body;
    }

    /** The newest student of each name, then the base models, then the aliases. */
    private Map<String, Student> named(List<Student> all) {
        List<Student> newestFirst = all.stream()
                .sorted(Comparator.comparing(Student::createdAt).reversed())
                .toList();
        Map<String, Student> named = new LinkedHashMap<>();
        newestFirst.forEach(student -> named.putIfAbsent(student.name(), student));
        newestFirst.stream()
                .filter(Students::isUntuned)
                .filter(student -> !Students.baseModel(student).isEmpty())
                .forEach(student -> named.putIfAbsent(Students.baseModel(student), student));
        properties.general().stream()
                .map(named::get)
                .filter(Objects::nonNull)
                .findFirst()
                .ifPresent(general -> properties.aliases().forEach(alias -> named.put(alias, general)));
        return named;
    }

    private static String description(Student student) {
        return Students.isUntuned(student)
                ? "The base model " + Students.baseModel(student) + " itself, not distilled for any task"
                : "Distilled for the task '" + student.task() + "' (" + student.method() + ")";
    }
}
