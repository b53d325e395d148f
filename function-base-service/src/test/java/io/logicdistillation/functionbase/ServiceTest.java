package io.logicdistillation.functionbase;

import io.logicdistillation.kit.InternalTokens;
import io.logicdistillation.testkit.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The whole service on a real Postgres, spoken to over HTTP; every test has a tenant of its own. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
abstract class ServiceTest {
    private static final TestDatabase DATABASE = TestDatabase.create();

    @LocalServerPort
    private int port;

    private InternalTokens tokens;
    protected Client author;

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry properties) {
        properties.add("spring.datasource.url", DATABASE::url);
        properties.add("spring.datasource.username", DATABASE::user);
        properties.add("spring.datasource.password", DATABASE::password);
        properties.add("platform.token-secret", () -> "5ec7e7".repeat(12));
    }

    @BeforeEach
    void freshTenant(@Autowired InternalTokens tokens) {
        this.tokens = tokens;
        this.author = Client.author(port, tokens);
    }

    protected Client stranger() {
        return Client.author(port, tokens);
    }

    protected Client reader() {
        return author.reader();
    }
}
