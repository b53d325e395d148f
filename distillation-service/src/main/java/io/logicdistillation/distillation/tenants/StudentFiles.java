package io.logicdistillation.distillation.tenants;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.students.ArtifactStore;
import io.logicdistillation.kit.tenantdata.TenantFiles;
import java.io.InputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Students' files, which lie under their hash once for all tenants, and checkpoints, which are each job's own. Thread-safe. */
@Component
class StudentFiles implements TenantFiles {
    private static final String ADAPTER = "adapter_sha256";
    private static final String ACTIVATIONS = "activations_sha256";
    private static final String MANIFEST_PREFIX = "sha256:";
    /** The name of the lock is that of the registry, which holds it shared while it adds a row. */
    private static final String ALONE = "SELECT pg_advisory_xact_lock(hashtext('student files'))::text";

    private static final String SHARED = "SELECT pg_advisory_xact_lock_shared(hashtext('student files'))::text";

    private static final String NEEDED = """
            SELECT substr(id, 8) FROM students WHERE tenant = :tenant
            UNION SELECT adapter_sha256 FROM students WHERE tenant = :tenant AND adapter_sha256 IS NOT NULL
            UNION SELECT activations_sha256 FROM students WHERE tenant = :tenant
            """;
    private static final String CHECKPOINTS = """
            SELECT count(DISTINCT (c.job, c.sha256)) FROM job_checkpoints c JOIN jobs j ON j.number = c.job
            WHERE j.tenant = :tenant
            """;
    private static final String NAMED_ELSEWHERE = """
            SELECT hash FROM unnest(CAST(:hashes AS text[])) AS asked (hash)
            WHERE EXISTS (SELECT 1 FROM students s
                          WHERE hash IN (substr(s.id, 8), s.adapter_sha256, s.activations_sha256)
                            AND NOT (s.tenant = :tenant AND s.id = ANY (CAST(:students AS text[]))))
            """;

    private final JdbcClient jdbc;
    private final ArtifactStore store;

    StudentFiles(JdbcClient jdbc, ArtifactStore store) {
        this.jdbc = jdbc;
        this.store = store;
    }

    @Override
    public Map<String, List<String>> columns() {
        return Map.of("students", List.of("id", ADAPTER, ACTIVATIONS), "jobs", List.of("id"));
    }

    @Override
    public Set<String> needed(String tenant) {
        return new TreeSet<>(
                jdbc.sql(NEEDED).param("tenant", tenant).query(String.class).list());
    }

    @Override
    public long count(String tenant) {
        return needed(tenant).size()
                + jdbc.sql(CHECKPOINTS)
                        .param("tenant", tenant)
                        .query(Long.class)
                        .single();
    }

    @Override
    public Resource read(String tenant, String sha256) {
        if (!needed(tenant).contains(sha256)) {
            throw new PlatformException(ProblemType.NOT_FOUND, "No student of the tenant has such a file");
        }
        return store.verified(sha256);
    }

    @Override
    public void store(String sha256, InputStream bytes) {
        String found = store.put(bytes);
        if (!found.equals(sha256)) {
            // Bytes that nothing names do no harm, and whoever else has the same may need them.
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "The file is damaged: its SHA-256 is " + found + ", not " + sha256);
        }
    }

    @Override
    public void requireStored(JdbcClient transaction, String tenant) {
        transaction.sql(SHARED).query(String.class).single();
        needed(tenant).stream().filter(sha256 -> !store.has(sha256)).findFirst().ifPresent(absent -> {
            throw new PlatformException(
                    ProblemType.CONFLICT, "The file " + absent + " is not here: store the files before the rows");
        });
    }

    @Override
    public long remove(JdbcClient transaction, String tenant, String table, List<Map<String, @Nullable String>> rows) {
        return table.equals("jobs") ? removeCheckpoints(rows) : removeFiles(transaction, tenant, rows);
    }

    private long removeCheckpoints(List<Map<String, @Nullable String>> jobs) {
        long removed = 0;
        for (Map<String, @Nullable String> job : jobs) {
            ArtifactStore own = store.ofJob(Objects.requireNonNull(job.get("id")));
            if (!own.isEmpty()) {
                own.removeAll();
                requireGone(own.isEmpty());
                removed++;
            }
        }
        return removed;
    }

    private long removeFiles(JdbcClient transaction, String tenant, List<Map<String, @Nullable String>> students) {
        Set<String> hashes = new HashSet<>();
        for (Map<String, @Nullable String> student : students) {
            Stream.of(id(student).substring(MANIFEST_PREFIX.length()), student.get(ADAPTER), student.get(ACTIVATIONS))
                    .filter(Objects::nonNull)
                    .forEach(hashes::add);
        }
        transaction.sql(ALONE).query(String.class).single();
        hashes.removeAll(transaction
                .sql(NAMED_ELSEWHERE)
                .param("hashes", hashes.toArray(String[]::new))
                .param("tenant", tenant)
                .param("students", students.stream().map(StudentFiles::id).toArray(String[]::new))
                .query(String.class)
                .list());
        hashes.removeIf(sha256 -> !store.has(sha256));
        for (String sha256 : hashes) {
            store.remove(sha256);
            requireGone(!store.has(sha256));
        }
        return hashes.size();
    }

    private static String id(Map<String, @Nullable String> student) {
        return Objects.requireNonNull(student.get("id"));
    }

    private static void requireGone(boolean gone) {
        if (!gone) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "A file can not be removed; the log says why");
        }
    }
}
