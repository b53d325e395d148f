package io.logicdistillation.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.logicdistillation.testkit.TestCertificates;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
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
            assertThat(daysLeft(watched, "services", "keystore")).isBetween(18.0, 19.0);
            assertThat(daysLeft(watched, "services", "truststore")).isBetween(29.0, 30.0);
        }
        try (ConfigurableApplicationContext late = service(certificates.expiredKeyStore("later"))) {
            assertThat(daysLeft(late, "services", "keystore")).isBetween(-10.0, -9.0);
        }
    }

    /** The guide's second block as it stands there: without any bundle of the service's own, and after a renewal too. */
    @Test
    void tellHowLongTheCertificateOfPostgresHolds() throws IOException {
        certificates.keyStore("postgres");
        Path shown = folder.resolve("shown-by-postgres.crt");
        Files.copy(certificates.certificate("postgres"), shown);
        Map<String, String> files = Map.of(
                "/postgres/tls.crt", shown.toString(),
                "/postgres/ca.crt", certificates.root().toString());
        Map<String, Object> variables = guided(1, files);
        variables.put("SPRING_SSL_BUNDLE_WATCH_FILE_QUIETPERIOD", "200ms");
        try (ConfigurableApplicationContext watching = by(variables)) {
            assertThat(daysLeft(watching, "postgres", "truststore")).isBetween(18.0, 19.0);
            assertThat(daysLeft(watching, "postgresauthority", "truststore")).isBetween(29.0, 30.0);
            certificates.expiredKeyStore("postgres-later");
            Files.move(certificates.certificate("postgres-later"), shown, StandardCopyOption.REPLACE_EXISTING);
            Instant end = Instant.now().plusSeconds(60);
            while (!(daysLeft(watching, "postgres", "truststore") < 0)) {
                assertThat(Instant.now()).as("the new certificate is read").isBefore(end);
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        }
    }

    /** Of the chain of its kind that ends first; NaN while there is none. */
    private static double daysLeft(ConfigurableApplicationContext service, String bundle, String source) {
        return service
                .getBean(MeterRegistry.class)
                .find("ssl.chain.expiry")
                .tags("bundle", bundle, "source", source)
                .gauges()
                .stream()
                .mapToDouble(left -> left.value() / Duration.ofDays(1).toSeconds())
                .min()
                .orElse(Double.NaN);
    }

    private static int status(HttpClient client, String address) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address)).build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    /** The block of the guide as it stands there, as the environment of a service. */
    @Test
    void areSetUpAsTheGuideSays() throws IOException {
        certificates.keyStore("guided");
        Map<String, String> files = Map.of(
                "/tls/tls.crt", certificates.certificate("guided").toString(),
                "/tls/tls.key", certificates.key("guided").toString(),
                "/tls/ca.crt", certificates.root().toString());
        Map<String, Object> variables = guided(0, files);
        assertThat(variables).containsKeys("SERVER_SSL_CLIENTAUTH", "PLATFORM_TLS_BUNDLE");
        variables.putAll(Map.of("PLATFORM_CONNECTTIMEOUT", "20s", "PLATFORM_READTIMEOUT", "20s"));
        try (ConfigurableApplicationContext guided = by(variables);
                ConfigurableApplicationContext stranger = service(null)) {
            assertThat(call(guided, guided)).contains("\"tenant\":\"acme\"");
            assertThatThrownBy(() -> call(stranger, guided)).isInstanceOf(ResourceAccessException.class);
        }
    }

    /** Variables of one of the guide's blocks, with files of ours in place of its own. */
    private static Map<String, Object> guided(int block, Map<String, String> files) throws IOException {
        String guide = Files.readString(Path.of("..", "docs", "operations", "README.md"));
        List<String> blocks = Pattern.compile("(?ms)^```properties\n(.*?)^```")
                .matcher(guide)
                .results()
                .map(found -> found.group(1))
                .toList();
        Map<String, Object> variables = new HashMap<>();
        for (String line : blocks.get(block).lines().toList()) {
            if (!line.startsWith("#")) {
                String[] pair = line.split("=", 2);
                String value = pair[1].replaceFirst("^file:", "");
                variables.put(pair[0], files.containsKey(value) ? "file:" + files.get(value) : pair[1]);
            }
        }
        return variables;
    }

    /** Started by variables of the environment alone. */
    private static ConfigurableApplicationContext by(Map<String, Object> variables) {
        Map<String, Object> all = new HashMap<>(Map.of("PLATFORM_TOKEN_SECRET", "5a".repeat(32), "SERVER_PORT", "0"));
        all.putAll(variables);
        StandardEnvironment environment = new StandardEnvironment();
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, all));
        return new SpringApplicationBuilder(KitApplication.class)
                .environment(environment)
                .run();
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
