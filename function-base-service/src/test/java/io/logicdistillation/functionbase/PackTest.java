package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.TaskDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The task packs of the experiments bear verification. */
class PackTest extends ServiceTest {
    private static final Path EXPERIMENTS = Path.of("..", "experiments");

    @ParameterizedTest
    @ValueSource(strings = {"pursuit/pack", "pursuit/outputs", "twenty-one/pack", "twenty-one/outputs"})
    void functionsOfThePacksPass(String pack) {
        Path folder = EXPERIMENTS.resolve(pack);
        ObjectNode task = (ObjectNode) json(folder.resolve("task.json"));
        if (task.has("about")) {
            JsonNode other =
                    json(folder.resolve(task.remove("about").asString()).resolve("task.json"));
            task.set("rules", other.get("rules"));
            task.set("stateSchema", other.get("stateSchema"));
        }
        task.get("stages").forEach(stage -> {
            if (stage.has("view")) {
                withSource(folder, (ObjectNode) stage.get("view"));
            }
        });
        ArrayNode functions = (ArrayNode) json(folder.resolve("functions.json"));
        functions.forEach(function -> withSource(folder, (ObjectNode) function));
        TaskDefinition definition = Client.JSON.treeToValue(task, TaskDefinition.class);
        assertThat(author.post("/v1/tasks", definition).status()).isEqualTo(201);

        Client.Answer admitted = author.post("/v1/tasks/" + definition.name() + "/functions", functions);

        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);
        functions.forEach(function -> {
            JsonNode report = author.get("/v1/tasks/" + definition.name() + "/functions/"
                            + function.get("name").asString() + "/verification")
                    .json();
            assertThat(report.at("/report/states").asInt()).as("%s", report).isGreaterThanOrEqualTo(20);
        });
    }

    private static void withSource(Path folder, ObjectNode entry) {
        if (!entry.has("file")) {
            return;
        }
        JsonNode file = entry.remove("file");
        StringBuilder source = new StringBuilder();
        if (file.isArray()) {
            file.forEach(
                    each -> source.append(text(folder.resolve(each.asString()))).append('\n'));
        } else {
            source.append(text(folder.resolve(file.asString())));
        }
        entry.put("source", source.toString());
    }

    private static JsonNode json(Path file) {
        return Client.JSON.readTree(text(file));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
