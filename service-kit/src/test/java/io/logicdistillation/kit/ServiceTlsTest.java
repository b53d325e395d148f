package io.logicdistillation.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.logicdistillation.testkit.TestCertificates;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.web.client.ResourceAccessException;

/** Two services that call each other by TLS, by settings alone. */
class ServiceTlsTest {
    private static final Caller CALLER = new Caller("acme", "tester", Set.of(Scope.DECIDE));
    private static final String BUNDLE = "spring.ssl.bundle.jks.services.";

    @TempDir
    private static Path folder;

    private static TestCertificates certificates;

    @BeforeAll
    static void makeAnAuthority() {
        certificates = TestCertificates.in(folder);
    }

    @Test
    void showEachOtherTheirCertificates() {
        try (ConfigurableApplicationContext called =
                        service(certificates.keyStore("called"), "server.ssl.client-auth=need");
                ConfigurableApplicationContext caller = service(certificates.keyStore("caller"))) {
            assertThat(call(caller, called)).contains("\"tenant\":\"acme\"");
        }
    }

    @Test
    void refuseACallerWithoutACertificate() {
        try (ConfigurableApplicationContext called =
                        service(certificates.keyStore("strict"), "server.ssl.client-auth=need");
                ConfigurableApplicationContext caller = service(null)) {
            assertThatThrownBy(() -> call(caller, called)).isInstanceOf(ResourceAccessException.class);
        }
    }

    @Test
    void sayThatACertificateHasExpired() {
        try (ConfigurableApplicationContext called = service(certificates.expiredKeyStore("late"));
                ConfigurableApplicationContext caller = service(null)) {
            assertThat(catchThrowable(() -> call(caller, called)))
                    .isInstanceOf(ResourceAccessException.class)
                    .hasStackTraceContaining("CertificateExpiredException: NotAfter");
        }
    }

    /** As the manifests of Kubernetes have it: kubelet and Prometheus show no certificate. */
    @Test
    void answerForTheirHealthAtAPortWithoutTls() throws IOException, InterruptedException {
        try (ConfigurableApplicationContext called = service(
                        certificates.keyStore("probed"),
                        "server.ssl.client-auth=need",
                        "management.server.port=0",
                        "management.server.ssl.enabled=false",
                        "management.endpoints.web.exposure.include=health,metrics");
                HttpClient anybody = HttpClient.newHttpClient()) {
            String address = "http://localhost:" + called.getEnvironment().getProperty("local.management.port");
            assertThat(status(anybody, address + "/actuator/health")).isEqualTo(200);
            assertThat(status(anybody, address + "/actuator/metrics")).isEqualTo(401);
            assertThat(status(anybody, address + "/caller")).isIn(401, 404);
        }
    }

    /** Spring Boot's own meter, by which the alerts go. */
    @Test
    void tellHowLongTheirCertificatesHold() {
        try (ConfigurableApplicationContext watched = service(certificates.keyStore("watched"))) {
            assertThat(daysLeft(watched, "keystore", "watched")).isBetween(18.0, 19.0);
            assertThat(daysLeft(watched, "truststore", "authority")).isBetween(29.0, 30.0);
        }
        try (ConfigurableApplicationContext late = service(certificates.expiredKeyStore("later"))) {
            assertThat(daysLeft(late, "keystore", "later")).isBetween(-10.0, -9.0);
        }
    }

    private static double daysLeft(ConfigurableApplicationContext service, String source, String chain) {
        Gauge left = service.getBean(MeterRegistry.class)
                .get("ssl.chain.expiry")
                .tags("bundle", "services", "source", source, "chain", chain)
                .gauge();
        assertThat(left.getId().getBaseUnit()).isEqualTo("seconds");
        return left.value() / Duration.ofDays(1).toSeconds();
    }

    private static int status(HttpClient client, String address) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address)).build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    /** The block of the guide as it stands there, as the environment of a service. */
    @Test
    void areSetUpAsTheGuideSays() throws IOException {
        certificates.keyStore("guided");
        String guide = Files.readString(Path.of("..", "docs", "operations", "README.md"));
        Map<String, Object> variables =
                new HashMap<>(Map.of("PLATFORM_TOKEN_SECRET", "5a".repeat(32), "SERVER_PORT", "0"));
        guide.lines()
                .dropWhile(line -> !line.equals("```properties"))
                .skip(1)
                .takeWhile(line -> !line.equals("```"))
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("=", 2))
                .forEach(pair -> variables.put(
                        pair[0],
                        pair[1].replace(
                                        "/tls/tls.crt",
                                        certificates.certificate("guided").toString())
                                .replace(
                                        "/tls/tls.key",
                                        certificates.key("guided").toString())
                                .replace("/tls/ca.crt", certificates.root().toString())));
        assertThat(variables).containsKeys("SERVER_SSL_CLIENTAUTH", "PLATFORM_TLS_BUNDLE");
        variables.putAll(Map.of("PLATFORM_CONNECTTIMEOUT", "20s", "PLATFORM_READTIMEOUT", "20s"));
        StandardEnvironment environment = new StandardEnvironment();
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, variables));
        try (ConfigurableApplicationContext guided = new SpringApplicationBuilder(KitApplication.class)
                        .environment(environment)
                        .run();
                ConfigurableApplicationContext stranger = service(null)) {
            assertThat(call(guided, guided)).contains("\"tenant\":\"acme\"");
            assertThatThrownBy(() -> call(stranger, guided)).isInstanceOf(ResourceAccessException.class);
        }
    }

    @Test
    void areNotStartedWithABundleThatIsNowhere() {
        assertThatThrownBy(() -> start("platform.tls-bundle=elsewhere").close())
                .hasStackTraceContaining("PLATFORM_TLS_BUNDLE names 'elsewhere'");
    }

    private static String call(ConfigurableApplicationContext caller, ConfigurableApplicationContext called) {
        URI address = URI.create("https://localhost:" + called.getEnvironment().getProperty("local.server.port"));
        return caller.getBean(ServiceCalls.class)
                .as(address, CALLER)
                .get()
                .uri("/caller")
                .retrieve()
                .body(String.class);
    }

    /** @param keys of the service's own; without them it has no certificate and is called without TLS */
    private static ConfigurableApplicationContext service(@Nullable Path keys, String... more) {
        List<String> settings = new ArrayList<>(List.of(more));
        settings.add("platform.tls-bundle=services");
        settings.add(BUNDLE + "truststore.location=file:" + certificates.trustStore());
        settings.add(BUNDLE + "truststore.password=" + TestCertificates.PASSWORD);
        settings.add(BUNDLE + "truststore.type=PKCS12");
        if (keys != null) {
            settings.add("server.ssl.bundle=services");
            settings.add(BUNDLE + "keystore.location=file:" + keys);
            settings.add(BUNDLE + "keystore.password=" + TestCertificates.PASSWORD);
            settings.add(BUNDLE + "keystore.type=PKCS12");
        }
        return start(settings.toArray(String[]::new));
    }

    private static ConfigurableApplicationContext start(String... settings) {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--platform.token-secret=" + "5a".repeat(32),
                "--platform.connect-timeout=20s",
                "--platform.read-timeout=20s"));
        for (String setting : settings) {
            arguments.add("--" + setting);
        }
        return new SpringApplicationBuilder(KitApplication.class).run(arguments.toArray(String[]::new));
    }
}
