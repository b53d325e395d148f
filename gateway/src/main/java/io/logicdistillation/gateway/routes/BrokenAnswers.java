package io.logicdistillation.gateway.routes;

import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * Hands what goes wrong while an answer is passed on to {@link ExchangeGuard}: the kit's advice would append a problem detail to
 * the bytes that are out already.
 */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class BrokenAnswers {
    @ExceptionHandler(IOException.class)
    void leaveToTheGuard(IOException failure) throws IOException {
        throw failure;
    }
}
