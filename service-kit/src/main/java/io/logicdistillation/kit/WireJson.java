package io.logicdistillation.kit;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.logicdistillation.contracts.Decision;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;

/** How wire records become JSON; the contracts themselves know no JSON library. */
public final class WireJson {
    private WireJson() {}

    /** Strict, as a server reads its clients: an unknown member is an error, so that a misspelt one does not pass silently. */
    public static JsonMapper.Builder strict(JsonMapper.Builder builder) {
        return builder.changeDefaultPropertyInclusion(value -> value.withValueInclusion(JsonInclude.Include.NON_NULL))
                .addMixIn(Decision.Origin.class, KebabCase.class)
                .addMixIn(Decision.DecidedBy.class, KebabCase.class)
                .addMixIn(Decision.Way.class, KebabCase.class)
                .addMixIn(Decision.Cause.class, KebabCase.class)
                .addMixIn(Decision.Handled.class, KebabCase.class)
                .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /** Lenient, as a service reads another one, which may be newer. */
    public static JsonMapper lenient() {
        return strict(JsonMapper.builder())
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build();
    }

    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    private interface KebabCase {}
}
