package io.logicdistillation.distillation.students;

import io.logicdistillation.kit.NeededSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where artifacts lie.
 *
 * @param dataDir the folder in which artifacts lie; with a bucket, the one for those on their way
 * @param s3 a bucket in which they lie instead
 */
@ConfigurationProperties("platform")
public record StoreProperties(
        @Nullable Path dataDir, @Nullable S3 s3) implements NeededSettings {
    private static final String NO_FOLDER = "PLATFORM_DATA_DIR is not set: name a folder for students' files";

    /**
     * A bucket of S3, or of storage that speaks it. Whose keys are used is said as for every program of AWS, say by
     * AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
     *
     * @param bucket that is there; none means the folder
     * @param prefix of all keys, such as students/
     * @param endpoint of other storage than AWS's
     * @param region of the bucket
     * @param pathStyle whether the bucket is part of the path; if there is an endpoint, unless something else is said
     * @param timeout of one request, with its repetitions
     */
    public record S3(
            @Nullable String bucket,
            @DefaultValue("") String prefix,
            @Nullable URI endpoint,
            @DefaultValue("us-east-1") String region,
            @Nullable Boolean pathStyle,
            @DefaultValue("5m") Duration timeout) {
        public S3 {
            endpoint = endpoint == null || endpoint.toString().isEmpty() ? null : endpoint;
            if (!prefix.isEmpty() && (!prefix.endsWith("/") || prefix.startsWith("/"))) {
                throw new IllegalArgumentException("platform.s3.prefix must end with a slash and not begin with one");
            }
        }

        boolean inPath() {
            return pathStyle == null ? endpoint != null : pathStyle;
        }
    }

    @Override
    public List<String> missing() {
        return dataDir == null || dataDir.toString().isBlank() ? List.of(NO_FOLDER) : List.of();
    }

    public Path requiredDataDir() {
        if (dataDir == null || dataDir.toString().isBlank()) {
            throw new IllegalStateException(NO_FOLDER);
        }
        return dataDir;
    }
}
