package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.InputStream;
import java.util.Set;
import org.springframework.core.io.Resource;

/** What a service keeps of tenants outside of its database. Thread-safe. */
public interface TenantFiles {
    /** SHA-256 (64 hexadecimal digits) of the files without which the tenant's rows mean nothing elsewhere. */
    Set<String> needed(String tenant);

    /** How many files there are, those included that nobody needs elsewhere. */
    long count(String tenant);

    /** A file that the tenant's rows name. @throws PlatformException {@link ProblemType#NOT_FOUND} for any other */
    Resource read(String tenant, String sha256);

    /** Takes a file in before the rows that name it. @throws PlatformException {@link ProblemType#INVALID_REQUEST} if it has another hash */
    void store(String sha256, InputStream bytes);

    /**
     * Removes the files that only this tenant's rows name, while the rows are still there. To be called again after a crash.
     *
     * @return how many were removed this time
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if one is still there afterwards
     */
    long erase(String tenant);

    /** For services that keep rows only. */
    static TenantFiles none() {
        return new NoFiles();
    }
}
