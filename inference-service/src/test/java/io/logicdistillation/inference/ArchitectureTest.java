package io.logicdistillation.inference;

import io.logicdistillation.testkit.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void keepsTheStructure() {
        ArchitectureRules.check("io.logicdistillation.inference");
    }
}
