package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Caller;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.multipart.MultipartFile;

/** The registry over HTTP. */
@RestController
@RequestMapping("/v1/students")
class StudentsApi {
    private static final int LARGEST_PAGE = 200;
    private static final int LONGEST_REASON = 1_000;

    private final Students students;
    private final StudentRows rows;
    private final Canaries canaries;

    StudentsApi(Students students, StudentRows rows, Canaries canaries) {
        this.students = students;
        this.rows = rows;
        this.canaries = canaries;
    }

    /**
     * Why a student is promoted or rolled back; for the journal.
     *
     * @param override promote it whatever the gate says; needs a reason
     */
    record Change(@Nullable String reason, @Nullable Boolean override) {
        Change {
            if (Boolean.TRUE.equals(override) && (reason == null || reason.isBlank())) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "An override needs a reason");
            }
            if (reason != null && reason.length() > LONGEST_REASON) {
                throw new PlatformException(
                        ProblemType.INVALID_REQUEST, "reason is longer than " + LONGEST_REASON + " characters");
            }
        }
    }

    /**
     * Which promotion is wanted.
     *
     * @param override as of {@link Change}
     * @param canary that it shall decide a share first; all of it if absent
     */
    record Promotion(@Nullable String reason, @Nullable Boolean override, CanaryTerms.@Nullable Asked canary) {
        private static final Promotion USUAL = new Promotion(null, null, null);

        Promotion {
            // The same holds for both.
            var unused = new Change(reason, override);
        }
    }

    @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    ResponseEntity<Student> importStudent(
            @RequestPart MultipartFile manifest,
            @RequestPart(required = false) @Nullable MultipartFile adapter,
            @RequestPart MultipartFile activations)
            throws IOException {
        Students.Imported imported =
                students.importStudent(Caller.current(), new Students.Upload(manifest, adapter, activations));
        return ResponseEntity.status(imported.created() ? HttpStatus.CREATED : HttpStatus.OK)
                .location(URI.create("/v1/students/" + imported.student().id()))
                .body(imported.student());
    }

    /** The revision is read before the page, so a change in between is at worst sent twice and never missed. */
    @GetMapping
    @Nullable
    ResponseEntity<Page<Student>> list(
            @RequestParam(required = false) @Nullable String task,
            @RequestParam(required = false) @Nullable String name,
            @RequestParam(required = false) @Nullable Boolean promoted,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit,
            WebRequest request) {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "limit must lie between 1 and " + LARGEST_PAGE);
        }
        String tenant = Caller.current().tenant();
        String etag = '"' + rows.revision(tenant) + '"';
        if (request.checkNotModified(etag)) {
            return null;
        }
        return ResponseEntity.ok()
                .eTag(etag)
                .cacheControl(CacheControl.noCache().cachePrivate())
                .body(rows.page(tenant, new StudentRows.Filter(task, name, promoted), cursor, limit));
    }

    @GetMapping("/{student}")
    Student get(@PathVariable String student, @RequestParam(required = false) @Nullable String task) {
        return find(student, task);
    }

    @PostMapping("/{student}/promotions")
    Student promote(@PathVariable String student, @RequestBody(required = false) @Nullable Promotion asked) {
        Student found = find(student, null);
        Promotion promotion = asked == null ? Promotion.USUAL : asked;
        boolean override = Boolean.TRUE.equals(promotion.override());
        CanaryTerms.Asked share = promotion.canary();
        if (share == null) {
            canaries.promote(Caller.current(), found, promotion.reason(), override);
        } else {
            canaries.start(Caller.current(), found, share.terms(), promotion.reason(), override);
        }
        return find(found.id(), null);
    }

    @GetMapping("/{student}/promotions")
    Page<Promotions.Entry> promotions(@PathVariable String student) {
        String tenant = Caller.current().tenant();
        return new Page<>(canaries.journal(tenant, find(student, null).id()), null);
    }

    /** Answers with the student that serves from now on. */
    @PostMapping("/{student}/rollbacks")
    Student rollBack(@PathVariable String student, @RequestBody(required = false) @Nullable Change change) {
        Student found = find(student, null);
        String reason = change == null ? null : change.reason();
        return find(canaries.rollBack(Caller.current(), found, reason), null);
    }

    private Student find(String idOrName, @Nullable String task) {
        return students.find(Caller.current().tenant(), idOrName, task).student();
    }
}
