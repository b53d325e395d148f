package io.logicdistillation.inference.questions;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How an API puts requests, answers and refusals. */
sealed interface WireFormat permits SystemOne, OpenAiDecisions {
    /** @throws InvalidBodyException that says where and why */
    Asked parse(JsonNode body);

    ObjectNode answer(Asked asked, Answered answered);

    int invalidStatus();

    ObjectNode invalid(InvalidBodyException failure);

    ObjectNode refusal(Refusal refusal, @Nullable String message);
}
