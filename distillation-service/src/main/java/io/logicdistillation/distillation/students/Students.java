package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Sha256;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.multipart.MultipartFile;

/** Takes students in and finds them again. */
@Component
public class Students {
    private final ArtifactStore store;
    private final StudentRows rows;
    private final Clock clock;
    private final MeterRegistry meters;
    private final TransactionTemplate transactions;

    Students(
            ArtifactStore store,
            StudentRows rows,
            Clock clock,
            MeterRegistry meters,
            TransactionTemplate transactions) {
        this.transactions = transactions;
        this.store = store;
        this.rows = rows;
        this.clock = clock;
        this.meters = meters;
    }

    /** The parts of an upload. */
    public record Upload(MultipartFile manifest, @Nullable MultipartFile adapter, MultipartFile activations) {}

    /** @param created false if the same manifest was here before */
    record Imported(Student student, boolean created) {}

    /** A student whose files are checked and stored, and which no row names yet. */
    public static final class Prepared {
        private final StudentRow row;

        private Prepared(StudentRow row) {
            this.row = row;
        }

        public Student student() {
            return row.student();
        }
    }

    /**
     * Checks everything, then stores the files, then the row: a crash in between leaves files that nothing names, never a row
     * without its files. The same upload again changes nothing, but repairs files that were damaged.
     *
     * @throws PlatformException {@link ProblemType#INVALID_REQUEST} and what {@link ArtifactStore#put} throws
     */
    Imported importStudent(Caller caller, Upload upload) throws IOException {
        Prepared prepared = prepare(upload);
        boolean created = register(caller.tenant(), caller.name(), prepared);
        return new Imported(find(caller.tenant(), prepared.student().id(), null).student(), created);
    }

    /** The first half of an import: all but the row. */
    public Prepared prepare(Upload upload) throws IOException {
        if (upload.manifest().getSize() > StudentManifest.LARGEST_BYTES) {
            throw new PlatformException(ProblemType.TOO_LARGE, "The manifest is larger than 1 MB");
        }
        byte[] bytes = upload.manifest().getBytes();
        StudentManifest manifest = StudentManifest.parse(bytes);
        check(manifest, upload);
        store(bytes, upload);
        StudentManifest.File adapter = manifest.files().adapter();
        String text = new String(bytes, StandardCharsets.UTF_8);
        Student student = new Student(
                "sha256:" + Sha256.of(bytes),
                manifest.name(),
                manifest.task(),
                manifest.method(),
                false,
                clock.instant().truncatedTo(ChronoUnit.MICROS),
                StudentManifest.asMap(text),
                null);
        return new Prepared(new StudentRow(
                student,
                text,
                adapter == null ? null : adapter.sha256(),
                manifest.files().activations().sha256()));
    }

    /**
     * The second half: the row, in the transaction of the caller if there is one.
     *
     * @return false if it was here before
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if a tenant with the same files was erased just now, and they with it
     */
    public boolean register(String tenant, String by, Prepared prepared) {
        boolean created = Boolean.TRUE.equals(transactions.execute(status -> {
            rows.keepFiles();
            if (!prepared.row.files().stream().allMatch(store::has)) {
                throw new PlatformException(
                        ProblemType.UNAVAILABLE, "The student's files were just removed; try again");
            }
            return rows.insert(tenant, prepared.row, by);
        }));
        meters.counter("platform.students.imports", "outcome", created ? "created" : "known")
                .increment();
        return created;
    }

    /**
     * @param idOrName a name means the newest student of that name
     * @throws PlatformException {@link ProblemType#UNKNOWN_STUDENT}
     */
    StudentRow find(String tenant, String idOrName, @Nullable String task) {
        return (Names.isHash(idOrName) ? rows.byId(tenant, idOrName) : rows.byName(tenant, idOrName, task))
                .orElseThrow(() ->
                        new PlatformException(ProblemType.UNKNOWN_STUDENT, "There is no student '" + idOrName + "'"));
    }

    private static void check(StudentManifest manifest, Upload upload) throws IOException {
        StudentManifest.File promised = manifest.files().adapter();
        MultipartFile adapter = upload.adapter();
        if (promised != null && adapter != null) {
            PackageCheck.adapter(adapter, promised, Objects.requireNonNull(manifest.lora()));
        } else if (promised != null || adapter != null) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "The part 'adapter' must be there exactly when the manifest names it");
        }
        PackageCheck.activations(upload.activations(), manifest.files().activations());
    }

    private void store(byte[] manifest, Upload upload) throws IOException {
        MultipartFile adapter = upload.adapter();
        if (adapter != null) {
            put(adapter);
        }
        put(upload.activations());
        store.put(new ByteArrayInputStream(manifest));
    }

    private void put(MultipartFile part) throws IOException {
        try (InputStream bytes = part.getInputStream()) {
            store.put(bytes);
        }
    }
}
