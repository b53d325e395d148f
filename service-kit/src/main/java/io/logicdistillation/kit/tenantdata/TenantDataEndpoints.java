package io.logicdistillation.kit.tenantdata;

import io.logicdistillation.contracts.Names;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** All that this service keeps of the caller's tenant; for the gateway, which lets those in who look after all tenants. */
@RestController
@ConditionalOnBean(TenantData.class)
@RequestMapping(TenantDataEndpoints.PATH)
class TenantDataEndpoints {
    static final String PATH = "/v1/tenant-data";

    private final TenantData data;

    TenantDataEndpoints(TenantData data) {
        this.data = data;
    }

    @GetMapping
    TenantData.Counts count() {
        return data.count(tenant());
    }

    @DeleteMapping
    TenantData.Erased erase() {
        return data.erase(tenant());
    }

    /** On the request's own thread, because what is written asynchronously has to end within half a minute. */
    @GetMapping(path = "/rows", produces = MediaType.APPLICATION_NDJSON_VALUE)
    void export(HttpServletResponse response) throws IOException {
        String tenant = tenant();
        response.setContentType(MediaType.APPLICATION_NDJSON_VALUE);
        data.export(tenant, response.getOutputStream());
    }

    @PutMapping(path = "/rows", consumes = MediaType.APPLICATION_NDJSON_VALUE)
    TenantData.Counts importRows(HttpServletRequest request) throws IOException {
        return data.importRows(tenant(), request.getInputStream());
    }

    @GetMapping(path = "/files/{sha256}", produces = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    ResponseEntity<Resource> file(@PathVariable String sha256) {
        return ResponseEntity.ok(data.file(tenant(), requireHash(sha256)));
    }

    @PutMapping(path = "/files/{sha256}", consumes = MediaType.APPLICATION_OCTET_STREAM_VALUE)
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void store(@PathVariable String sha256, HttpServletRequest request) throws IOException {
        data.store(requireHash(sha256), request.getInputStream());
    }

    private static String tenant() {
        return Names.requireName("tenant", Caller.current().tenant());
    }

    private static String requireHash(String sha256) {
        if (!Names.isHash("sha256:" + sha256)) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "A file is named by its SHA-256 in hexadecimal");
        }
        return sha256;
    }
}
