package io.logicdistillation.kit;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Turns every failure into an RFC 9457 problem detail. What is not the caller's business goes to the log, under the same trace. */
@RestControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
public class ProblemAdvice {
    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);
    private static final String RETRY_AFTER_SECONDS = "2";

    @ExceptionHandler(PlatformException.class)
    ResponseEntity<ProblemDetail> platform(PlatformException failure) {
        if (failure.type().status() >= 500) {
            log.warn("{}: {}", failure.type(), failure.getMessage(), failure.getCause());
        }
        return answer(failure.type(), failure.getMessage(), failure.extensions());
    }

    @ExceptionHandler(HttpMessageNotReadableException.class)
    ResponseEntity<ProblemDetail> unreadable(HttpMessageNotReadableException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PlatformException platform) {
                return platform(platform);
            }
            if (cause instanceof BodyTooLargeException tooLarge) {
                return tooLarge(tooLarge);
            }
        }
        return failure.getCause() instanceof JacksonException unreadable
                ? platform(problem(unreadable))
                : answer(ProblemType.MALFORMED_JSON, "A JSON body is needed", Map.of());
    }

    /** What is wrong with a JSON text that could not be read, in a client's words. */
    public static PlatformException problem(JacksonException unreadable) {
        Optional<PlatformException> ours = causes(unreadable)
                .filter(PlatformException.class::isInstance)
                .map(PlatformException.class::cast)
                .findFirst();
        if (ours.isPresent()) {
            return ours.get();
        }
        return switch (unreadable) {
            case StreamReadException malformed ->
                new PlatformException(ProblemType.MALFORMED_JSON, malformed.getOriginalMessage() + place(malformed));
            case UnrecognizedPropertyException unknown ->
                new PlatformException(
                        ProblemType.INVALID_REQUEST,
                        "There is no member '" + unknown.getPropertyName() + "' here",
                        Map.of("pointer", pointer(unknown)));
            case DatabindException mismatch ->
                new PlatformException(
                        ProblemType.INVALID_REQUEST,
                        "The value at '" + pointer(mismatch) + "' has the wrong type",
                        Map.of("pointer", pointer(mismatch)));
            default -> new PlatformException(ProblemType.MALFORMED_JSON, "A JSON body is needed");
        };
    }

    /** A body that is read as a stream. */
    @ExceptionHandler(BodyTooLargeException.class)
    ResponseEntity<ProblemDetail> tooLarge(BodyTooLargeException failure) {
        return answer(ProblemType.TOO_LARGE, failure.getMessage(), Map.of());
    }

    @ExceptionHandler({NoResourceFoundException.class})
    ResponseEntity<ProblemDetail> notFound(NoResourceFoundException failure) {
        return answer(ProblemType.NOT_FOUND, "There is nothing at /" + failure.getResourcePath(), Map.of());
    }

    @ExceptionHandler(HttpRequestMethodNotSupportedException.class)
    ResponseEntity<ProblemDetail> method(HttpRequestMethodNotSupportedException failure) {
        ResponseEntity<ProblemDetail> answer = answer(
                ProblemType.METHOD_NOT_ALLOWED,
                failure.getMethod() + " is not among " + failure.getSupportedHttpMethods(),
                Map.of());
        return ResponseEntity.status(answer.getStatusCode())
                .headers(failure.getHeaders())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(answer.getBody());
    }

    @ExceptionHandler(MaxUploadSizeExceededException.class)
    ResponseEntity<ProblemDetail> upload(MaxUploadSizeExceededException failure) {
        return answer(ProblemType.TOO_LARGE, "The upload is larger than this service takes", Map.of());
    }

    @ExceptionHandler(MultipartException.class)
    ResponseEntity<ProblemDetail> brokenUpload(MultipartException failure) {
        return answer(ProblemType.INVALID_REQUEST, "The multipart body can not be read to its end", Map.of());
    }

    /** A path or query parameter of another type. */
    @ExceptionHandler(TypeMismatchException.class)
    ResponseEntity<ProblemDetail> parameter(TypeMismatchException failure) {
        return answer(
                ProblemType.INVALID_REQUEST,
                "The parameter '" + failure.getPropertyName() + "' has the wrong type",
                Map.of());
    }

    /** A query that can not be decoded, or characters that have no business in a name; found when it is first read. */
    @ExceptionHandler({RequestRejectedException.class, InvalidParameterException.class})
    ResponseEntity<ProblemDetail> rejected(RuntimeException failure) {
        log.debug("The request is refused: {}", failure.getMessage());
        return answer(
                ProblemType.INVALID_REQUEST,
                "The query or a header is not well formed, or a name in it holds characters that are not allowed",
                Map.of());
    }

    @ExceptionHandler(AccessDeniedException.class)
    ResponseEntity<ProblemDetail> denied(AccessDeniedException failure) {
        return answer(ProblemType.FORBIDDEN, "The key lacks the scope for this", Map.of());
    }

    /** Another service did not answer at all. */
    @ExceptionHandler(ResourceAccessException.class)
    ResponseEntity<ProblemDetail> unreachable(ResourceAccessException failure) {
        log.warn("A service behind this one is unreachable: {}", failure.getMessage());
        return answer(ProblemType.UNAVAILABLE, "A service behind this one does not answer; try again", Map.of());
    }

    /** @return null if nobody is left to be told */
    @ExceptionHandler(Exception.class)
    @Nullable
    ResponseEntity<ProblemDetail> rest(Exception failure, HttpServletRequest request) {
        if (isClientGone(failure)) {
            log.debug("{} {} was broken off by its client", request.getMethod(), request.getRequestURI());
            return null;
        }
        if (isDatabaseGone(failure)) {
            log.warn("The database does not answer: {}", failure.getMessage());
            return answer(ProblemType.UNAVAILABLE, "The database does not answer; try again", Map.of());
        }
        if (hasState(failure, "53")) {
            log.error("The database lacks room, memory or connections: {}", failure.getMessage());
            return answer(
                    ProblemType.UNAVAILABLE, "The database lacks room, memory or connections; try again", Map.of());
        }
        if (hasState(failure, "40")) {
            log.warn("{} {} was undone: {}", request.getMethod(), request.getRequestURI(), failure.getMessage());
            return answer(ProblemType.UNAVAILABLE, "Another change came in between; try again", Map.of());
        }
        if (hasState(failure, "22021", "22P05")) {
            return answer(
                    ProblemType.INVALID_REQUEST, "A text holds the character U+0000, which no text may", Map.of());
        }
        if (failure instanceof ErrorResponse spring && spring.getStatusCode().is4xxClientError()) {
            return answer(typeFor(spring.getStatusCode().value()), detailOf(spring), Map.of());
        }
        log.error("{} {} failed", request.getMethod(), request.getRequestURI(), failure);
        return answer(ProblemType.INTERNAL, "The failure is in the service's log", Map.of());
    }

    /** A problem detail of this type as an HTTP answer; 429 and 503 carry {@code Retry-After}. */
    public static ResponseEntity<ProblemDetail> answer(
            ProblemType type, @Nullable String detail, Map<String, Object> extensions) {
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.status(type.status()).contentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (type == ProblemType.UNAVAILABLE || type == ProblemType.RATE_LIMITED) {
            answer.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        ProblemDetail problem = ProblemDetail.forStatus(type.status());
        problem.setType(type.uri());
        problem.setTitle(type.title());
        problem.setDetail(detail);
        extensions.forEach(problem::setProperty);
        return answer.body(problem);
    }

    /** By the server's own word: an end of a stream may as well be that of another connection, such as the database's. */
    private static boolean isClientGone(Throwable failure) {
        return causes(failure).anyMatch(ClientAbortException.class::isInstance);
    }

    /** Whether a connection to the database could not be had, or was lost (SQLSTATE classes 08 and 57P). */
    static boolean isDatabaseGone(Throwable failure) {
        return causes(failure).anyMatch(SQLTransientConnectionException.class::isInstance)
                || hasState(failure, "08", "57P");
    }

    /**
     * Whether Postgres gave one of these SQLSTATEs or classes of them; 53 are resources, such as a full disk, 40 are transactions undone for another's sake, such as in a
     * deadlock, 22021 and 22P05 are characters that its texts can not hold.
     */
    private static boolean hasState(Throwable failure, String... classes) {
        return causes(failure)
                .map(cause -> cause instanceof SQLException sql ? sql.getSQLState() : null)
                .filter(Objects::nonNull)
                .anyMatch(state -> Arrays.stream(classes).anyMatch(state::startsWith));
    }

    /** The failure itself and what it came from. */
    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause);
    }

    static ProblemType typeFor(int status) {
        return switch (status) {
            case 401 -> ProblemType.UNAUTHENTICATED;
            case 403 -> ProblemType.FORBIDDEN;
            case 404 -> ProblemType.NOT_FOUND;
            case 405 -> ProblemType.METHOD_NOT_ALLOWED;
            case 406 -> ProblemType.NOT_ACCEPTABLE;
            case 413 -> ProblemType.TOO_LARGE;
            case 415 -> ProblemType.UNSUPPORTED_MEDIA_TYPE;
            case 429 -> ProblemType.RATE_LIMITED;
            default -> ProblemType.INVALID_REQUEST;
        };
    }

    private static String detailOf(ErrorResponse failure) {
        String detail = failure.getBody().getDetail();
        return detail == null ? "The request can not be served as it is" : detail;
    }

    private static String place(JacksonException malformed) {
        var location = malformed.getLocation();
        return location == null ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }

    private static String pointer(JacksonException failure) {
        return failure.getPath().stream()
                .map(step -> "/" + (step.getPropertyName() == null ? step.getIndex() : step.getPropertyName()))
                .collect(Collectors.joining());
    }
}
