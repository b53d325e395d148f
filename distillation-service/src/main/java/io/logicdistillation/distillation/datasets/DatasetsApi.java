package io.logicdistillation.distillation.datasets;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.Page;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.ServletWebRequest;

/** Datasets over HTTP. {@code {dataset}} is an id or a name. */
@RestController
@RequestMapping("/v1/datasets")
class DatasetsApi {
    static final String NDJSON = "application/x-ndjson";

    private static final int LARGEST_PAGE = 200;
    private static final double USUAL_SHARE = 0.1;
    private static final long USUAL_SEED = 7;
    private static final Pattern UPLOAD = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private final DatasetStore datasets;
    private final Uploads uploads;
    private final Versions versions;
    private final Profiles profiles;
    private final Collector collector;

    DatasetsApi(DatasetStore datasets, Uploads uploads, Versions versions, Profiles profiles, Collector collector) {
        this.datasets = datasets;
        this.uploads = uploads;
        this.versions = versions;
        this.profiles = profiles;
        this.collector = collector;
    }

    /**
     * @param heldOut share of episodes for tests, 0.1 if absent
     * @param seed draws them, 7 if absent
     */
    record NewDataset(
            String name,
            String task,
            @Nullable Double heldOut,
            @Nullable Long seed) {
        NewDataset {
            Names.requireName("name", name);
            Names.requireName("task", task);
            if (heldOut != null && !(heldOut > 0 && heldOut < 1)) {
                throw new PlatformException(ProblemType.INVALID_REQUEST, "heldOut must lie between 0 and 1");
            }
        }
    }

    /**
     * Where rows are to come from.
     *
     * @param source both feedback and escalations if absent
     * @param since from the beginning if absent
     */
    record NewCollection(@Nullable Source source, @Nullable Instant since) {}

    /** What a collection came to. */
    record Collection(UploadReport report, DatasetVersion version) {}

    /** A stored row. */
    record ShownRow(long number, String split, @JsonRawValue String trajectory) {}

    @PostMapping
    ResponseEntity<Dataset> create(@RequestBody NewDataset wanted) {
        Dataset created = datasets.create(
                Caller.current(),
                new DatasetStore.Definition(
                        wanted.name(),
                        wanted.task(),
                        wanted.heldOut() == null ? USUAL_SHARE : wanted.heldOut(),
                        wanted.seed() == null ? USUAL_SEED : wanted.seed()));
        return ResponseEntity.created(URI.create("/v1/datasets/" + created.id()))
                .body(created);
    }

    @GetMapping
    Page<Dataset> list(
            @RequestParam(required = false) @Nullable String cursor, @RequestParam(defaultValue = "50") int limit) {
        return datasets.page(
                Caller.current().tenant(), cursor == null ? null : Cursor.read(cursor), requireLimit(limit));
    }

    @GetMapping("/{dataset}")
    Dataset get(@PathVariable String dataset) {
        return find(dataset);
    }

    @GetMapping("/{dataset}/profile")
    Profiles.Profile profile(@PathVariable String dataset) {
        return profiles.of(find(dataset));
    }

    /** Reads the body as it comes; errors of single lines are in the answer and stop nothing. */
    @PostMapping(path = "/{dataset}/trajectories", consumes = NDJSON)
    UploadReport upload(
            @PathVariable String dataset,
            @RequestParam(required = false) @Nullable String upload,
            @RequestParam(defaultValue = "1") long from,
            HttpServletRequest request)
            throws IOException {
        if (from < 1) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "from counts lines from 1");
        }
        String name = upload == null ? UUID.randomUUID().toString() : requireUpload(upload);
        return uploads.take(find(dataset), name, from, request.getInputStream());
    }

    /** How far an upload has come, after a cut for example. */
    @GetMapping("/{dataset}/uploads/{upload}")
    UploadReport report(@PathVariable String dataset, @PathVariable String upload) {
        return uploads.find(find(dataset), upload)
                .orElseThrow(() ->
                        new PlatformException(ProblemType.NOT_FOUND, "The dataset has no upload '" + upload + "'"));
    }

    @GetMapping("/{dataset}/trajectories")
    Page<ShownRow> rows(
            @PathVariable String dataset,
            @RequestParam(required = false) @Nullable String stage,
            @RequestParam(required = false) @Nullable String chosen,
            @RequestParam(required = false) @Nullable String split,
            @RequestParam(required = false) @Nullable String cursor,
            @RequestParam(defaultValue = "50") int limit) {
        DatasetStore.Filter filter = new DatasetStore.Filter(stage, chosen, heldOut(split));
        long after = cursor == null ? 0 : Cursor.read(cursor);
        List<DatasetStore.Row> found = datasets.rows(find(dataset), filter, after, requireLimit(limit) + 1);
        List<DatasetStore.Row> shown = found.subList(0, Math.min(limit, found.size()));
        return new Page<>(
                shown.stream()
                        .map(row -> new ShownRow(row.number(), row.heldOut() ? "test" : "train", row.line()))
                        .toList(),
                found.size() > limit ? Cursor.of(shown.getLast().number()) : null);
    }

    /** From the decision log, and sealed: 201 with a new version, 200 where the newest holds all of it already. */
    @PostMapping("/{dataset}/collections")
    ResponseEntity<Collection> collect(@PathVariable String dataset, @RequestBody NewCollection wanted) {
        Collector.Collected found = collector.collect(Caller.current(), find(dataset), wanted.source(), wanted.since());
        return ResponseEntity.status(found.version().created() ? HttpStatus.CREATED : HttpStatus.OK)
                .body(new Collection(found.report(), found.version().version()));
    }

    @PostMapping("/{dataset}/versions")
    ResponseEntity<DatasetVersion> seal(@PathVariable String dataset) {
        Versions.Sealed sealed = versions.seal(Caller.current(), find(dataset));
        return ResponseEntity.status(sealed.created() ? HttpStatus.CREATED : HttpStatus.OK)
                .body(sealed.version());
    }

    @GetMapping("/{dataset}/versions")
    Page<DatasetVersion> versions(@PathVariable String dataset) {
        return new Page<>(versions.list(find(dataset)), null);
    }

    /** Written on the request's own thread, because what is written asynchronously has to end within half a minute. */
    @GetMapping(path = "/{dataset}/versions/{version}/trajectories", produces = NDJSON)
    void download(
            @PathVariable String dataset,
            @PathVariable int version,
            @RequestParam(required = false) @Nullable String split,
            ServletWebRequest request,
            HttpServletResponse response)
            throws IOException {
        Dataset found = find(dataset);
        DatasetVersion wanted = versions.get(found, version);
        Boolean heldOut = heldOut(split);
        if (!request.checkNotModified(wanted.sha256() + (split == null ? "" : "-" + split))) {
            response.setContentType(NDJSON);
            versions.write(found, wanted, heldOut, response.getOutputStream());
        }
    }

    private Dataset find(String idOrName) {
        return datasets.get(Caller.current().tenant(), idOrName);
    }

    private static int requireLimit(int limit) {
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "limit must lie between 1 and " + LARGEST_PAGE);
        }
        return limit;
    }

    private static String requireUpload(String upload) {
        if (!UPLOAD.matcher(upload).matches()) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "upload must be 1 to 64 letters, digits, '.', '_' or '-'");
        }
        return upload;
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
