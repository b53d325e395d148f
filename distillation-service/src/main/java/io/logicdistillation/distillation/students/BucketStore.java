package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.Resource;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * A bucket that speaks S3. An object appears whole or not at all, which S3 promises; on its way in or out it lies in a folder
 * of this machine, because only the whole of it has a hash.
 */
final class BucketStore implements ArtifactStore {
    private static final Logger log = LoggerFactory.getLogger(BucketStore.class);
    /** As many as one request may remove. */
    private static final int PAGE = 1_000;

    private final S3Client s3;
    private final String bucket;
    private final String prefix;
    private final Path scratch;

    /**
     * @param prefix of all keys, empty or with a slash at its end
     * @param scratch a folder for files on their way
     */
    BucketStore(S3Client s3, String bucket, String prefix, Path scratch) {
        this.s3 = s3;
        this.bucket = bucket;
        this.prefix = prefix;
        this.scratch = scratch;
    }

    /**
     * Looks once, so that a misspelt bucket or missing rights show at start-up. Storage that does not answer is waited for: the
     * rest of the service needs none.
     *
     * @throws IllegalStateException if the bucket is not there, or not for this service
     * @throws IOException if the folder for files on their way can not be made
     */
    BucketStore open() throws IOException {
        Files.createDirectories(scratch);
        try {
            s3.headBucket(request -> request.bucket(bucket));
        } catch (S3Exception refused) {
            if (refused.statusCode() < 500) {
                throw new IllegalStateException(
                        "The bucket '" + bucket + "' of platform.s3 can not be used: " + refused.getMessage(), refused);
            }
            log.warn("The bucket {} does not answer yet: {}", bucket, refused.toString());
        } catch (SdkException away) {
            log.warn("The bucket {} does not answer yet: {}", bucket, away.toString());
        }
        return this;
    }

    @Override
    public String put(InputStream source) {
        try {
            Path aside = Files.createTempFile(scratch, "put-", ".part");
            try {
                String sha256;
                try (OutputStream output = Files.newOutputStream(aside)) {
                    sha256 = Sha256.copying(source, output);
                }
                s3.putObject(request -> request.bucket(bucket).key(key(sha256)), RequestBody.fromFile(aside));
                return sha256;
            } finally {
                Files.deleteIfExists(aside);
            }
        } catch (IOException | SdkException failure) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE, "The artifact store can not take the file; try again", failure);
        }
    }

    @Override
    public Resource verified(String sha256) {
        try {
            Path aside = Files.createTempFile(scratch, "get-", ".part");
            try {
                if (fetched(sha256, aside).equals(sha256)) {
                    return PassingFile.of(aside);
                }
                log.error("{} of the bucket {} does not match its hash any more", key(sha256), bucket);
            } finally {
                Files.deleteIfExists(aside);
            }
        } catch (IOException | SdkException failure) {
            log.error("{} of the bucket {} can not be read: {}", key(sha256), bucket, failure.toString());
        }
        throw new PlatformException(
                ProblemType.UNAVAILABLE, "The stored file is missing or damaged; store it again to repair it");
    }

    private String fetched(String sha256, Path target) throws IOException {
        try (InputStream source = s3.getObject(request -> request.bucket(bucket).key(key(sha256)));
                OutputStream output = Files.newOutputStream(target)) {
            return Sha256.copying(source, output);
        }
    }

    @Override
    public boolean has(String sha256) {
        try {
            s3.headObject(request -> request.bucket(bucket).key(key(sha256)));
            return true;
        } catch (NoSuchKeyException absent) {
            return false;
        } catch (SdkException failure) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE, "The artifact store does not answer; try again", failure);
        }
    }

    @Override
    public ArtifactStore within(String name) {
        return new BucketStore(s3, bucket, prefix + name + "/", scratch);
    }

    @Override
    public boolean isEmpty() {
        try {
            return page().isEmpty();
        } catch (SdkException failure) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE, "The artifact store does not answer; try again", failure);
        }
    }

    @Override
    public void remove(String sha256) {
        try {
            s3.deleteObject(request -> request.bucket(bucket).key(key(sha256)));
        } catch (SdkException failure) {
            log.warn("{} of the bucket {} stays behind: {}", key(sha256), bucket, failure.toString());
        }
    }

    @Override
    public void removeAll() {
        try {
            List<ObjectIdentifier> page = page();
            while (!page.isEmpty()) {
                List<ObjectIdentifier> found = page;
                s3.deleteObjects(request -> request.bucket(bucket).delete(delete -> delete.objects(found)));
                page = found.size() < PAGE ? List.of() : page();
            }
        } catch (SdkException failure) {
            log.warn("{} of the bucket {} stays behind: {}", prefix, bucket, failure.toString());
        }
    }

    private List<ObjectIdentifier> page() {
        return s3.listObjectsV2(request -> request.bucket(bucket).prefix(prefix).maxKeys(PAGE)).contents().stream()
                .map(object -> ObjectIdentifier.builder().key(object.key()).build())
                .toList();
    }

    private String key(String sha256) {
        return prefix + "objects/" + sha256.substring(0, 2) + "/" + sha256;
    }
}
