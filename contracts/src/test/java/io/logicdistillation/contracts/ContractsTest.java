package io.logicdistillation.contracts;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContractsTest {
    @Test
    void needsTheJdkAlone() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "io.logicdistillation.contracts")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.logicdistillation.contracts"));
    }

    @Test
    void everyProblemTypeHasItsOwnUri() {
        assertThat(Arrays.stream(ProblemType.values()).map(ProblemType::uri)).doesNotHaveDuplicates();
    }

    @Test
    void refusesATaskWithTwoStagesOfOneName() {
        StageDefinition stage = new StageDefinition("approach", "Choose.", 5, null, null);
        assertThatThrownBy(() ->
                        new TaskDefinition("pursuit", null, "Catch them.", Map.of(), Map.of(), List.of(stage, stage)))
                .isInstanceOfSatisfying(
                        PlatformException.class,
                        failure -> assertThat(failure.type()).isEqualTo(ProblemType.INVALID_REQUEST));
    }

    @Test
    void refusesNamesThatCouldNotStandInAPath() {
        for (String name : new String[] {"", "Upper", "1st", "a/b", "..", "a".repeat(65), "ü"}) {
            assertThatThrownBy(() -> Names.requireName("name", name)).isInstanceOf(PlatformException.class);
        }
        assertThat(Names.requireName("name", "cut_off-2")).isEqualTo("cut_off-2");
    }

    @Test
    void namesTheStagesThatExistWhenOneDoesNot() {
        TaskDefinition task = new TaskDefinition(
                "pursuit",
                null,
                "Catch them.",
                Map.of(),
                Map.of(),
                List.of(new StageDefinition("approach", "Choose.", 5, null, null)));
        assertThat(task.stage("approach").k()).isEqualTo(5);
        assertThatThrownBy(() -> task.stage("retreat")).hasMessageContaining("retreat");
    }

    private static TaskDefinition remembering(Integer memory, String stage) {
        return new TaskDefinition(
                "pursuit",
                null,
                "Catch them.",
                Map.of(),
                Map.of(),
                List.of(new StageDefinition(stage, "Choose.", 5, null, null)),
                memory);
    }

    @Test
    void aTaskRemembersUpToTwentyDecisions() {
        assertThat(remembering(20, "approach").remembered()).isEqualTo(20);
        assertThat(remembering(0, "steps")).isEqualTo(remembering(null, "steps"));
        for (int wrong : new int[] {-1, 21}) {
            assertThatThrownBy(() -> remembering(wrong, "approach"))
                    .isInstanceOfSatisfying(
                            PlatformException.class,
                            failure -> assertThat(failure.extensions()).containsEntry("pointer", "/memory"));
        }
        assertThatThrownBy(() -> remembering(1, "steps")).isInstanceOf(PlatformException.class);
    }

    @Test
    void tellsOfTheLastStepsAndOnlyWhereATaskRemembers() {
        assertThat(remembering(2, "approach").earlier(List.of(1, 2, 3))).isEqualTo(Map.of("steps", List.of(2, 3)));
        assertThat(remembering(2, "approach").earlier(List.of())).isEqualTo(Map.of("steps", List.of()));
        assertThat(remembering(null, "approach").earlier(List.of(1))).isEmpty();
    }
}
