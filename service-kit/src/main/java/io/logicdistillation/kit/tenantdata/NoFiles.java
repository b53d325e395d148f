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

final class NoFiles implements TenantFiles {
    @Override
    public Map<String, List<String>> columns() {
        return Map.of();
    }

    @Override
    public Set<String> needed(String tenant) {
        return Set.of();
    }

    @Override
    public long count(String tenant) {
        return 0;
    }

    @Override
    public Resource read(String tenant, String sha256) {
        throw new PlatformException(ProblemType.NOT_FOUND, "This service keeps no files");
    }

    @Override
    public void store(String sha256, InputStream bytes) {
        throw new PlatformException(ProblemType.NOT_FOUND, "This service keeps no files");
    }

    @Override
    public void requireStored(JdbcClient transaction, String tenant) {
        // no row names any
    }

    @Override
    public long remove(JdbcClient transaction, String tenant, String table, List<Map<String, @Nullable String>> rows) {
        return 0;
    }
}
