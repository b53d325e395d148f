package io.logicdistillation.inference.remote;

import com.openai.core.RequestOptions;
import com.openai.models.decisions.Decision;
import com.openai.models.decisions.DecisionChoiceOption;
import com.openai.models.decisions.DecisionCreateParams;
import io.logicdistillation.inference.engine.Entry;
import io.logicdistillation.inference.engine.ScoringRequest;
import io.logicdistillation.inference.engine.StudentManifest;
import io.logicdistillation.languagemodel.Failure;
import io.logicdistillation.languagemodel.ModelConnection;
import io.logicdistillation.languagemodel.ModelException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A decision model behind OpenAI's Decisions API, asked one choice by OpenAI's own client. */
final class DecisionsServer implements Judge {
    private static final String QUESTION = "function";

    private final ModelConnection connection;
    private final RemoteProperties.Engine settings;

    DecisionsServer(ModelConnection connection, RemoteProperties.Engine settings) {
        this.connection = connection;
        this.settings = settings;
    }

    @Override
    public Judgement judge(ScoringRequest request, List<Entry> canonical, StudentManifest student, Duration timeout) {
        Options options = new Options(canonical);
        RequestOptions timed = RequestOptions.builder().timeout(timeout).build();
        return connection.openAi(client -> read(client.decisions().create(question(request, options), timed), options));
    }

    private DecisionCreateParams question(ScoringRequest request, Options options) {
        DecisionCreateParams.Question.Choice.Builder choice =
                DecisionCreateParams.Question.Choice.builder().name(QUESTION).instructions(request.question());
        for (Entry entry : options.entries()) {
            choice.addChoice(DecisionChoiceOption.builder()
                    .value(entry.name())
                    .description(entry.manual())
                    .build());
        }
        choice.addChoice(DecisionChoiceOption.builder().value(options.none()).build());
        return DecisionCreateParams.builder()
                .model(settings.model())
                .input(request.state())
                .addQuestion(choice.build())
                .build();
    }

    private Judgement read(Decision decision, Options options) {
        Judgement.checkModel(settings.answers(), decision.model());
        if (decision.answers().size() != 1) {
            throw new ModelException(
                    Failure.GARBLED, "one question, " + decision.answers().size() + " answers", null);
        }
        Decision.Answer answer = decision.answers().getFirst();
        if (answer.isRefusal()) {
            throw new ModelException(Failure.REJECTED, "the model refused to answer", null);
        }
        if (!answer.isChoice()) {
            throw new ModelException(Failure.GARBLED, "the answer is no choice", null);
        }
        Map<String, Double> byName = new HashMap<>();
        for (Decision.Answer.Choice.Probability each : answer.asChoice().probabilities()) {
            if (each.value().isString()) {
                byName.put(each.value().asString(), each.probability());
            }
        }
        double[] told = options.names().stream()
                .mapToDouble(name -> byName.getOrDefault(name, Double.NaN))
                .toArray();
        return Judgement.ofProbabilities(
                told,
                decision.usage().inputTokens(),
                decision.usage().inputTokensDetails().cachedTokens());
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
