package io.logicdistillation.kit;

import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundles;

/**
 * How other services are called where their addresses begin with https. Read at the start: a certificate that is shown to others and
 * renewed is taken up with a restart, unlike the server's own, which Spring Boot can reload.
 *
 * @param context empty for what the JDK trusts, without a certificate of one's own
 */
public record ServiceTls(Optional<SSLContext> context) {
    static ServiceTls of(@Nullable String bundle, SslBundles bundles) {
        if (bundle == null || bundle.isBlank()) {
            return new ServiceTls(Optional.empty());
        }
        try {
            return new ServiceTls(Optional.of(bundles.getBundle(bundle).createSslContext()));
        } catch (NoSuchSslBundleException unknown) {
            throw new IllegalStateException(
                    "PLATFORM_TLS_BUNDLE names '" + bundle + "', of which there is nothing below spring.ssl.bundle",
                    unknown);
        }
    }
}
