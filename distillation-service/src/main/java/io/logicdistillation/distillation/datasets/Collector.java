package io.logicdistillation.distillation.datasets;

import com.github.f4b6a3.uuid.UuidCreator;
import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.ServiceCalls;
import java.io.IOException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * Fills datasets from the decision log: the inference-service writes corrections as rows, and they are taken in like an upload,
 * batch by batch. Nothing remembers how far a collection came, because nothing needs to: rows that are there are passed over, so
 * whoever asks again after a cut gets the rest. Thread-safe.
 */
@Component
class Collector {
    private final Uploads uploads;
    private final Versions versions;
    private final ServiceCalls calls;
    private final RestClient inference;

    Collector(Uploads uploads, Versions versions, ServiceCalls calls, CollectingProperties properties) {
        this.uploads = uploads;
        this.versions = versions;
        this.calls = calls;
        this.inference = calls.asCaller(properties.inferenceUrl(), properties.timeout());
    }

    /**
     * @param report as of an upload, with the lines of what the log gave
     * @param version that holds all rows that are there now
     */
    record Collected(UploadReport report, Versions.Sealed version) {}

    /**
     * Takes in what the caller may see, and seals it.
     *
     * @param source both if absent
     * @param since only what was said from this moment on
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if the log breaks off, after which what came stays;
     *     {@link ProblemType#CONFLICT} if the dataset has no rows in the end
     */
    Collected collect(Caller caller, Dataset dataset, @Nullable Source source, @Nullable Instant since) {
        String upload = "collected-" + UuidCreator.getTimeOrderedEpoch();
        UploadReport report = inference
                .get()
                .uri(address -> address.path("/v1/tasks/{task}/corrections")
                        .queryParamIfPresent("by", Optional.ofNullable(source).map(Source::by))
                        .queryParamIfPresent("since", Optional.ofNullable(since))
                        .build(dataset.task()))
                .exchange((request, response) -> take(dataset, upload, response));
        return new Collected(Objects.requireNonNull(report), versions.seal(caller, dataset));
    }

    private UploadReport take(Dataset dataset, String upload, ClientHttpResponse response) throws IOException {
        if (!response.getStatusCode().is2xxSuccessful()) {
            throw calls.failure(response);
        }
        return uploads.take(dataset, upload, 1, response.getBody());
    }
}
