package io.logicdistillation.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.logicdistillation.kit.ServiceTls;
import io.logicdistillation.testkit.TestCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpstreamTlsTest {
    private static final char[] PASSWORD = TestCertificates.PASSWORD.toCharArray();

    @TempDir
    private static Path folder;

    private static TestCertificates certificates;

    @BeforeAll
    static void makeAnAuthority() {
        certificates = TestCertificates.in(folder);
    }

    @Test
    void showsItsCertificateToAServiceThatAsksForOne() throws Exception {
        assertThat(asked(certificates.keyStore("service"), Optional.of(certificates.keyStore("gateway"))))
                .isEqualTo(200);
    }

    @Test
    void isRefusedWithoutACertificate() {
        Path service = certificates.keyStore("strict");
        assertThatThrownBy(() -> asked(service, Optional.empty())).isInstanceOf(IOException.class);
    }

    @Test
    void takesNoExpiredCertificate() {
        Path service = certificates.expiredKeyStore("late");
        assertThatThrownBy(() -> asked(service, Optional.empty()))
                .isInstanceOf(SSLException.class)
                .hasStackTraceContaining("CertificateExpiredException: NotAfter");
    }

    private static int asked(Path service, Optional<Path> own) throws Exception {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context(Optional.of(service))) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters needed = getSSLContext().getDefaultSSLParameters();
                needed.setNeedClientAuth(true);
                parameters.setSSLParameters(needed);
            }
        });
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
        URI nowhere = URI.create("http://127.0.0.1:1");
        Duration patience = Duration.ofSeconds(20);
        UpstreamProperties properties = new UpstreamProperties(nowhere, nowhere, nowhere, patience, patience, 2);
        try (CloseableHttpClient client =
                new Upstreams().upstreamClient(properties, new ServiceTls(Optional.of(context(own))))) {
            String address = "https://127.0.0.1:" + server.getAddress().getPort() + "/";
            return client.execute(new HttpGet(address), response -> response.getCode());
        } finally {
            server.stop(0);
        }
    }

    private static SSLContext context(Optional<Path> keys) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(KeyStore.getInstance(certificates.trustStore().toFile(), PASSWORD));
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys.isPresent() ? KeyStore.getInstance(keys.get().toFile(), PASSWORD) : null, PASSWORD);
        SSLContext made = SSLContext.getInstance("TLS");
        made.init(keys.isPresent() ? own.getKeyManagers() : null, trust.getTrustManagers(), null);
        return made;
    }
}
