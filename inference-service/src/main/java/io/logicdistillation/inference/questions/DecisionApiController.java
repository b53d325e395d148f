package io.logicdistillation.inference.questions;

import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.ErrorShape;
import io.logicdistillation.kit.KitProperties;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The addresses of the two decision APIs. */
@RestController
class DecisionApiController {
    private static final WireFormat SYSTEM_ONE = new SystemOne();
    private static final WireFormat OPENAI = new OpenAiDecisions();

    private final QuestionDesk desk;
    private final Models models;
    private final JsonMapper json;
    private final long largestBody;

    DecisionApiController(QuestionDesk desk, Models models, JsonMapper json, KitProperties properties) {
        this.desk = desk;
        this.models = models;
        this.json = json.rebuild()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS) // numbers are text to a student
                .build();
        this.largestBody = properties.largestBody().toBytes();
    }

    @GetMapping("/v1/models")
    ObjectNode list() {
        return models.list(Caller.current().tenant());
    }

    @PostMapping("/v1/systemone")
    ResponseEntity<ObjectNode> systemOne(
            HttpServletRequest request, @RequestBody(required = false) byte @Nullable [] body) {
        try {
            return answer(SYSTEM_ONE, read(request, body));
        } catch (InvalidBodyException invalid) {
            return invalid(SYSTEM_ONE, invalid);
        }
    }

    /** Some clients send System One's body here; it is answered in its own shape. */
    @PostMapping("/v1/decisions")
    ResponseEntity<ObjectNode> decisions(
            HttpServletRequest request, @RequestBody(required = false) byte @Nullable [] body) {
        WireFormat format = OPENAI;
        try {
            JsonNode asked = read(request, body);
            if (asked.has("state") && !asked.path("questions").isArray()) {
                format = SYSTEM_ONE;
                ErrorShape.SYSTEM_ONE.use(request);
            }
            return answer(format, asked);
        } catch (InvalidBodyException invalid) {
            return invalid(format, invalid);
        }
    }

    private JsonNode read(HttpServletRequest request, byte @Nullable [] body) {
        byte[] plain = Compressed.unpack(
                body == null ? new byte[0] : body, request.getHeader(HttpHeaders.CONTENT_ENCODING), largestBody);
        try {
            return json.readTree(plain);
        } catch (JacksonException malformed) {
            throw new InvalidBodyException("json_invalid", "The body is not valid JSON");
        }
    }

    private ResponseEntity<ObjectNode> answer(WireFormat format, JsonNode body) {
        Asked asked = format.parse(body);
        try {
            return ResponseEntity.ok(
                    format.answer(asked, desk.answer(Caller.current().tenant(), asked)));
        } catch (RefusedException refused) {
            return ResponseEntity.status(refused.refusal().status())
                    .body(format.refusal(refused.refusal(), refused.getMessage()));
        }
    }

    private static ResponseEntity<ObjectNode> invalid(WireFormat format, InvalidBodyException failure) {
        return ResponseEntity.status(format.invalidStatus()).body(format.invalid(failure));
    }
}
