package io.logicdistillation.languagemodel;

import io.logicdistillation.testkit.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void keepsTheStructureOfTheCodebase() {
        ArchitectureRules.check("io.logicdistillation.languagemodel");
    }
}
