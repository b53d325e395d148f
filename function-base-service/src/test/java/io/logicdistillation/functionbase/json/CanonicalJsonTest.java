package io.logicdistillation.functionbase.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.kit.WireJson;
import org.junit.jupiter.api.Test;

class CanonicalJsonTest {
    @Test
    void equalValuesHaveOneText() {
        assertThat(canonical("{ \"b\" : 1.0, \"a\" : [1e2, 0.10, -0.0, true, null, \"ü\\n\"] }"))
                .isEqualTo("{\"a\":[100,0.1,0,true,null,\"ü\\n\"],\"b\":1}");
        assertThat(canonical("1e300")).isEqualTo(canonical("1" + "0".repeat(300)));
    }

    @Test
    void refusesWhatCanNotBeStored() {
        for (String text : new String[] {"\"\\u0000\"", "{\"\\ud800\":1}", "\"\\udc00x\"", "[1e999]"}) {
            assertThatThrownBy(() -> canonical(text)).isInstanceOf(PlatformException.class);
        }
        assertThat(canonical("\"🙂\"")).isEqualTo("\"🙂\"");
    }

    private static String canonical(String json) {
        return CanonicalJson.of(WireJson.lenient().readValue(json, Object.class));
    }
}
