package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.assertj.core.data.TemporalUnitOffset;
import org.assertj.core.data.TemporalUnitWithinOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import tools.jackson.databind.JsonNode;

/** Keys, tenants and the record of their changes, on real Postgres. */
class KeysTest extends GatewayHttpTest {
    @Test
    void showsASecretOnceAndKeepsOnlyItsHash() throws Exception {
        JsonNode made = create(OWNER, "\"role\":\"decider\"");
        String secret = made.get("secret").stringValue();
        JsonNode key = made.get("key");
        assertThat(secret).matches("ld_[A-Za-z2-9]{8}_[A-Za-z0-9_-]{43}").startsWith(text(key, "prefix") + "_");
        assertThat(text(key, "tenant")).isEqualTo("acme");
        assertThat(text(key, "role")).isEqualTo("decider");
        assertThat(text(key, "createdBy")).isEqualTo("owner");
        assertThat(text(key, "state")).isEqualTo("active");
        assertThat(send(as(secret, "/v1/tasks")).statusCode()).isEqualTo(200);
        assertThat(send(json(as(secret, "/v1/tasks/pursuit/decisions"), "{}")).statusCode())
                .isEqualTo(200);
        String shown = send(as(OWNER, "/v1/keys/" + text(key, "id"))).body() + list(OWNER, "/v1/keys");
        assertThat(shown).contains(text(key, "prefix")).doesNotContain(secret.substring(12));
        assertThat(everythingStored()).contains(text(key, "prefix")).doesNotContain(secret.substring(12));
    }

    @Test
    void saysWhatAMadeKeyMayDo() throws Exception {
        Instant end = Instant.now().plusSeconds(600);
        JsonNode made = create(OWNER, "\"role\":\"operator\",\"expiresAt\":\"" + end + "\"");
        JsonNode caller = JSON.readTree(
                send(as(made.get("secret").stringValue(), "/v1/caller")).body());
        assertThat(strings(caller.get("scopes"))).containsExactly("view", "decide", "operate");
        assertThat(Instant.parse(text(caller, "expiresAt"))).isCloseTo(end, within(1));
    }

    @Test
    void keepsTheOldSecretForAsLongAsItWasTold() throws Exception {
        JsonNode made = create(OWNER, "\"role\":\"viewer\"");
        String first = made.get("secret").stringValue();
        String address = "/v1/keys/" + text(made.get("key"), "id");
        JsonNode rotated = answer(json(as(OWNER, address + "/rotations"), "{\"overlapSeconds\":2}"), 200);
        String second = rotated.get("secret").stringValue();
        Instant until = Instant.parse(text(rotated.get("key"), "previousValidUntil"));
        assertThat(until).isBetween(Instant.now(), Instant.now().plusSeconds(3));
        assertThat(second).isNotEqualTo(first);
        assertThat(status(first)).isEqualTo(200);
        assertThat(status(second)).isEqualTo(200);
        Thread.sleep(Duration.between(Instant.now(), until).plusMillis(20));
        assertThat(status(first)).isEqualTo(401);
        assertThat(status(second)).isEqualTo(200);
        assertThat(get(OWNER, address).has("previousValidUntil")).isFalse();
    }

    @Test
    void hasAtMostTwoSecretsThatOpenAndNoneBeforeThemWhereNoOverlapIsWanted() throws Exception {
        JsonNode made = create(OWNER, "\"role\":\"viewer\"");
        String address = "/v1/keys/" + text(made.get("key"), "id") + "/rotations";
        String first = made.get("secret").stringValue();
        String second = answer(as(OWNER, address).POST(HttpRequest.BodyPublishers.noBody()), 200)
                .get("secret")
                .stringValue();
        assertThat(status(first)).isEqualTo(200);
        String third = answer(json(as(OWNER, address), "{}"), 200).get("secret").stringValue();
        assertThat(List.of(status(first), status(second), status(third))).containsExactly(401, 200, 200);
        String last = answer(json(as(OWNER, address), "{\"overlapSeconds\":0,\"reason\":\"It leaked\"}"), 200)
                .get("secret")
                .stringValue();
        assertThat(List.of(status(second), status(third), status(last))).containsExactly(401, 401, 200);
    }

