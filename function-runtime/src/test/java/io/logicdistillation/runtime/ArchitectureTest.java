package io.logicdistillation.runtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void dependsOnTheJdkTheContractsAndTheGuestEngineOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.logicdistillation.runtime..",
                        "io.logicdistillation.contracts..",
                        "run.endive..",
                        "org.jspecify.annotations..",
                        "java..")
                .check(new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.logicdistillation.runtime"));
    }
}
