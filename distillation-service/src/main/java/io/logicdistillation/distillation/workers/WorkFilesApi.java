package io.logicdistillation.distillation.workers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.datasets.Dataset;
import io.logicdistillation.distillation.datasets.DatasetStore;
import io.logicdistillation.distillation.datasets.DatasetVersion;
import io.logicdistillation.distillation.datasets.Versions;
import io.logicdistillation.distillation.jobs.Job;
import io.logicdistillation.distillation.jobs.JobSpec;
import io.logicdistillation.distillation.students.StartingPoints;
import io.logicdistillation.kit.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What a worker reads and leaves behind while it holds a claim, so that it needs no key of the tenant. */
@RestController
@RequestMapping("/worker/v1/claims/{claim}")
class WorkFilesApi {
    private static final String NDJSON = "application/x-ndjson";
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    private final Leases leases;
    private final Checkpoints checkpoints;
    private final DatasetStore datasets;
    private final Versions versions;
    private final StartingPoints starts;

    WorkFilesApi(
            Leases leases, Checkpoints checkpoints, DatasetStore datasets, Versions versions, StartingPoints starts) {
        this.leases = leases;
        this.checkpoints = checkpoints;
        this.datasets = datasets;
        this.versions = versions;
        this.starts = starts;
    }

    /**
     * The rows of the job's dataset version, or one side of its split. The job's spec holds the SHA-256 of all of them. Written on the
     * request's own thread, because what is written asynchronously has to end within half a minute.
     */
    @GetMapping("/trajectories")
    void trajectories(
            @PathVariable String claim,
            @RequestParam(required = false) @Nullable String split,
            HttpServletResponse response)
            throws IOException {
        Job job = leases.held(holder(claim));
        JobSpec.Data data = job.spec().dataset();
        Dataset dataset = datasets.get(job.tenant(), data.id());
        DatasetVersion version = versions.get(dataset, Objects.requireNonNull(data.version()));
        Boolean heldOut = heldOut(split);
        response.setContentType(NDJSON);
        versions.write(dataset, version, heldOut, response.getOutputStream());
    }

    /** The manifest or the adapter of the student that the job goes on from, checked against its hash. */
    @GetMapping("/start/{file}")
    ResponseEntity<Resource> start(@PathVariable String claim, @PathVariable String file) {
        Job job = leases.held(holder(claim));
        String start = job.spec().start();
        if (start == null) {
            throw new PlatformException(ProblemType.NOT_FOUND, "The job starts from the base model alone");
        }
        Resource found = switch (file) {
            case "manifest" -> starts.manifest(job.tenant(), start);
            case "adapter" -> starts.adapter(job.tenant(), start);
            default -> throw new PlatformException(ProblemType.NOT_FOUND, "There are a manifest and an adapter");
        };
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .body(found);
    }

    @PostMapping(path = "/checkpoints", consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    Claim.Checkpoint save(
            @PathVariable String claim,
            @RequestParam long fencingToken,
            @RequestParam int step,
            @RequestParam String sha256,
            HttpServletRequest request)
            throws IOException {
        if (step < 1 || !SHA256.matcher(sha256).matches() || request.getContentLengthLong() < 1) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "step, sha256 and Content-Length must describe the checkpoint");
        }
        Leases.Holder holder = holder(claim);
        Job job = leases.held(holder);
        long bytes = request.getContentLengthLong();
        checkpoints.store(job, sha256, request.getInputStream());
        checkpoints.remove(job, checkpoints.name(holder, fencingToken, new Checkpoints.Described(step, sha256, bytes)));
        return new Claim.Checkpoint(step, sha256, bytes);
    }

    /** Checked against its hash before the first byte leaves; 503 if it is damaged. */
    @GetMapping("/checkpoints/{sha256}")
    ResponseEntity<Resource> checkpoint(@PathVariable String claim, @PathVariable String sha256) {
        Job job = leases.held(holder(claim));
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .body(checkpoints.file(job, sha256));
    }

    private static Leases.Holder holder(String claim) {
        try {
            return new Leases.Holder(Caller.current().tenant(), UUID.fromString(claim));
        } catch (IllegalArgumentException none) {
            throw new PlatformException(ProblemType.NOT_FOUND, "A claim is a UUID", none);
        }
    }

    private static @Nullable Boolean heldOut(@Nullable String split) {
        return switch (split) {
            case null -> null;
            case "train" -> false;
            case "test" -> true;
            default -> throw new PlatformException(ProblemType.INVALID_REQUEST, "split must be train or test");
        };
    }
}
