package io.logicdistillation.functionbase;

import org.springframework.jdbc.core.simple.JdbcClient;

/** The installed pgvector, known to have iterative index scans: without them a filtered search misses functions silently. */
record PgvectorVersion(String version) {
    private static final int MAJOR = 0;
    private static final int MINOR = 8;

    PgvectorVersion {
        String[] parts = version.split("\\.", -1);
        int major = Integer.parseInt(parts[0]);
        int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
        if (major < MAJOR || (major == MAJOR && minor < MINOR)) {
            throw new IllegalStateException("pgvector " + version + " is too old: 0.8.0 or newer is needed, "
                    + "run ALTER EXTENSION vector UPDATE in the database after installing it");
        }
    }

    static PgvectorVersion require(JdbcClient database) {
        return new PgvectorVersion(database.sql("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
                .query(String.class)
                .single());
    }
}
