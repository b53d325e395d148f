package io.logicdistillation.distillation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.logicdistillation.testkit.TestCertificates;
import io.logicdistillation.testkit.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What ends the service at its start is named by the last lines of its log: the messages of what it ended with. */
class StartFaultsTest {
    private static final char[] PASSWORD = TestCertificates.PASSWORD.toCharArray();

    @TempDir
    private Path folder;

    @Test
    void namesAMigrationThatFailsAndLeavesTheDatabaseToTheVersionBefore() throws Exception {
        TestDatabase database = TestDatabase.create();
        start(settings(database)).close();

        String said = endedWith(
                settings(database), "spring.flyway.locations=classpath:db/migration,classpath:failing-migration");
        assertThat(said)
                .contains("V900__asks_for_a_table_that_is_not_there.sql")
                .contains("relation \"no_such_table\" does not exist");
        JdbcClient jdbc =
                JdbcClient.create(new DriverManagerDataSource(database.url(), database.user(), database.password()));
        assertThat(jdbc.sql("SELECT to_regclass('half_made') IS NULL")
                        .query(Boolean.class)
                        .single())
                .as("a migration is there whole or not at all")
                .isTrue();
        start(settings(database)).close();
    }

    @Test
    void namesPostgresWhereNothingAnswersAtItsAddress() {
        assertThat(endedWith(settings(new TestDatabase("jdbc:postgresql://127.0.0.1:1/none", "nobody", ""))))
                .contains("Connection to 127.0.0.1:1 refused");
    }

    @Test
    void namesAnExpiredCertificateOfPostgres() throws Exception {
        TestCertificates certificates = TestCertificates.in(Files.createDirectory(folder.resolve("certificates")));
        KeyStore keys =
                KeyStore.getInstance(certificates.expiredKeyStore("postgres").toFile(), PASSWORD);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> greetByTls(server, keys));
            String url = "jdbc:postgresql://127.0.0.1:" + server.getLocalPort()
                    + "/distillation?sslmode=verify-full&sslrootcert=" + certificates.root();
            assertThat(endedWith(settings(new TestDatabase(url, "nobody", ""))))
                    .contains("validity check failed")
                    .contains("NotAfter: ");
        }
    }

    private ConfigurableApplicationContext start(List<String> arguments) {
        return new SpringApplicationBuilder(DistillationApplication.class).run(arguments.toArray(String[]::new));
    }

    private String endedWith(List<String> arguments, String... more) {
        List<String> all = new ArrayList<>(arguments);
        Arrays.stream(more).map(each -> "--" + each).forEach(all::add);
        Throwable failure = catchThrowable(() -> start(all).close());
        assertThat(failure).isNotNull();
        return String.join(
                "\n",
                Stream.iterate(failure, each -> each != null, Throwable::getCause)
                        .map(each -> String.valueOf(each.getMessage()))
                        .toList());
    }

    private List<String> settings(TestDatabase database) {
        return List.of(
                "--server.port=0",
                "--spring.datasource.url=" + database.url(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password(),
                "--platform.token-secret=" + "5a".repeat(32),
                "--platform.data-dir=" + folder.resolve("data"));
    }

    /** Speaks as much of Postgres' protocol as comes before the handshake. */
    private static void greetByTls(ServerSocket server, KeyStore keys) {
        try {
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, PASSWORD);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(managers.getKeyManagers(), null, null);
            while (true) {
                greet(server.accept(), tls);
            }
        } catch (Exception closed) {
            System.err.println("The TLS server ended: " + closed);
        }
    }

    private static void greet(Socket client, SSLContext tls) {
        try (client) {
            InputStream asked = client.getInputStream();
            asked.readNBytes(8);
            client.getOutputStream().write('S');
            SSLSocket secured =
                    (SSLSocket) tls.getSocketFactory().createSocket(client, InputStream.nullInputStream(), false);
            secured.startHandshake();
        } catch (IOException refused) {
            System.err.println("The client left: " + refused);
        }
    }
}
