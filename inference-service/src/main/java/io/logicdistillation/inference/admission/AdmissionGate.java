package io.logicdistillation.inference.admission;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/** Stands before everything that asks a student: 429 for a tenant that has its share, 503 when the service is full. */
final class AdmissionGate implements HandlerInterceptor {
    private static final String ADMITTED = AdmissionGate.class.getName();
    private static final String PRIORITY = "X-Priority";

    private final Admission admission;
    private final MeterRegistry meters;

    AdmissionGate(Admission admission, MeterRegistry meters) {
        this.admission = admission;
        this.meters = meters;
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (!HttpMethod.POST.matches(request.getMethod()) || request.getAttribute(ADMITTED) != null) {
            return true;
        }
        Priority priority = Priority.of(request.getHeader(PRIORITY), isBatch(request) ? Priority.LOW : Priority.NORMAL);
        switch (admission.ask(Caller.current().tenant(), priority)) {
            case Admission.Answer.Admitted admitted -> request.setAttribute(ADMITTED, admitted);
            case Admission.Answer.OverShare none ->
                throw refusal("over-share", ProblemType.RATE_LIMITED, "Your requests take their share of the service");
            case Admission.Answer.Full none ->
                throw refusal("full", ProblemType.UNAVAILABLE, "The service has as much to do as it can; try again");
        }
        return true;
    }

    private static boolean isBatch(HttpServletRequest request) {
        return request.getRequestURI().endsWith("/decision-batches");
    }

    private PlatformException refusal(String reason, ProblemType type, String detail) {
        meters.counter("admission.rejections", "reason", reason).increment();
        return new PlatformException(type, detail);
    }

    /** Batches take as long as they are long, and refusals hardly any time: neither says how busy the service is. */
    @Override
    public void afterCompletion(
            HttpServletRequest request, HttpServletResponse response, Object handler, @Nullable Exception failure) {
        if (request.getAttribute(ADMITTED) instanceof Admission.Answer.Admitted admitted) {
            request.removeAttribute(ADMITTED);
            admission.leave(admitted, response.getStatus() < 300 && !isBatch(request));
        }
    }
}
