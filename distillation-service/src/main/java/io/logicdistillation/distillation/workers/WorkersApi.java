package io.logicdistillation.distillation.workers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.distillation.jobs.Job;
import io.logicdistillation.distillation.jobs.JobState;
import io.logicdistillation.distillation.jobs.Progress;
import io.logicdistillation.distillation.students.Students;
import io.logicdistillation.kit.Caller;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** Claiming, keeping and ending jobs over HTTP. A caller of the tenant {@code *} works for all tenants, any other for its own. */
@RestController
@RequestMapping("/worker/v1/claims")
class WorkersApi {
    private static final int MOST_METRICS = 30;
    private static final int MOST_LINES = 200;
    private static final int LONGEST_LINE = 1_000;
    private static final int LONGEST_REASON = 2_000;

    private final Claims claims;
    private final Leases leases;
    private final Completions completions;
    private final Checkpoints checkpoints;
    private final Students students;
    private final Clock clock;

    WorkersApi(
            Claims claims,
            Leases leases,
            Completions completions,
            Checkpoints checkpoints,
            Students students,
            Clock clock) {
        this.claims = claims;
        this.leases = leases;
        this.completions = completions;
        this.checkpoints = checkpoints;
        this.students = students;
        this.clock = clock;
    }

    /**
     * @param step of {@code steps}; absent before the first
     * @param metrics numbers by name
     * @param trials of a sweep
     * @param log lines since the last heartbeat
     */
    record Heartbeat(
            Long fencingToken,
            @Nullable Integer step,
            @Nullable Integer steps,
            @Nullable Double seconds,
            @Nullable Map<String, Double> metrics,
            @Nullable List<Progress.Trial> trials,
            @Nullable List<String> log) {
        Heartbeat {
            requireToken(fencingToken);
            requireThat(
                    step == null || steps != null && seconds != null && step >= 0 && step <= steps && seconds >= 0,
                    "step comes with steps and seconds");
            metrics = metrics == null ? Map.of() : metrics;
            requireThat(
                    metrics.size() <= MOST_METRICS
                            && metrics.values().stream().allMatch(value -> value != null && Double.isFinite(value)),
                    "metrics must be at most " + MOST_METRICS + " finite numbers");
            log = log == null ? List.of() : log;
            requireThat(log.size() <= MOST_LINES, "log must have at most " + MOST_LINES + " lines");
        }

        @Nullable
        Progress progress(Instant now) {
            return step == null || steps == null || seconds == null
                    ? null
                    : new Progress(step, steps, seconds, metrics == null ? Map.of() : metrics, now, trials);
        }

        List<String> lines() {
            return log == null
                    ? List.of()
                    : log.stream().map(line -> cut(line, LONGEST_LINE)).toList();
        }
    }

    record Beat(Instant leaseUntil) {}

    record Ending(
            Long fencingToken,
            String reason,
            @Nullable Boolean retryable,
            @Nullable Boolean released) {
        Ending {
            requireToken(fencingToken);
            requireThat(reason != null && !reason.isBlank(), "reason is missing");
        }
    }

    record Ended(JobState state) {}

    /** 204 if there is nothing to do for this worker. */
    @PostMapping
    ResponseEntity<Claim> claim(
            @RequestBody Worker worker,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key) {
        return claims.next(Caller.current().tenant(), key == null ? null : uuid(key), worker)
                .map(ResponseEntity::ok)
                .orElseGet(() -> ResponseEntity.noContent().build());
    }

    @PostMapping("/{claim}/heartbeats")
    Beat beat(@PathVariable String claim, @RequestBody Heartbeat said) {
        return new Beat(leases.beat(holder(claim), said.fencingToken(), said.progress(clock.instant()), said.lines()));
    }

    @PostMapping("/{claim}/failures")
    Ended fail(@PathVariable String claim, @RequestBody Ending ending) {
        boolean released = Boolean.TRUE.equals(ending.released());
        boolean retryable = !Boolean.FALSE.equals(ending.retryable());
        return new Ended(leases.fail(
                holder(claim),
                ending.fencingToken(),
                new Leases.Failure(cut(ending.reason(), LONGEST_REASON), retryable, released)));
    }

    @PostMapping(path = "/{claim}/completions", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    Student complete(
            @PathVariable String claim,
            @RequestParam long fencingToken,
            @RequestPart MultipartFile manifest,
            @RequestPart MultipartFile adapter,
            @RequestPart MultipartFile activations)
            throws IOException {
        Leases.Holder holder = holder(claim);
        Students.Prepared prepared = students.prepare(new Students.Upload(manifest, adapter, activations));
        Optional<Job> before = completions.before(holder, prepared.student());
        if (before.isEmpty()) {
            Job job = completions.complete(holder, fencingToken, leases.held(holder), prepared);
            checkpoints.discard(job);
        }
        return prepared.student();
    }

    private static Leases.Holder holder(String claim) {
        return new Leases.Holder(Caller.current().tenant(), uuid(claim));
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException none) {
            throw new PlatformException(ProblemType.NOT_FOUND, "A claim is a UUID", none);
        }
    }

    private static String cut(@Nullable String text, int longest) {
        String said = String.valueOf(text).replace('\0', ' ');
        return said.length() <= longest ? said : said.substring(0, longest);
    }

    private static void requireToken(Long token) {
        requireThat(token != null, "fencingToken is missing");
    }

    private static void requireThat(boolean condition, String otherwise) {
        if (!condition) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, otherwise);
        }
    }
}
