package io.logicdistillation.functionbase.function;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * One function, or a list of them that is taken as a whole or not at all.
 *
 * @param single whether the client sent one object and so gets one back
 */
@JsonDeserialize(using = FunctionBatch.Reader.class)
record FunctionBatch(List<FunctionDefinition> functions, boolean single) {
    FunctionBatch {
        functions = List.copyOf(functions);
        if (functions.isEmpty()) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "There is no function in the list");
        }
        Set<String> names = new HashSet<>();
        functions.stream()
                .map(FunctionDefinition::name)
                .filter(name -> !names.add(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new PlatformException(
                            ProblemType.INVALID_REQUEST,
                            "Two functions of the list are named '" + name + "'; a name is one function's",
                            Map.of("function", name));
                });
    }

    static final class Reader extends ValueDeserializer<FunctionBatch> {
        @Override
        public FunctionBatch deserialize(JsonParser parser, DeserializationContext context) {
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                return new FunctionBatch(List.of(context.readValue(parser, FunctionDefinition.class)), true);
            }
            JavaType list = context.getTypeFactory().constructCollectionType(List.class, FunctionDefinition.class);
            List<FunctionDefinition> functions = context.readValue(parser, list);
            if (functions.stream().anyMatch(Objects::isNull)) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "An element of the list is null");
            }
            return new FunctionBatch(functions, false);
        }
    }
}
