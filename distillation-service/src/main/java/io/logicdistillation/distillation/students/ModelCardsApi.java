package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.distillation.datasets.DatasetStore;
import io.logicdistillation.distillation.datasets.Profiles;
import io.logicdistillation.kit.Caller;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** A student's card over HTTP, for people and for whoever keeps records of models. */
@RestController
class ModelCardsApi {
    private static final MediaType MARKDOWN = new MediaType("text", "markdown", StandardCharsets.UTF_8);

    private final Students students;
    private final Canaries canaries;
    private final Verdicts verdicts;
    private final DatasetStore datasets;
    private final Profiles profiles;

    ModelCardsApi(Students students, Canaries canaries, Verdicts verdicts, DatasetStore datasets, Profiles profiles) {
        this.students = students;
        this.canaries = canaries;
        this.verdicts = verdicts;
        this.datasets = datasets;
        this.profiles = profiles;
    }

    @GetMapping("/v1/students/{student}/card")
    ResponseEntity<String> card(@PathVariable String student) {
        String tenant = Caller.current().tenant();
        Student found = students.find(tenant, student, null).student();
        return ResponseEntity.ok()
                .contentType(MARKDOWN)
                .body(ModelCard.of(new ModelCard.Sources(
                        found,
                        verdicts.today(tenant, found),
                        profile(tenant, found),
                        canaries.journal(tenant, found.id()))));
    }

    /** Of the dataset that its job names; a dataset may be gone. */
    private Optional<Profiles.Profile> profile(String tenant, Student student) {
        try {
            return Evaluation.dataset(student).map(id -> profiles.of(datasets.get(tenant, id)));
        } catch (PlatformException gone) {
            return Optional.empty();
        }
    }
}
