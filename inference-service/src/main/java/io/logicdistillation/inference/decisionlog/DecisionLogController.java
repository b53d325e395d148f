package io.logicdistillation.inference.decisionlog;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.WireJson;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Reads the log. */
@RestController
class DecisionLogController {
    private static final int LARGEST_PAGE = 200;
    /** Few enough for memory when every state is as large as one may be. */
    private static final int EXPORTED_AT_ONCE = 40;

    private static final String NDJSON = "application/x-ndjson";

    private final DecisionLog log;
    private final Clock clock;
    private final JsonMapper json = WireJson.lenient();

    DecisionLogController(DecisionLog log, Clock clock) {
        this.log = log;
        this.clock = clock;
    }

    @GetMapping("/v1/decisions/{id}")
    LoggedDecision decision(@PathVariable String id) {
        return log.logged(Caller.current().tenant(), id);
    }

    /** What narrows a list or an export, as query parameters. */
    record Narrowing(
            @Nullable String episode,
            @Nullable String student,
            @Nullable String decidedBy,
            @Nullable String function,
            @Nullable Double probabilityBelow,
            @Nullable Instant from,
            @Nullable Instant to) {
        DecisionFilter filter() {
            UUID ofEpisode = episode == null ? null : id("episode", episode);
            return new DecisionFilter(ofEpisode, student, decidedBy, function, probabilityBelow, from, to);
        }
    }

    private static UUID id(String what, String text) {
        return DecisionLog.uuid(text)
                .orElseThrow(() -> new PlatformException(
                        ProblemType.INVALID_REQUEST, what + " is not one that this service gave out"));
    }

    @GetMapping("/v1/tasks/{task}/decisions")
    Page<LoggedDecision> decisions(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit,
            Narrowing narrowing) {
        Names.requireName("task", task);
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "limit must lie between 1 and " + LARGEST_PAGE);
        }
        return log.list(Caller.current().tenant(), task, cursor, limit, narrowing.filter());
    }

    /**
     * Oldest first, a decision a line, in small transactions. Ends where the log ended when it was asked for: a busy log would
     * otherwise never end. A fault on the way cuts the connection, and the last line's id is the cursor to go on from.
     */
    @GetMapping(path = "/v1/tasks/{task}/decisions/export", produces = NDJSON)
    void export(
            @PathVariable String task,
            @RequestParam(required = false) @Nullable String cursor,
            Narrowing narrowing,
            HttpServletResponse response)
            throws IOException {
        Names.requireName("task", task);
        String tenant = Caller.current().tenant();
        DecisionFilter asked = narrowing.filter();
        DecisionFilter filter = asked.to() == null ? asked.until(clock.instant().plusMillis(1)) : asked;
        UUID after = cursor == null ? null : id("cursor", cursor);
        List<LoggedDecision> some = log.following(tenant, task, after, EXPORTED_AT_ONCE, filter);
        response.setContentType(NDJSON);
        OutputStream out = response.getOutputStream();
        while (!some.isEmpty()) {
            for (LoggedDecision decision : some) {
                out.write(json.writeValueAsBytes(decision));
                out.write('\n');
            }
            UUID last = UUID.fromString(some.getLast().decision().id());
            some = log.following(tenant, task, last, EXPORTED_AT_ONCE, filter);
        }
        out.flush();
    }
}
