package io.logicdistillation.distillation.students;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/** Chooses where artifacts lie. */
@Configuration(proxyBeanMethods = false)
class Storage {
    private static final Duration CONNECT = Duration.ofSeconds(5);

    /** @throws IOException if the folder can not be used, so that it shows at start-up */
    @Bean
    ArtifactStore artifactStore(StoreProperties properties) throws IOException {
        Path folder = properties.requiredDataDir();
        StoreProperties.S3 s3 = properties.s3();
        if (s3 == null || s3.bucket() == null || s3.bucket().isBlank()) {
            return FolderStore.open(folder);
        }
        return new BucketStore(client(s3), s3.bucket(), s3.prefix(), folder.resolve("incoming")).open();
    }

    /** Asks for what all storage that speaks S3 understands: no checksums in trailers, no signed chunks. */
    static S3Client client(StoreProperties.S3 s3) {
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder().connectionTimeout(CONNECT))
                .overrideConfiguration(all -> all.apiCallTimeout(s3.timeout()))
                .region(Region.of(s3.region()))
                .forcePathStyle(s3.inPath())
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        return s3.endpoint() == null
                ? builder.build()
                : builder.endpointOverride(s3.endpoint()).build();
    }
}
