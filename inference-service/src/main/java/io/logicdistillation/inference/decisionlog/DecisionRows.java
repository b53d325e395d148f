package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.Decision;
import io.logicdistillation.kit.WireJson;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.RowMapper;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Decisions as rows and back. Thread-safe. */
final class DecisionRows implements RowMapper<Decision> {
    private static final TypeReference<Map<String, Object>> STATE = new TypeReference<>() {};
    private static final TypeReference<List<Decision.Stage>> STAGES = new TypeReference<>() {};

    private final JsonMapper json = WireJson.lenient();

    /** @param redactions pointers to what must not be written */
    Map<String, @Nullable Object> columns(Decision decision, List<String> redactions) {
        Map<String, @Nullable Object> columns = new HashMap<>();
        columns.put("id", UUID.fromString(decision.id()));
        columns.put("task", decision.task());
        columns.put("snapshot", decision.snapshot());
        columns.put("student", decision.student());
        columns.put("episode", decision.episode() == null ? null : UUID.fromString(decision.episode()));
        columns.put("canary", decision.canary());
        columns.put("decidedAt", OffsetDateTime.ofInstant(decision.decidedAt(), ZoneOffset.UTC));
        columns.put("timings", json.writeValueAsString(decision.timings()));
        Decision.Memory memory = decision.memory();
        // It was read without what the redactions named then; those of now may name more.
        columns.put("memory", memory == null ? null : json.writeValueAsString(redacted(memory, redactions)));
        List<String> redacted = List.of();
        if (redactions.isEmpty()) {
            columns.put("state", json.writeValueAsString(decision.state()));
            columns.put("output", json.writeValueAsString(decision.output()));
            columns.put("stages", json.writeValueAsString(decision.stages()));
        } else {
            ObjectNode tree = json.valueToTree(decision);
            redacted = Redactions.apply(redactions, tree);
            List.of("state", "output", "stages")
                    .forEach(member -> columns.put(member, tree.path(member).toString()));
        }
        columns.put("redacted", redacted.toArray(String[]::new));
        return columns;
    }

    /** Each step less what pointers into a decision name in its outputs. */
    Decision.Memory redacted(Decision.Memory memory, List<String> redactions) {
        return redactions.isEmpty()
                ? memory
                : new Decision.Memory(
                        memory.step(),
                        memory.steps().stream()
                                .map(each -> new Decision.Remembered(
                                        each.step(), each.decision(), redacted(each.outputs(), redactions)))
                                .toList());
    }

    private Map<String, Object> redacted(Map<String, Object> outputs, List<String> redactions) {
        ObjectNode decision = json.createObjectNode();
        ArrayNode stages = decision.putArray("stages");
        outputs.values().forEach(output -> stages.addObject().set("output", json.valueToTree(output)));
        if (!stages.isEmpty()) {
            decision.set("output", stages.get(stages.size() - 1).get("output").deepCopy());
        }
        Redactions.apply(redactions, decision);
        Map<String, Object> left = new LinkedHashMap<>();
        Iterator<JsonNode> kept = stages.iterator();
        outputs.keySet()
                .forEach(stage ->
                        left.put(stage, json.readValue(kept.next().get("output").toString(), Object.class)));
        return left;
    }

    LoggedDecision logged(ResultSet row, int number) throws SQLException {
        List<String> redacted = LogSettingsStore.texts(row.getArray("redacted"));
        return new LoggedDecision(mapRow(row, number), redacted.isEmpty() ? null : redacted);
    }

    @Override
    public Decision mapRow(ResultSet row, int number) throws SQLException {
        return new Decision(
                row.getString("id"),
                row.getString("task"),
                row.getString("snapshot"),
                row.getString("student"),
                row.getString("episode"),
                row.getObject("decided_at", OffsetDateTime.class).toInstant(),
                json.readValue(row.getString("state"), STATE),
                json.readValue(row.getString("output"), Object.class),
                json.readValue(row.getString("stages"), STAGES),
                json.readValue(row.getString("timings"), Decision.Timings.class),
                memory(row.getString("memory")),
                row.getObject("canary", Boolean.class));
    }

    private Decision.@Nullable Memory memory(@Nullable String written) {
        return written == null ? null : json.readValue(written, Decision.Memory.class);
    }
}
