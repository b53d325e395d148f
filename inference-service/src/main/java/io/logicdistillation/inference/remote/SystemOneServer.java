package io.logicdistillation.inference.remote;

import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentManifest;
import io.logicdistillation.languagemodel.Failure;
import io.logicdistillation.languagemodel.ModelConnection;
import io.logicdistillation.languagemodel.ModelException;
import java.time.Duration;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A decision model behind the API of System One, asked one choice. There is no client of it for Java. */
final class SystemOneServer implements Judge {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String QUESTION = "function";

    private final ModelConnection connection;
    private final RemoteProperties.Engine settings;

    SystemOneServer(ModelConnection connection, RemoteProperties.Engine settings) {
        this.connection = connection;
        this.settings = settings;
    }

    @Override
    public Judgement judge(ScoringRequest request, List<Entry> canonical, StudentManifest student, Duration timeout) {
        Options options = new Options(canonical);
        JsonNode answer =
                parsed(connection.post("/systemone", JSON.writeValueAsString(body(request, options)), timeout));
        Judgement.checkModel(settings.answers(), answer.path("model").asString(""));
        JsonNode probabilities = answer.path("answers").path(QUESTION).path("probabilities");
        double[] told = options.names().stream()
                .map(probabilities::path)
                .mapToDouble(each -> each.isNumber() ? each.asDouble() : Double.NaN)
                .toArray();
        JsonNode read = answer.path("usage").path("input_tokens");
        return Judgement.ofProbabilities(told, read.isIntegralNumber() ? read.asLong() : 0, 0);
    }

    private ObjectNode body(ScoringRequest request, Options options) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("model", settings.model()).put("state", request.state());
        ObjectNode question = body.putObject("questions").putObject(QUESTION);
        question.put("type", "choice").put("instructions", request.question());
        ObjectNode criteria = question.putObject("criteria");
        options.entries().forEach(entry -> criteria.put(entry.name(), entry.manual()));
        criteria.putNull(options.none());
        return body;
    }

    private static JsonNode parsed(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException broken) {
            throw new ModelException(Failure.GARBLED, "the answer is no JSON", broken);
        }
    }

    @Override
    public boolean isTheStudent() {
        return false;
    }

    @Override
    public void close() {
        connection.close();
    }
}
