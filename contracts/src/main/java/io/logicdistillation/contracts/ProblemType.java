package io.logicdistillation.contracts;

import java.net.URI;

/**
 * The catalogue of errors that cross a service's edge as RFC 9457 problem details. A type is stable: clients may switch on
 * {@link #uri()}; titles are for people and may change.
 */
public enum ProblemType {
    MALFORMED_JSON("malformed-json", 400, "The body is not valid JSON"),
    INVALID_REQUEST("invalid-request", 400, "The request is not valid"),
    INVALID_STATE("invalid-state", 422, "The state does not match the task's schema"),
    UNAUTHENTICATED("unauthenticated", 401, "A valid API key is needed"),
    FORBIDDEN("forbidden", 403, "The key does not allow this"),
    NOT_FOUND("not-found", 404, "There is nothing at this address"),
    UNKNOWN_TASK("unknown-task", 404, "The task does not exist"),
    UNKNOWN_STAGE("unknown-stage", 404, "The task has no such stage"),
    UNKNOWN_FUNCTION("unknown-function", 404, "The function does not exist"),
    UNKNOWN_SNAPSHOT("unknown-snapshot", 404, "The snapshot does not exist"),
    UNKNOWN_STUDENT("unknown-student", 404, "The student does not exist"),
    UNKNOWN_DECISION("unknown-decision", 404, "The decision does not exist"),
    UNKNOWN_DATASET("unknown-dataset", 404, "The dataset does not exist"),
    UNKNOWN_JOB("unknown-job", 404, "The job does not exist"),
    UNKNOWN_KEY("unknown-key", 404, "The key does not exist"),
    UNKNOWN_TENANT("unknown-tenant", 404, "The tenant does not exist"),
    METHOD_NOT_ALLOWED("method-not-allowed", 405, "The method is not allowed here"),
    NOT_ACCEPTABLE("not-acceptable", 406, "No representation that the client accepts"),
    CONFLICT("conflict", 409, "The request conflicts with what is stored"),
    LEASE_LOST("lease-lost", 409, "The job is not this worker's any more"),
    GATE_REFUSED("gate-refused", 409, "The evaluation does not allow this promotion"),
    NO_CANDIDATE("no-candidate", 409, "No function can be chosen"),
    TOO_LARGE("too-large", 413, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE("unsupported-media-type", 415, "The media type is not supported"),
    FUNCTION_FAILED("function-failed", 422, "The chosen function failed"),
    UNDECIDED("undecided", 422, "Nothing was sure enough to decide"),
    INVALID_FUNCTION("invalid-function", 422, "The function failed verification"),
    RATE_LIMITED("rate-limited", 429, "Too many requests"),
    QUOTA_EXCEEDED("quota-exceeded", 429, "The tenant's quota is used up"),
    INTERNAL("internal", 500, "Something went wrong on our side"),
    UNAVAILABLE("unavailable", 503, "The service can not answer right now"),
    UPSTREAM_TIMEOUT("upstream-timeout", 504, "A service behind this one took too long");

    private final String slug;
    private final int status;
    private final String title;

    ProblemType(String slug, int status, String title) {
        this.slug = slug;
        this.status = status;
        this.title = title;
    }

    /** The stable identifier that travels as the problem's {@code type}. */
    public URI uri() {
        return URI.create("urn:logic-distillation:problem:" + slug);
    }

    /** The HTTP status that goes with this type. */
    public int status() {
        return status;
    }

    /** One sentence for people. */
    public String title() {
        return title;
    }
}
