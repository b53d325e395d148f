package io.logicdistillation.inference;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.contracts.View;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A small task of two stages: look where the goal is, then move. The second stage has more functions than candidates. */
public final class Maze {
    public static final String NAME = "maze";
    public static final Map<String, Object> STATE = Map.of("x", 2, "goal", 5);

    private static final Map<String, Object> MOVE = Map.of(
            "type", "object",
            "required", List.of("move"),
            "properties", Map.of("move", Map.of("enum", List.of("east", "west", "stay"))));

    private Maze() {}

    public static TaskDefinition task() {
        Map<String, Object> number = Map.of("type", "integer", "minimum", 0, "maximum", 9);
        Map<String, Object> state = Map.of(
                "type",
                "object",
                "required",
                List.of("x", "goal"),
                "additionalProperties",
                false,
                "properties",
                Map.of("x", number, "goal", number, "note", Map.of("type", "string")));
        return new TaskDefinition(
                NAME,
                "A corridor",
                "I walk a corridor towards the goal.",
                state,
                MOVE,
                List.of(
                        new StageDefinition(
                                "look",
                                "Choose how to look.",
                                3,
                                new View("javascript", """
                                        function view(state, earlier) {
                                          if (state.note === 'blind') { throw new Error('I see nothing'); }
                                          return state.goal > state.x ? 'The goal is east.' : 'The goal is west.';
                                        }
                                        """),
                                Map.of("type", "object", "required", List.of("side"))),
                        new StageDefinition("move", "Choose how to move.", 3, null, null)));
    }

    public static Snapshot snapshot(int number, PublishedFunction... more) {
        List<PublishedFunction> functions = new java.util.ArrayList<>(List.of(
                function(
                        "look_side",
                        "look",
                        "look",
                        "Looks on which side the goal lies. Always right.",
                        "return {side: state.goal > state.x ? 'east' : 'west'};"),
                function("look_away", "look", "away", "Looks the other way.", "return {side: 'west'};"),
                function(
                        "walk_on",
                        "move",
                        "walk",
                        "Walks towards the side that was seen. Use it when the way is free.",
                        "return {move: earlier.look.side};"),
                function("rest", "move", "rest", "Stays where it is.", "return {move: 'stay'};"),
                function("stumble", "move", "fall", "Falls over a stone.", "throw new Error('I fell');"),
                function("spin", "move", "spin", "Turns round and round.", "while (true) {}"),
                function("fly", "move", "fly", "Flies up to the ceiling.", "return {move: 'up'};")));
        functions.addAll(Arrays.asList(more));
        String hash = StubRegistry.sha256((number + functions.toString()).getBytes(StandardCharsets.UTF_8));
        return new Snapshot(
                "sha256:" + hash, NAME, number, true, Instant.parse("2026-11-23T12:00:00Z"), task(), functions);
    }

    /** The same functions for another task. */
    public static Snapshot snapshotOf(String task) {
        Snapshot maze = snapshot(1);
        TaskDefinition definition = maze.definition();
        return new Snapshot(
                "sha256:" + StubRegistry.sha256((task + maze.snapshot()).getBytes(StandardCharsets.UTF_8)),
                task,
                maze.number(),
                true,
                maze.publishedAt(),
                new TaskDefinition(
                        task,
                        definition.title(),
                        definition.rules(),
                        definition.stateSchema(),
                        definition.outputSchema(),
                        definition.stages()),
                maze.functions());
    }

    /** The answer to an emergency. */
    public static PublishedFunction pinned(String name, String stage, String handle, String manual, String body) {
        String source = "function run(state, earlier) { " + body + " }";
        FunctionDefinition definition =
                new FunctionDefinition(name, stage, handle, manual, "javascript", source, List.of(), true);
        return PublishedFunction.of(
                "sha256:" + StubRegistry.sha256(definition.toString().getBytes(StandardCharsets.UTF_8)), definition);
    }

    public static PublishedFunction function(String name, String stage, String handle, String manual, String body) {
        FunctionDefinition definition = new FunctionDefinition(
                name, stage, handle, manual, "javascript", "function run(state, earlier) { " + body + " }", List.of());
        return PublishedFunction.of(
                "sha256:" + StubRegistry.sha256(definition.toString().getBytes(StandardCharsets.UTF_8)), definition);
    }
}
