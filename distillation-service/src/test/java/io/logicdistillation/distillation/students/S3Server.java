package io.logicdistillation.distillation.students;

import com.robothy.s3.rest.LocalS3;
import com.robothy.s3.rest.bootstrap.LocalS3Mode;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;

/** A server that speaks S3, in this process and in memory, with a bucket. */
final class S3Server implements AutoCloseable {
    static final String BUCKET = "students";

    private final LocalS3 server =
            LocalS3.builder().mode(LocalS3Mode.IN_MEMORY).port(-1).build();

    S3Server() {
        // Any will do for this server, and the client signs with what it finds.
        System.setProperty("aws.accessKeyId", "tester");
        System.setProperty("aws.secretAccessKey", "secret");
        server.start();
        try (S3Client s3 = client(BUCKET)) {
            s3.createBucket(request -> request.bucket(BUCKET));
        }
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getPort());
    }

    S3Client client(String bucket) {
        return Storage.client(settings(bucket, endpoint()));
    }

    static StoreProperties.S3 settings(String bucket, @Nullable URI endpoint) {
        return new StoreProperties.S3(bucket, "", endpoint, "us-east-1", null, Duration.ofSeconds(5));
    }

    @Override
    public void close() {
        server.shutdown();
    }
}
