package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.contracts.View;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Functions and views in Python bear the same verification as those in JavaScript, and are published beside them. */
class PythonFunctionsTest extends ServiceTest {
    private static final String FUNCTIONS = "/v1/tasks/parcel/functions";

    @BeforeEach
    void task() {
        Map<String, Object> box = Map.of(
                "type",
                "object",
                "required",
                List.of("volume"),
                "additionalProperties",
                false,
                "properties",
                Map.of("volume", Map.of("type", "integer", "minimum", 1, "maximum", 1000)));
        Map<String, Object> state = Map.of(
                "type",
                "object",
                "required",
                List.of("items", "limit"),
                "additionalProperties",
                false,
                "properties",
                Map.of(
                        "items", Map.of("type", "array", "items", box, "maxItems", 6),
                        "limit", Map.of("type", "integer", "minimum", 1, "maximum", 1000)),
                "examples",
                List.of(Map.of("items", List.of(Map.of("volume", 4), Map.of("volume", 7)), "limit", 10)));
        Map<String, Object> output = Map.of(
                "type",
                "object",
                "required",
                List.of("boxes"),
                "additionalProperties",
                false,
                "properties",
                Map.of("boxes", Map.of("type", "integer", "minimum", 0, "maximum", 6)));
        String view = """
                def view(state, earlier):
                    volumes = sorted((item['volume'] for item in state['items']), reverse=True)
                    return f"{len(volumes)} items, the largest {volumes[0] if volumes else 'none'}, a box holds {state['limit']}"
                """;
        Client.Answer created = author.post(
                "/v1/tasks",
                new TaskDefinition(
                        "parcel",
                        null,
                        "Pack the items into few boxes.",
                        state,
                        output,
                        List.of(new StageDefinition(
                                "pack", "Choose how to pack.", 2, new View("python", view), null))));
        assertThat(created.status()).as(created.response().body()).isEqualTo(201);
    }

    private static FunctionDefinition pack(String name, String handle, String source, int boxes) {
        Map<String, Object> state =
                Map.of("items", List.of(Map.of("volume", 6), Map.of("volume", 5), Map.of("volume", 4)), "limit", 10);
        return new FunctionDefinition(
                name,
                "pack",
                handle,
                "Packs the items, largest first.",
                "python",
                source,
                List.of(new FunctionTest(state, null, Map.of("boxes", boxes))));
    }

    private static FunctionDefinition firstFit() {
        return pack("first_fit", "first", """
                from dataclasses import dataclass, field
                import heapq


                @dataclass
                class Box:
                    room: int
                    items: list = field(default_factory=list)

                    def takes(self, volume):
                        return volume <= self.room


                def applies(state, earlier):
                    return all(item['volume'] <= state['limit'] for item in state['items'])


                def run(state, earlier):
                    boxes = []
                    queue = [-item['volume'] for item in state['items']]
                    heapq.heapify(queue)
                    while queue:
                        volume = -heapq.heappop(queue)
                        box = next((each for each in boxes if each.takes(volume)), None)
                        if box is None:
                            box = Box(state['limit'])
                            boxes.append(box)
                        box.room -= volume
                        box.items.append(volume)
                    return {'boxes': len(boxes)}
                """, 2);
    }

    @Test
    void areVerifiedAndPublishedBesideFunctionsInJavaScript() {
        FunctionDefinition each = new FunctionDefinition(
                "one_each",
                "pack",
                "each",
                "Gives every item a box.",
                "javascript",
                "function run(state) { return { boxes: state.items.length }; }",
                List.of(new FunctionTest(
                        Map.of("items", List.of(Map.of("volume", 1)), "limit", 1), null, Map.of("boxes", 1))));

        Client.Answer admitted = author.post(FUNCTIONS, List.of(firstFit(), each));
        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);

