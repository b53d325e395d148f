package io.logicdistillation.inference.questions;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class WordsTest {
    @Test
    void leavesTextsAsTheyAre() {
        assertThat(words("\" A text.\\n\"")).isEqualTo(" A text.\n");
        assertThat(words("null")).isEmpty();
    }

    @Test
    void writesMembersLineByLine() {
        assertThat(words("""
                {"subject": "Charged twice", "customer": {"tickets": 3, "plan": null}, "tags": ["a", {"b": true}], "empty": {}}""")).isEqualTo("""
                        customer:
                          plan: null
                          tickets: 3
                        empty: {}
                        subject: Charged twice
                        tags:
                          - a
                          -
                            b: true""");
    }

    @Test
    void givesEqualValuesEqualText() {
        assertThat(words("{\"a\": 1, \"b\": [{\"c\": 2, \"d\": 3}]}"))
                .isEqualTo(words("{\"b\": [{\"d\": 3, \"c\": 2}], \"a\": 1}"));
    }

    @Test
    void doesNotGrowWithDepth() {
        int depth = 400;
        String deep = "[".repeat(depth) + "1" + "]".repeat(depth);
        assertThat(words(deep)).hasSizeLessThan(3 * depth);
    }

    private static String words(String json) {
        return Words.of(JsonMapper.shared().readTree(json));
    }
}
