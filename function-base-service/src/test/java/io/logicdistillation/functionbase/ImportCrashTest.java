package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.functionbase.tenant.TenantTransactions;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;

/** A replica is killed in the middle of an import; another one goes on with what is left, and it ends once. */
class ImportCrashTest extends CrashTest {
    private static final String IMPORTS = "/v1/tasks/weather/imports";
    private static final List<String> SETTINGS = List.of("--platform.imports.poll=100ms", "--imports.lease=3s");
    private static final int FUNCTIONS = 300;

    @Test
    void anotherReplicaGoesOnAndItEndsOnce() throws IOException, InterruptedException {
        int port = freePort();
        Process victim = replica(port, SETTINGS);
        Client author = Client.author(port, tokens);
        String address;
        int before;
        try {
            JdbcClient postgres = JdbcClient.create(
                    new DriverManagerDataSource(database.url(), database.user(), database.password()));
            Client.Answer taken = author.postLines(
                    IMPORTS,
                    Export.of(postgres, ToyTask.task(), Export.many(FUNCTIONS)).text());
            assertThat(taken.status()).as(taken.response().body()).isEqualTo(202);
            address = taken.header("Location");
            until(() -> verified(author, address) >= 60);
            before = verified(author, address);
        } finally {
            victim.destroyForcibly().waitFor();
        }
        assertThat(before).isLessThan(FUNCTIONS);

        int otherPort = freePort();
        try (ConfigurableApplicationContext other = another(otherPort, SETTINGS)) {
            Client sameAuthor = author.at(otherPort);
            assertThat(verified(sameAuthor, address)).isGreaterThanOrEqualTo(before);
            until(() -> sameAuthor.get(address).json().has("finishedAt"));
            JsonNode done = sameAuthor.get(address).json();

            assertThat(done.get("state").asString()).as("%s", done).isEqualTo("completed");
            // Each was counted once, so what had passed before the crash was not run again.
            assertThat(done.get("verified").asInt()).isEqualTo(FUNCTIONS);
            assertThat(sameAuthor
                            .get("/v1/tasks/weather/snapshots/active")
                            .json()
                            .get("functions"))
                    .hasSize(FUNCTIONS);
            int published = other.getBean(TenantTransactions.class)
                    .in(
                            author.tenant(),
                            in -> in.sql("SELECT count(*) FROM audit WHERE action = 'snapshot-imported'")
                                    .query(Integer.class)
                                    .single());
            assertThat(published).isEqualTo(1);
        }
    }

    private static int verified(Client author, String address) {
        return author.get(address).json().get("verified").asInt();
    }
}
