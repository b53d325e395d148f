package io.logicdistillation.runtime;

/**
 * One call of one untrusted function.
 *
 * @param tenant whose function it is; nothing that one tenant's guest has touched is ever seen by another's
 * @param language the wire name of the source's language, such as {@code javascript}
 * @param source the whole source text
 * @param entryPoint the top-level function to call
 * @param argumentsJson a JSON array: the arguments in order
 * @param limits what the call may use
 */
public record FunctionCall(
        String tenant, String language, String source, EntryPoint entryPoint, String argumentsJson, Limits limits) {

    public FunctionCall {
        if (tenant.isBlank()) {
            throw new IllegalArgumentException("tenant must not be blank");
        }
        if (language.isBlank()) {
            throw new IllegalArgumentException("language must not be blank");
        }
    }

    /** A call of {@code run} within the standard limits. */
    public static FunctionCall run(String tenant, String language, String source, String argumentsJson) {
        return new FunctionCall(tenant, language, source, EntryPoint.RUN, argumentsJson, Limits.standard());
    }

    /** A call of {@code view} within the standard limits. */
    public static FunctionCall view(String tenant, String language, String source, String argumentsJson) {
        return new FunctionCall(tenant, language, source, EntryPoint.VIEW, argumentsJson, Limits.standard());
    }

    public FunctionCall withLimits(Limits changed) {
        return new FunctionCall(tenant, language, source, entryPoint, argumentsJson, changed);
    }

    public FunctionCall withSource(String changed) {
        return new FunctionCall(tenant, language, changed, entryPoint, argumentsJson, limits);
    }

    public FunctionCall withArgumentsJson(String changed) {
        return new FunctionCall(tenant, language, source, entryPoint, changed, limits);
    }
}
