package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import java.io.InputStream;
import java.util.Set;
import org.springframework.core.io.Resource;

final class NoFiles implements TenantFiles {
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
    public long erase(String tenant) {
        return 0;
    }
}
