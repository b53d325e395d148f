package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.functionbase.generation.GenerationProperties;
import io.logicdistillation.functionbase.imports.ImportProperties;
import io.logicdistillation.functionbase.search.SearchProperties;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.util.unit.DataSize;

/** Names and defaults that operators rely on. */
class PropertiesTest {
    @Test
    void pinsTheDefaultsOfGeneration() {
        assertThat(bind(Map.of()))
                .isEqualTo(new GenerationProperties(
                        null,
                        null,
                        null,
                        null,
                        false,
                        Duration.ofMinutes(3),
                        4,
                        4,
                        60,
                        Duration.ofSeconds(10),
                        16_000,
                        Duration.ofSeconds(5),
                        5,
                        Duration.ofSeconds(30),
                        4,
                        new GenerationProperties.Prices(0, 0),
                        new GenerationProperties.Daily(5_000_000, null)));
    }

    @Test
    void pinsTheNamesAndKeepsTheKeyToItself() {
        GenerationProperties generation = bind(Map.of(
                "generation.url", "https://llm.example/v1",
                "generation.api-key", "sk-secret",
                "generation.api-key-file", "/run/secrets/llm-key",
                "generation.per-minute", "3",
                "generation.daily.money", "1.5"));

        assertThat(generation.apiKeyFile()).isEqualTo(Path.of("/run/secrets/llm-key"));
        assertThat(generation.perMinute()).isEqualTo(3);
        assertThat(generation.daily().money()).isEqualTo(1.5);
        assertThat(generation.toString()).doesNotContain("sk-secret");
    }

    @Test
    void pinsTheNamesAndDefaultsOfImports() {
        assertThat(imports(Map.of()))
                .isEqualTo(new ImportProperties(
                        DataSize.ofGigabytes(2), 200_000, 2, 4, 2, Duration.ofSeconds(30), Duration.ofSeconds(5)));
        assertThat(imports(Map.of("imports.functions", "7", "imports.under-way", "1", "imports.largest-body", "5MB")))
                .isEqualTo(new ImportProperties(
                        DataSize.ofMegabytes(5), 7, 1, 4, 2, Duration.ofSeconds(30), Duration.ofSeconds(5)));
    }

    private static ImportProperties imports(Map<String, String> values) {
        return new Binder(
                        List.of(new MapConfigurationPropertySource(values)),
                        null,
                        ApplicationConversionService.getSharedInstance(),
                        null)
                .bindOrCreate("imports", ImportProperties.class);
    }

    @Test
    void pinsTheNameAndTheDefaultOfTheInterpreter() {
        assertThat(sandbox(Map.of())).isEqualTo(new SandboxProperties(""));
        assertThat(sandbox(Map.of("functions.sandbox.python", "/opt/python3")).python())
                .isEqualTo("/opt/python3");
    }

    @Test
    void pinsTheNameAndTheDefaultOfTheComparedShare() {
        assertThat(search(Map.of()).comparedShare()).isEqualTo(0.01);
        assertThat(search(Map.of("search.compared-share", "0.5")).comparedShare())
                .isEqualTo(0.5);
        assertThatThrownBy(() -> search(Map.of("search.compared-share", "2")))
                .hasRootCauseMessage("search.compared-share must lie between 0 and 1");
    }

    private static SearchProperties search(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("search", SearchProperties.class);
    }

    private static SandboxProperties sandbox(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("functions.sandbox", SandboxProperties.class);
    }

    private static GenerationProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("generation", GenerationProperties.class);
    }
}
