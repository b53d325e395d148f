package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a service keeps of tenants outside of its database. Thread-safe. */
public interface TenantFiles {
    /** The tables whose rows name files, with the columns that do. */
    Map<String, List<String>> columns();

    /** SHA-256 (64 hexadecimal digits) of the files without which the tenant's rows mean nothing elsewhere. */
    Set<String> needed(String tenant);

    /** How many files there are, those included that nobody needs elsewhere. */
    long count(String tenant);

    /** A file that the tenant's rows name. @throws PlatformException {@link ProblemType#NOT_FOUND} for any other */
    Resource read(String tenant, String sha256);

    /** Takes a file in before the rows that name it. @throws PlatformException {@link ProblemType#INVALID_REQUEST} if it has another hash */
    void store(String sha256, InputStream bytes);

    /**
     * Asked in the transaction that brings rows in, once they are there.
     *
     * @throws PlatformException {@link ProblemType#CONFLICT} if a file that they name is not there
     */
    void requireStored(JdbcClient transaction, String tenant);

    /**
     * Removes what nobody but these rows names, in the transaction that is about to delete them.
     *
     * @param rows of a table of {@link #columns()}: what stands in those columns
     * @return how many files were removed
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if one can not be removed
     */
    long remove(JdbcClient transaction, String tenant, String table, List<Map<String, @Nullable String>> rows);

    /** For services that keep rows only. */
    static TenantFiles none() {
        return new NoFiles();
    }
}