    @Test
    void endsARevokedKeyAtOnceAndForGood() throws Exception {
        JsonNode made = create(OWNER, "\"role\":\"viewer\"");
        String secret = made.get("secret").stringValue();
        String address = "/v1/keys/" + text(made.get("key"), "id");
        JsonNode revoked = answer(as(OWNER, address + "?reason=left").DELETE(), 200);
        assertThat(text(revoked, "state")).isEqualTo("revoked");
        assertThat(text(revoked, "revokedBy")).isEqualTo("owner");
        assertThat(status(secret)).isEqualTo(401);
        assertThat(answer(as(OWNER, address).DELETE(), 200)).isEqualTo(revoked);
        assertProblem(send(json(as(OWNER, address + "/rotations"), "{}")), ProblemType.CONFLICT);
        assertThat(text(get(OWNER, address), "state")).isEqualTo("revoked");
    }

    @Test
    void endsAKeyWhenItsTimeIsOver() throws Exception {
        JsonNode made = create(
                OWNER, "\"role\":\"viewer\",\"expiresAt\":\"" + Instant.now().plusMillis(1500) + "\"");
        String secret = made.get("secret").stringValue();
        assertThat(status(secret)).isEqualTo(200);
        Thread.sleep(1600);
        assertThat(status(secret)).isEqualTo(401);
        assertThat(text(get(OWNER, "/v1/keys/" + text(made.get("key"), "id")), "state"))
                .isEqualTo("expired");
    }

