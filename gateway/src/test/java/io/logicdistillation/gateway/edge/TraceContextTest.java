package io.logicdistillation.gateway.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    private static final String VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @Test
    void continuesAValidTrace() {
        TraceContext trace = TraceContext.continueOrStart(VALID);
        assertThat(trace.traceparent()).isEqualTo(VALID);
        assertThat(trace.traceId()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            })
    void startsAnewWhereTheHeaderIsNoTrace(String header) {
        assertThat(TraceContext.continueOrStart(header).traceparent()).isNotEqualTo(header);
    }

    @Test
    void startsTracesThatAreValidAndDiffer() {
        TraceContext first = TraceContext.continueOrStart(null);
        assertThat(TraceContext.isValid(first.traceparent())).isTrue();
        assertThat(TraceContext.continueOrStart(null)).isNotEqualTo(first);
    }
}
