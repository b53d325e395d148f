package io.logicdistillation.kit;

import io.logicdistillation.contracts.ProblemType;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.json.JsonMapper;

/** Writes a problem detail from a servlet filter, where no controller advice applies. Thread-safe. */
public final class ProblemWriter {
    private final JsonMapper json;

    public ProblemWriter(JsonMapper json) {
        this.json = json;
    }

    /** A header that the response has already stays: whoever set it knew more, for example how long to wait. */
    public void write(HttpServletResponse response, ProblemType type, @Nullable String detail) throws IOException {
        ResponseEntity<ProblemDetail> answer = ProblemAdvice.answer(type, detail, Map.of());
        response.setStatus(type.status());
        answer.getHeaders().forEach((name, values) -> {
            if (!response.containsHeader(name)) {
                values.forEach(value -> response.addHeader(name, value));
            }
        });
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.setCharacterEncoding("UTF-8");
        response.getOutputStream().write(json.writeValueAsBytes(answer.getBody()));
    }
}
