package io.logicdistillation.kit;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a failure looks on the paths whose format others have defined. Their clients parse it, so a problem detail would read as
 * no explanation at all.
 */
public enum ErrorShape {
    /** {@code {"detail": …}}: a list where the body is not valid, else an error type and a message. */
    SYSTEM_ONE {
        @Override
        ObjectNode body(int status, JsonNode problem) {
            ObjectNode body = object();
            if (status == 422) {
                body.putArray("detail")
                        .addObject()
                        .put("msg", message(problem))
                        .put("type", slug(problem))
                        .putArray("loc")
                        .add("body");
            } else {
                body.putObject("detail").put("error_type", errorType(status)).put("message", message(problem));
            }
            return body;
        }

        /** Without any key the answer is 403 there; 401 is for a wrong one. */
        @Override
        int status(int status, HttpServletRequest request) {
            return status == 401 && request.getHeader(HttpHeaders.AUTHORIZATION) == null ? 403 : status;
        }
    },
    /** {@code {"error": {"message", "type", "param", "code"}}}. */
    OPENAI {
        @Override
        ObjectNode body(int status, JsonNode problem) {
            ObjectNode body = object();
            body.putObject("error")
                    .put("message", message(problem))
                    .put("type", status >= 500 ? "server_error" : openAiType(status))
                    .putNull("param")
                    .put("code", slug(problem));
            return body;
        }
    },
    /** Both members: for an address that clients of both formats ask. */
    BOTH {
        @Override
        ObjectNode body(int status, JsonNode problem) {
            ObjectNode body = SYSTEM_ONE.body(status, problem);
            body.setAll(OPENAI.body(status, problem));
            return body;
        }
    };

    private static final String ATTRIBUTE = ErrorShape.class.getName();

    abstract ObjectNode body(int status, JsonNode problem);

    int status(int status, HttpServletRequest request) {
        return status;
    }

    /** Sets the shape of a request whose address alone does not tell it. */
    public void use(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /** The shape that a request's failure has; null where it is a problem detail. */
    static @Nullable ErrorShape of(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof ErrorShape chosen) {
            return chosen;
        }
        Object failed = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        return switch (failed instanceof String address ? address : request.getRequestURI()) {
            case "/v1/systemone" -> SYSTEM_ONE;
            case "/v1/decisions" -> OPENAI;
            case "/v1/models" -> BOTH;
            default -> null;
        };
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static String message(JsonNode problem) {
        return problem.path("detail").asString(problem.path("title").asString("The request can not be served"));
    }

    private static String slug(JsonNode problem) {
        String type = problem.path("type").asString("");
        return type.substring(type.lastIndexOf(':') + 1).replace('-', '_');
    }

    private static String errorType(int status) {
        return switch (status) {
            case 401, 403 -> "authentication_error";
            case 404 -> "not_found";
            case 429 -> "rate_limit_error";
            default -> status >= 500 ? "api_error" : "api_usage_error";
        };
    }

    private static String openAiType(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 429 -> "rate_limit_error";
            default -> "invalid_request_error";
        };
    }
}
