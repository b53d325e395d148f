package io.logicdistillation.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** The structure that every module keeps; a module's own test adds what only it knows. */
public final class ArchitectureRules {
    private ArchitectureRules() {}

    /**
     * Checks a module: no cycles between its packages, no layers as packages, no field injection, no other service's classes.
     *
     * @param rootPackage for example {@code io.logicdistillation.gateway}
     */
    public static JavaClasses check(String rootPackage) {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(rootPackage);
        SlicesRuleDefinition.slices()
                .matching(rootPackage + ".(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(classes);
        noClasses()
                .should()
                .resideInAnyPackage(
                        "..controller..", "..service..", "..repository..", "..dto..", "..util..", "..impl..")
                .check(classes);
        fields().should()
                .notBeAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
                .allowEmptyShould(true)
                .check(classes);
        for (String service : new String[] {"functionbase", "distillation", "inference", "gateway"}) {
            String other = "io.logicdistillation." + service;
            if (!rootPackage.equals(other)) {
                noClasses()
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(other + "..")
                        .check(classes);
            }
        }
        return classes;
    }
}
