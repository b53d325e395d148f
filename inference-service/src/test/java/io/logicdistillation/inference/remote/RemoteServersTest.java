package io.logicdistillation.inference.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.inference.FakeStudentEngine;
import io.logicdistillation.inference.engine.StudentManifest;
import io.logicdistillation.inference.engine.StudentPackage;
import io.logicdistillation.inference.students.Engines;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Who is served where, and which settings a service does not start with. */
class RemoteServersTest {
    private static final Map<String, String> WELL = Map.of(
            "speaks", "completions",
            "url", "https://models.example.org/v1",
            "model", "walker-lora",
            "students", "walker");

    private static RemoteProperties bound(Map<String, Map<String, String>> engines) {
        Map<String, String> all = new HashMap<>();
        engines.forEach((name, settings) ->
                settings.forEach((key, value) -> all.put("inference.remote.engines." + name + "." + key, value)));
        return new Binder(new MapConfigurationPropertySource(all))
                .bindOrCreate("inference.remote", RemoteProperties.class);
    }

    private static RemoteServers servers(Map<String, Map<String, String>> engines) {
        return new RemoteServers(bound(engines), new SimpleMeterRegistry());
    }

    private static Map<String, String> with(String key, String value) {
        Map<String, String> settings = new HashMap<>(WELL);
        settings.put(key, value);
        return settings;
    }

    private static StudentPackage student(String id, String name, String task) {
        StudentManifest of = RemoteEngineContract.STUDENT.manifest();
        StudentManifest manifest = new StudentManifest(
                of.format(),
                name,
                task,
                of.base(),
                of.files(),
                null,
                of.prompt(),
                of.preferredWay(),
                of.knownEntries(),
                null,
                null);
        return new StudentPackage(id, manifest, null, Path.of("none"));
    }

    @Test
    void pinsTheDefaults() {
        assertThat(bound(Map.of("fleet", WELL)).engines().get("fleet"))
                .isEqualTo(new RemoteProperties.Engine(
                        RemoteProperties.Speaks.COMPLETIONS,
                        URI.create("https://models.example.org/v1"),
                        "walker-lora",
                        null,
                        Set.of("walker"),
                        Set.of(),
                        RemoteProperties.Otherwise.IN_PROCESS,
                        null,
                        null,
                        false,
                        Duration.ofSeconds(2),
                        2,
                        16,
                        Duration.ofSeconds(10),
                        20,
                        false));
        assertThat(bound(Map.of()).engines()).isEmpty();
    }

    @Test
    void readsTheSpellingOfEnvironmentVariables() {
        String prefix = "INFERENCE_REMOTE_ENGINES_FLEET_";
        SystemEnvironmentPropertySource environment = new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of(
                        prefix + "SPEAKS", "system-one",
                        prefix + "URL", "https://models.example.org/v1",
                        prefix + "MODEL", "m",
                        prefix + "ANSWERSAS", "m-2026",
                        prefix + "STUDENTS", "walker,sha256:1",
                        prefix + "APIKEYFILE", "/key",
                        prefix + "ALLOWPRIVATEADDRESSES", "true",
                        prefix + "TOPLOGPROBS", "5"));

        RemoteProperties.Engine engine = new Binder(ConfigurationPropertySources.from(environment))
                .bindOrCreate("inference.remote", RemoteProperties.class)
                .engines()
                .get("fleet");

