package io.logicdistillation.kit;

import io.logicdistillation.testkit.ArchitectureRules;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    @Test
    void keepsThePlatformsStructure() {
        ArchitectureRules.check("io.logicdistillation.kit");
    }
}