        JsonNode report = author.get(FUNCTIONS + "/first_fit/verification").json();
        assertThat(report.toString()).as(report.toString()).contains("static").contains("determinism");
        Client.Answer published = author.post("/v1/tasks/parcel/snapshots", Map.of());
        assertThat(published.status()).as(published.response().body()).isEqualTo(201);
        assertThat(published.json().at("/definition/stages/0/view/language").asString())
                .isEqualTo("python");
        assertThat(published.json().get("functions").findValuesAsString("language"))
                .containsExactlyInAnyOrder("python", "javascript");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            import time\\nX = time.time()                        | forbidden-clock         | line 1, column 1
            from datetime import datetime                        | forbidden-clock         | line 1, column 1
            import random                                        | forbidden-randomness    | line 1, column 1
            import os                                            | forbidden-io            | line 1, column 1
            import math\\nimport requests                        | forbidden-io            | line 2, column 1
            import numpy                                         | forbidden-import        | line 1, column 1
            from math import *                                   | forbidden-import        | line 1, column 1
            from . import pack                                   | forbidden-import        | line 1, column 1
            import threading                                     | forbidden-threads       | line 1, column 1
            X = open('/etc/passwd')                              | forbidden-io            | line 1, column 5
            X = print('a')                                       | forbidden-io            | line 1, column 5
            X = eval('1')                                        | forbidden-reflection    | line 1, column 5
            X = getattr(1, 'real')                               | forbidden-reflection    | line 1, column 5
            X = globals()                                        | forbidden-reflection    | line 1, column 5
            X = ().__class__                                     | forbidden-reflection    | line 1, column 5
            X = __builtins__                                     | forbidden-reflection    | line 1, column 5
            X = '{0.__class__}'.format(1)                        | forbidden-reflection    | line 1, column 5
            from operator import attrgetter                      | forbidden-reflection    | line 1, column 1
            X = type('A', (), {})                                | forbidden-reflection    | line 1, column 5
            class A:\\n    def __del__(self): pass              | forbidden-reflection    | line 2, column 5
            async def f(): pass                                  | forbidden-asynchronous  | line 1, column 1
            X = nowhere                                          | forbidden-unknown-name  | line 1, column 5
            while True: pass                                     | forbidden-top-level     | line 1, column 1
            X = (                                                | invalid-source          | line 1, column 5
            """)
    void areRefusedByTheirTextWithThePlace(String line, String cause, String place) {
        String source = line.replace("\\n", "\n") + "\ndef run(state, earlier): return {'boxes': 2}\n";

        Client.Answer answer = author.post(FUNCTIONS, pack("bad", "bad", source, 2));

        assertThat(answer.problem()).as(answer.response().body()).isEqualTo("invalid-function");
        assertThat(answer.json().get("cause").asString())
                .as(answer.response().body())
                .isEqualTo(cause);
        assertThat(answer.json().get("detail").asString()).contains(place);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            while True: pass                                              | timeout
            raise ValueError('no')                                        | threw
            return None                                                   | invalid-output
            return {'boxes': 3}                                           | wrong-output
            return {'boxes': 2} if len(state['items']) == 3 else {}       | schema
            x = []\\n    while True: x.append(bytearray(10 ** 6))         | out-of-memory
            return {'boxes': 2, 'text': 'x' * 10 ** 6}                    | output-too-large
            """)
    void areRefusedByWhatTheyDo(String body, String cause) {
        String source = "def applies(state, earlier): return True\ndef run(state, earlier):\n    "
                + body.replace("\\n", "\n") + "\n";

        Client.Answer answer = author.post(FUNCTIONS, pack("bad", "bad", source, 2));

        assertThat(answer.problem()).as(answer.response().body()).isEqualTo("invalid-function");
        assertThat(answer.json().get("cause").asString())
                .as(answer.response().body())
                .isEqualTo(cause);
    }

    @Test
    void areRefusedIfTheyAreNestedTooDeeplyToBeRead() {
        Client.Answer answer = author.post(
                FUNCTIONS, pack("deep", "deep", "def run(state, earlier): return state" + ".a".repeat(5_000), 2));

        assertThat(answer.json().get("cause").asString())
                .as(answer.response().body())
                .isEqualTo("invalid-source");
    }

    @Test
    void answerForTheirStatesInAnEmergencysCondition() {
        assertThat(author.post(FUNCTIONS, firstFit()).status()).isEqualTo(201);
        FunctionDefinition fallible = pack("small_only", "small", """
                def applies(state, earlier):
                    return len(state['items']) < 4

                def run(state, earlier):
                    return {'boxes': [0, 1, 2, 2][len(state['items'])]}
                """, 2);

        Client.Answer admitted = author.post(FUNCTIONS, fallible);

        assertThat(admitted.status()).as(admitted.response().body()).isEqualTo(201);
    }
}
