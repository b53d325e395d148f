package io.logicdistillation.kit;

import io.logicdistillation.contracts.ProblemType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Turns what the servlet container itself refuses, or what escapes a filter, into a problem detail: the last resort. */
@RestController
class ProblemErrors implements ErrorController {
    @RequestMapping("${spring.web.error.path:/error}")
    ResponseEntity<ProblemDetail> error(HttpServletRequest request) {
        if (request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer status) {
            if (status == 503) {
                return ProblemAdvice.answer(ProblemType.UNAVAILABLE, "The service can not answer right now", Map.of());
            }
            if (status < 500) {
                return ProblemAdvice.answer(
                        ProblemAdvice.typeFor(status), "The request can not be served as it is", Map.of());
            }
            return ProblemAdvice.answer(ProblemType.INTERNAL, "The failure is in the service's log", Map.of());
        }
        return ProblemAdvice.answer(ProblemType.NOT_FOUND, "There is nothing at this address", Map.of());
    }
}
