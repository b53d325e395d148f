package io.logicdistillation.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * A fresh database with pgvector on a real Postgres: one Testcontainers server per JVM where a Docker engine answers, else the
 * embedded server whose superuser JDBC URL the test run names in {@code PLATFORM_TEST_POSTGRES}. Thread-safe.
 *
 * @param url JDBC URL of the database, without user and password
 */
public record TestDatabase(String url, String user, String password) {
    private static final Pattern PINNED = Pattern.compile("image: (pgvector/pgvector\\S+)");
    private static @Nullable Server server;

    /** Creates an empty database with the extension {@code vector} and a role of its own that owns it. */
    public static TestDatabase create() {
        Server server = server();
        String name = "test_" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection =
                        DriverManager.getConnection(server.urlOf("postgres"), server.user, server.password);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE " + name + " LOGIN PASSWORD '" + name + "'");
            statement.execute("CREATE DATABASE " + name + " OWNER " + name);
        } catch (SQLException failure) {
            throw new IllegalStateException(
                    "The test Postgres did not create a database: " + failure.getMessage(), failure);
        }
        try (Connection connection = DriverManager.getConnection(server.urlOf(name), server.user, server.password);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE EXTENSION IF NOT EXISTS vector");
        } catch (SQLException failure) {
            throw new IllegalStateException("The test Postgres has no pgvector: " + failure.getMessage(), failure);
        }
        return new TestDatabase(server.urlOf(name), name, name);
    }

    /** How many migrations Flyway has made in it. */
    public int migrations() {
        try (Connection connection = DriverManager.getConnection(url, user, password);
                Statement statement = connection.createStatement()) {
            if (!single(statement, "SELECT to_regclass('flyway_schema_history') IS NOT NULL")
                    .getBoolean(1)) {
                return 0;
            }
            return single(statement, "SELECT count(*) FROM flyway_schema_history WHERE success")
                    .getInt(1);
        } catch (SQLException failure) {
            throw new IllegalStateException("The test database does not say its version", failure);
        }
    }

    private static ResultSet single(Statement statement, String query) throws SQLException {
        ResultSet rows = statement.executeQuery(query);
        rows.next();
        return rows;
    }

    private static synchronized Server server() {
        if (server == null) {
            server = start();
        }
        return server;
    }

    private static Server start() {
        if (DockerClientFactory.instance().isDockerAvailable()) {
            String image = image();
            PostgreSQLContainer container = container(image);
            container.start();
            System.out.println("Tests with a database run on Testcontainers (" + image + ")");
            String url = "jdbc:postgresql://" + container.getHost() + ":" + container.getMappedPort(5432) + "/";
            return new Server(url, container.getUsername(), container.getPassword());
        }
        if (System.getenv("PLATFORM_REQUIRE_DOCKER") != null) {
            throw new IllegalStateException("PLATFORM_REQUIRE_DOCKER is set, but no Docker engine answers");
        }
        String url = System.getenv("PLATFORM_TEST_POSTGRES");
        if (url == null) {
            throw new IllegalStateException(
                    "No Docker engine answers and PLATFORM_TEST_POSTGRES is not set: run the tests by ./platform test");
        }
        System.out.println("Tests with a database run on the embedded Postgres");
        return Server.parse(url);
    }

    @SuppressWarnings("resource") // lives as long as the JVM
    private static PostgreSQLContainer container(String image) {
        return new PostgreSQLContainer(DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"))
                .waitingFor(Wait.forSuccessfulCommand("pg_isready -h 127.0.0.1 -U test"));
    }

    /** What {@code PLATFORM_TEST_POSTGRES_IMAGE} names, else what the compose file pins. Testcontainers knows no tag beside a digest. */
    private static String image() {
        String named = System.getenv("PLATFORM_TEST_POSTGRES_IMAGE");
        return (named == null ? pinned() : named).replaceFirst(":[^:@]+@", "@");
    }

    private static String pinned() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path compose = folder.resolve("docker-compose.yml");
            if (Files.exists(compose)) {
                try {
                    Matcher image = PINNED.matcher(Files.readString(compose));
                    if (image.find()) {
                        return image.group(1);
                    }
                } catch (IOException unreadable) {
                    throw new UncheckedIOException(unreadable);
                }
            }
        }
        throw new IllegalStateException("No docker-compose.yml above this folder names the image of Postgres");
    }

    /** @param prefix JDBC URL up to and including the slash before the database's name */
    private record Server(String prefix, String user, String password) {
        static Server parse(String url) {
            int query = url.indexOf('?');
            String user = "";
            String password = "";
            for (String pair : url.substring(query + 1).split("&")) {
                if (pair.startsWith("user=")) {
                    user = pair.substring("user=".length());
                } else if (pair.startsWith("password=")) {
                    password = pair.substring("password=".length());
                }
            }
            String address = url.substring(0, query);
            return new Server(address.substring(0, address.lastIndexOf('/') + 1), user, password);
        }

        String urlOf(String database) {
            return prefix + database;
        }
    }
}
