package io.logicdistillation.kit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.boot.autoconfigure.ssl.PropertiesSslBundle;
import org.springframework.boot.autoconfigure.ssl.SslProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.io.ResourceLoader;

/** Whether the bundles of keys and certificates can be read, and those that others name are there. */
final class CertificateCheck {
    private static final String BUNDLES = "spring.ssl.bundle";

    private CertificateCheck() {}

    /** What is wrong with them, each as a sentence without the content of a file or a setting. */
    static List<String> mistakes(Binder binder) {
        List<String> mistakes = new ArrayList<>();
        Map<String, Supplier<SslBundle>> bundles = new LinkedHashMap<>();
        ResourceLoader files = ApplicationResourceLoader.get();
        try {
            SslProperties.Bundles given =
                    binder.bindOrCreate("spring.ssl", SslProperties.class).getBundle();
            given.getPem().forEach((name, bundle) -> bundles.put(name, () -> PropertiesSslBundle.get(bundle, files)));
            given.getJks().forEach((name, bundle) -> bundles.put(name, () -> PropertiesSslBundle.get(bundle, files)));
        } catch (BindException unreadable) {
            return List.of(unreadable.getName() + " can not be read as a setting of a bundle of certificates");
        }
        bundles.forEach((name, bundle) -> {
            try {
                bundle.get().createSslContext();
            } catch (RuntimeException broken) {
                mistakes.add(BUNDLES + ": '" + name + "' can not be used: "
                        + NestedExceptionUtils.getMostSpecificCause(broken).getMessage());
            }
        });
        named(binder, "platform.tls-bundle", "PLATFORM_TLS_BUNDLE", bundles, mistakes);
        named(binder, "server.ssl.bundle", "SERVER_SSL_BUNDLE", bundles, mistakes);
        return mistakes;
    }

    private static void named(
            Binder binder, String property, String variable, Map<String, ?> bundles, List<String> mistakes) {
        String bundle = binder.bind(property, String.class).orElse("");
        if (!bundle.isBlank() && !bundles.containsKey(bundle)) {
            mistakes.add(variable + " names '" + bundle + "', of which there is nothing below " + BUNDLES);
        }
    }
}