        assertThat(engine.speaks()).isEqualTo(RemoteProperties.Speaks.SYSTEM_ONE);
        assertThat(engine.answersAs()).isEqualTo("m-2026");
        assertThat(engine.students()).containsExactlyInAnyOrder("walker", "sha256:1");
        assertThat(engine.apiKeyFile()).isEqualTo(Path.of("/key"));
        assertThat(engine.allowPrivateAddresses()).isTrue();
        assertThat(engine.topLogprobs()).isEqualTo(5);
    }

    @Test
    void servesEachStudentWhereItIsNamedAndTheOthersHere() {
        FakeStudentEngine here = new FakeStudentEngine();
        try (RemoteServers servers = servers(Map.of(
                "by-name", WELL,
                "by-id", with("students", "sha256:1"),
                "by-task",
                        Map.of(
                                "speaks",
                                "decisions",
                                "url",
                                "https://models.example.org/v1",
                                "model",
                                "m",
                                "tasks",
                                "maze")))) {
            Engines engines = servers.over(here);

            assertThat(engines.lease(student("sha256:2", "other", "other")).engine())
                    .isSameAs(here);
            assertThat(engines.lease(student("sha256:2", "walker", "other")).engine())
                    .isInstanceOf(RemoteEngine.class);
            assertThat(engines.lease(student("sha256:1", "other", "other")).engine())
                    .isInstanceOf(RemoteEngine.class);
            assertThat(engines.lease(student("sha256:2", "other", "maze")).engine())
                    .isInstanceOf(RemoteEngine.class);
        }
    }

    @Test
    void keepsTheStudentHereOnlyWhereItIsToAnswerInTheServersPlace() {
        Engines never = student -> {
            throw new AssertionError("the student was loaded");
        };
        try (RemoteServers servers = servers(Map.of("fleet", with("otherwise", "refuse")))) {
            servers.over(never).lease(student("sha256:2", "walker", "maze")).close();
        }
    }

    @Test
    void givesTheStudentHereBackWithTheLease() {
        int[] released = new int[1];
        FakeStudentEngine fake = new FakeStudentEngine();
        Engines here = student ->
                new Engines.Lease(student.id(), fake, fake.lease(student).heldOut(), () -> released[0]++);
        try (RemoteServers servers = servers(Map.of("fleet", WELL))) {
            servers.over(here).lease(student("sha256:2", "walker", "maze")).close();
        }
        assertThat(released[0]).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "speaks,,needs speaks",
        "model,'',needs speaks",
        "students,'',serves nobody",
        "timeout,0s,positive timeout",
        "attempts,0,positive timeout",
        "concurrent,0,positive timeout",
        "top-logprobs,1,top-logprobs",
        "url,ftp://models.example.org/v1,http or https",
        "url,https://user:secret@models.example.org/v1,http or https",
        "url,http://169.254.169.254/v1,allow-private-addresses",
    })
    void doesNotStartWithSettingsThatCanNotWork(String key, String value, String why) {
        Map<String, String> settings = with(key, value == null ? "" : value);

        assertThatThrownBy(() -> servers(Map.of("fleet", settings)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("inference.remote.engines.fleet")
                .hasMessageContaining(why)
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @CsvSource({"in-process", "Fleet One", "-x"})
    void doesNotStartWithANameThatAnswersCouldNotCarry(String name) {
        RemoteProperties.Engine engine = bound(Map.of("fleet", WELL)).engines().get("fleet");

        assertThatThrownBy(
                        () -> new RemoteServers(new RemoteProperties(Map.of(name, engine)), new SimpleMeterRegistry()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("needs a name");
    }

    @Test
    void doesNotStartWhereTwoEnginesWantTheSameStudent() {
        assertThatThrownBy(() -> servers(Map.of("one", WELL, "two", WELL)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'walker'");
    }

    @Test
    void readsTheKeyFromAFileAndNeverShowsIt(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("key");
        Files.writeString(file, "sk-secret\n");
        RemoteProperties.Engine engine = bound(Map.of("fleet", with("api-key-file", file.toString())))
                .engines()
                .get("fleet");

        assertThat(engine.api("fleet").endpoint().key()).isEqualTo("sk-secret");
        assertThat(engine.toString() + engine.api("fleet").endpoint()).doesNotContain("sk-secret");
        assertThatThrownBy(() -> servers(Map.of(
                        "fleet", with("api-key-file", folder.resolve("none").toString()))))
                .hasMessageContaining("inference.remote.engines.fleet.api-key-file");
    }
}
