package io.logicdistillation.distillation.jobs;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.datasets.Cursor;
import io.logicdistillation.kit.Caller;
import java.net.URI;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Jobs over HTTP. */
@RestController
@RequestMapping("/v1/distillation-jobs")
class JobsApi {
    private static final int LARGEST_PAGE = 200;
    private static final int LONGEST_TAIL = 2_000;
    private static final int LONGEST_KEY = 200;

    private final Jobs jobs;
    private final JobStore store;
    private final JobEvents events;
    private final JobStreams streams;

    JobsApi(Jobs jobs, JobStore store, JobEvents events, JobStreams streams) {
        this.jobs = jobs;
        this.store = store;
        this.events = events;
        this.streams = streams;
    }

    @PostMapping
    ResponseEntity<Job> submit(
            @RequestBody JobSpec spec,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key) {
        if (key != null && (key.isBlank() || key.length() > LONGEST_KEY)) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "Idempotency-Key must have 1 to " + LONGEST_KEY + " characters");
        }
        return accepted(jobs.submit(Caller.current(), spec, key));
    }

    @GetMapping
    Page<Job> list(
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String task,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        requireRange("limit", limit, LARGEST_PAGE);
        return store.page(
                Caller.current().tenant(),
                new JobStore.Filter(state(state), task),
                cursor == null ? null : Cursor.read(cursor),
                limit);
    }

    @GetMapping("/{id}")
    Job get(@PathVariable String id) {
        return find(id);
    }

    @DeleteMapping("/{id}")
    Job cancel(@PathVariable String id) {
        return jobs.cancel(Caller.current(), idOf(id));
    }

    @PostMapping("/{id}/retries")
    ResponseEntity<Job> retry(@PathVariable String id) {
        return accepted(jobs.retry(Caller.current(), idOf(id)));
    }

    @GetMapping("/{id}/log")
    Page<JobEvents.LogLine> log(@PathVariable String id, @RequestParam(defaultValue = "100") int lines) {
        requireRange("lines", lines, LONGEST_TAIL);
        return new Page<>(events.tail(find(id).number(), lines), null);
    }

    /** Everything from the beginning, or from the event after the one that the client saw last, until the job has ended. */
    @GetMapping(path = "/{id}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    SseEmitter events(
            @PathVariable String id,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastSeen) {
        return streams.open(Caller.current().tenant(), find(id), lastSeen == null ? 0 : eventNumber(lastSeen));
    }

    private Job find(String id) {
        return store.get(Caller.current().tenant(), idOf(id));
    }

    private static ResponseEntity<Job> accepted(Job job) {
        return ResponseEntity.accepted()
                .location(URI.create("/v1/distillation-jobs/" + job.id()))
                .body(job);
    }

    private static UUID idOf(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException none) {
            throw new PlatformException(ProblemType.UNKNOWN_JOB, "There is no job '" + text + "'", none);
        }
    }

    private static long eventNumber(String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException none) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "Last-Event-ID is no event's id", none);
        }
    }

    private static @Nullable JobState state(@Nullable String text) {
        if (text == null) {
            return null;
        }
        return Arrays.stream(JobState.values())
                .filter(state -> state.wireName().equals(text))
                .findFirst()
                .orElseThrow(() -> new PlatformException(ProblemType.INVALID_REQUEST, "There is no such state"));
    }

    private static void requireRange(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, what + " must lie between 1 and " + most);
        }
    }
}