    /** Twenty uses, one row written; the time is that of the last. */
    @Test
    void remembersWhenAKeyWasLastUsed() throws Exception {
        JsonNode made = create(OWNER, "\"role\":\"viewer\"");
        String address = "/v1/keys/" + text(made.get("key"), "id");
        assertThat(get(OWNER, address).has("lastUsedAt")).isFalse();
        for (int use = 0; use < 19; use++) {
            status(made.get("secret").stringValue());
        }
        // Before the last use, however long that takes; a millisecond for a database that counts microseconds.
        Instant last = Instant.now().minusMillis(1);
        status(made.get("secret").stringValue());
        Instant end = Instant.now().plusSeconds(30);
        while (!get(OWNER, address).has("lastUsedAt")
                || Instant.parse(text(get(OWNER, address), "lastUsedAt")).isBefore(last)) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(50);
        }
    }

    @Test
    void listsKeysByPageNewestFirst() throws Exception {
        List<String> made = new ArrayList<>();
        for (int number = 0; number < 5; number++) {
            made.add(text(create(OWNER, "\"role\":\"viewer\"").get("key"), "id"));
        }
        List<String> seen = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = get(OWNER, "/v1/keys?limit=2" + (next.isEmpty() ? "" : "&cursor=" + next));
            page.get("items").forEach(key -> seen.add(text(key, "id")));
            next = page.path("next").asString("");
        } while (!next.isEmpty());
        assertThat(seen.subList(0, 5)).isEqualTo(made.reversed());
        assertThat(seen).doesNotHaveDuplicates();
        for (String wrong : new String[] {"cursor=x", "cursor=YWJj", "limit=0", "limit=201", "limit=x"}) {
            assertProblem(send(as(OWNER, "/v1/keys?" + wrong)), ProblemType.INVALID_REQUEST);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "viewer   | view",
                "decider  | view,decide",
                "author   | view,decide,author",
                "operator | view,decide,operate",
                "admin    | view,decide,author,operate,admin",
            })
    void givesEachRoleItsScopes(String role, String scopes) throws Exception {
        JsonNode key = create(OWNER, "\"role\":\"" + role + "\"").get("key");
        assertThat(strings(key.get("scopes"))).containsExactly(scopes.split(","));
    }

    @Test
    void letsNobodyGrantMoreThanTheyHave() throws Exception {
        HttpResponse<String> answer = send(order(CLERK, "\"role\":\"author\""));
        assertProblem(answer, ProblemType.FORBIDDEN);
        assertThat(answer.body()).contains("author, decide");
        assertProblem(send(order(CLERK, "\"scopes\":[\"work\"]")), ProblemType.FORBIDDEN);
        assertThat(send(order(CLERK, "\"role\":\"viewer\"")).statusCode()).isEqualTo(201);
        // A new secret of a key that may do more would be a grant as well.
        JsonNode worker = create(OWNER, "\"scopes\":[\"work\"]").get("key");
        assertProblem(
                send(json(as(CLERK, "/v1/keys/" + text(worker, "id") + "/rotations"), "{}")), ProblemType.FORBIDDEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"viewer", "decider", "author", "operator"})
    void isForAdminsOnly(String role) throws Exception {
        String secret = create(OWNER, "\"role\":\"" + role + "\"").get("secret").stringValue();
        for (String path : new String[] {"/v1/keys", "/v1/keys/" + UUID.randomUUID(), "/v1/tenants", "/v1/audit"}) {
            assertProblem(send(as(secret, path)), ProblemType.FORBIDDEN);
        }
        assertProblem(send(order(secret, "\"role\":\"viewer\"")), ProblemType.FORBIDDEN);
        assertProblem(send(as(secret, "/v1/keys/" + UUID.randomUUID()).DELETE()), ProblemType.FORBIDDEN);
    }

    @Test
    void letsOnlyThePlatformMakeTenantsAndKeysInThem() throws Exception {
        String tenant = "tenant-" + UUID.randomUUID().toString().substring(0, 8);
        String order = "{\"name\":\"" + tenant + "\",\"reason\":\"A new customer\"}";
        assertProblem(send(json(as(OWNER, "/v1/tenants"), order)), ProblemType.FORBIDDEN);
        assertProblem(
                send(order(PLATFORM, "\"role\":\"admin\",\"tenant\":\"" + tenant + "\"")), ProblemType.UNKNOWN_TENANT);
        assertThat(text(answer(json(as(PLATFORM, "/v1/tenants"), order), 201), "name"))
                .isEqualTo(tenant);
        assertProblem(send(json(as(PLATFORM, "/v1/tenants"), order)), ProblemType.CONFLICT);
        assertThat(list(PLATFORM, "/v1/tenants?limit=200")).contains(tenant);
        assertThat(list(OWNER, "/v1/tenants")).contains("acme").doesNotContain(tenant);
        JsonNode made = answer(order(PLATFORM, "\"role\":\"admin\",\"tenant\":\"" + tenant + "\""), 201);
        String admin = made.get("secret").stringValue();
        assertThat(text(get(admin, "/v1/caller"), "tenant")).isEqualTo(tenant);
        assertThat(strings(get(admin, "/v1/tenants").get("items").get(0).get("name")))
                .containsExactly(tenant);
        JsonNode changes = get(admin, "/v1/audit").get("items");
        assertThat(changes.valueStream().map(change -> text(change, "action")))
                .containsExactly("key-created", "tenant-created");
        assertThat(text(changes.get(1), "by")).isEqualTo("platform of *");
        assertThat(text(changes.get(1), "reason")).isEqualTo("A new customer");
    }

    @Test
    void writesDownEveryChangeWithWhoWhenWhatAndWhy() throws Exception {
        JsonNode key =
                create(OWNER, "\"role\":\"viewer\",\"reason\":\"For the shop\"").get("key");
        String id = text(key, "id");
        answer(json(as(OWNER, "/v1/keys/" + id + "/rotations"), "{\"reason\":\"Every quarter\"}"), 200);
        answer(as(OWNER, "/v1/keys/" + id + "?reason=Shop%20closed").DELETE(), 200);
        List<JsonNode> changes = get(OWNER, "/v1/audit?limit=200")
                .get("items")
                .valueStream()
                .filter(change -> text(change, "subject").equals(id))
                .toList();
        assertThat(changes)
                .extracting(change -> text(change, "action"))
                .containsExactly("key-revoked", "key-rotated", "key-created");
        assertThat(changes)
                .extracting(change -> text(change, "reason"))
                .containsExactly("Shop closed", "Every quarter", "For the shop");
        assertThat(changes).allSatisfy(change -> {
            assertThat(text(change, "by")).isEqualTo("owner");
            assertThat(text(change, "tenant")).isEqualTo("acme");
            assertThat(text(change, "detail")).contains(text(key, "name"));
            assertThat(Instant.parse(text(change, "at"))).isCloseTo(Instant.now(), within(60));
        });
        JsonNode first = get(OWNER, "/v1/audit?limit=1");
        JsonNode second = get(OWNER, "/v1/audit?limit=1&cursor=" + text(first, "next"));
        assertThat(Long.parseLong(text(second.get("items").get(0), "id")))
                .isLessThan(Long.parseLong(text(first.get("items").get(0), "id")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"name\":\"a\"}",
                "{\"name\":\"a\",\"role\":\"viewer\",\"scopes\":[\"view\"]}",
                "{\"name\":\"a\",\"role\":\"root\"}",
                "{\"name\":\"a\",\"scopes\":[]}",
                "{\"name\":\"a\",\"scopes\":[\"everything\"]}",
                "{\"name\":\"a\",\"scopes\":[null]}",
                "{\"name\":\"A b\",\"role\":\"viewer\"}",
                "{\"name\":null,\"role\":\"viewer\"}",
                "{\"name\":\"a\",\"role\":\"viewer\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}",
                "{\"name\":\"a\",\"role\":\"viewer\",\"expiresAt\":\"soon\"}",
                "{\"name\":\"a\",\"role\":\"viewer\",\"reason\":\"\\u0000\"}",
                "[]",
                "7"
            })
    void refusesOrdersThatMakeNoSense(String order) throws Exception {
        assertProblem(send(json(as(OWNER, "/v1/keys"), order)), ProblemType.INVALID_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"overlapSeconds\":-1}", "{\"overlapSeconds\":2592001}", "{\"overlap\":1}"})
    void refusesRotationsThatMakeNoSense(String order) throws Exception {
        String id = text(create(OWNER, "\"role\":\"viewer\"").get("key"), "id");
        assertProblem(send(json(as(OWNER, "/v1/keys/" + id + "/rotations"), order)), ProblemType.INVALID_REQUEST);
    }

    @Test
    void refusesANameThatIsInUseUntilItsKeyIsRevoked() throws Exception {
        JsonNode key = create(OWNER, "\"role\":\"viewer\"").get("key");
        String again = "{\"name\":\"" + text(key, "name") + "\",\"role\":\"viewer\"}";
        assertProblem(send(json(as(OWNER, "/v1/keys"), again)), ProblemType.CONFLICT);
        assertThat(send(json(as(STRANGER, "/v1/keys"), again)).statusCode()).isEqualTo(201);
        answer(as(OWNER, "/v1/keys/" + text(key, "id")).DELETE(), 200);
        assertThat(send(json(as(OWNER, "/v1/keys"), again)).statusCode()).isEqualTo(201);
        // Nor may a key go by the name of one of the operator's file: the record says who by name.
        assertProblem(
                send(json(as(OWNER, "/v1/keys"), "{\"name\":\"clerk\",\"role\":\"viewer\"}")), ProblemType.CONFLICT);
    }

    @Test
    void makesEverySecretAnew() throws Exception {
        Set<String> secrets = new HashSet<>();
        for (int number = 0; number < 20; number++) {
            secrets.add(create(OWNER, "\"role\":\"viewer\"")
                    .get("secret")
                    .stringValue()
                    .substring(12));
        }
        assertThat(secrets).hasSize(20);
    }

    /** What BOLA tests need too: an order of a key with a name of its own. */
    HttpRequest.Builder order(String as, String members) {
        String name = "k" + UUID.randomUUID().toString().replace("-", "");
        return json(as(as, "/v1/keys"), "{\"name\":\"" + name + "\"," + members + "}");
    }

    private JsonNode create(String as, String members) throws Exception {
        return answer(order(as, members), 201);
    }

    private JsonNode get(String as, String path) throws Exception {
        return answer(as(as, path), 200);
    }

    private String list(String as, String path) throws Exception {
        return get(as, path).toString();
    }

    private int status(String key) throws Exception {
        return send(as(key, "/v1/tasks")).statusCode();
    }

    private static JsonNode answer(HttpRequest.Builder request, int status) throws Exception {
        HttpResponse<String> answer = send(request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return JSON.readTree(answer.body());
    }

    private static String text(JsonNode node, String member) {
        return node.get(member).stringValue();
    }

    private static List<String> strings(JsonNode node) {
        return node.isString()
                ? List.of(node.stringValue())
                : node.valueStream().map(JsonNode::stringValue).toList();
    }

    private static TemporalUnitOffset within(long seconds) {
        return new TemporalUnitWithinOffset(seconds, ChronoUnit.SECONDS);
    }

    /** Every row of every table, as text. */
    private static String everythingStored() {
        SingleConnectionDataSource one =
                new SingleConnectionDataSource(DATABASE.url(), DATABASE.user(), DATABASE.password(), true);
        try {
            JdbcClient database = JdbcClient.create(one);
            database.sql("SELECT set_config('app.tenant', '*', false)")
                    .query(String.class)
                    .single();
            StringBuilder all = new StringBuilder();
            for (String table : new String[] {"keys", "key_secrets", "audit", "tenants"}) {
                all.append(database.sql("SELECT string_agg(t::text, ' ') FROM " + table + " t")
                        .query(String.class)
                        .single());
            }
            return all.toString();
        } finally {
            one.destroy();
        }
    }
}
