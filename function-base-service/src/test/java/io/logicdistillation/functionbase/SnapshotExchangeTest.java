package io.logicdistillation.functionbase;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class SnapshotExchangeTest extends ServiceTest {
    private static final String SNAPSHOTS = "/v1/tasks/weather/snapshots";

    private ObjectNode published;

    @BeforeEach
    void publishedTask() {
        author.createTask(ToyTask.task());
        author.admit(ToyTask.functions());
        published = (ObjectNode) author.publish().json();
    }

    @Test
    void aSnapshotIsSignedByTheKeyThatTheServiceShows() throws Exception {
        JsonNode key = reader().get("/v1/snapshot-keys").json().get(0);
        assertThat(key.get("own").asBoolean()).isTrue();
        assertThat(published.at("/signature/key")).isEqualTo(key.get("key"));
        PublicKey shown = KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(
                        Base64.getDecoder().decode(key.get("publicKey").asString())));
        Signature signature = Signature.getInstance("Ed25519");
        signature.initVerify(shown);
        signature.update(
                ("logic-distillation-snapshot:" + published.get("snapshot").asString()).getBytes("UTF-8"));
        assertThat(signature.verify(Base64.getDecoder()
                        .decode(published.at("/signature/value").asString())))
                .isTrue();
    }

    @Test
    void anExportIsImportedElsewhereAsItIs() {
        Client elsewhere = stranger();
        String export = author.get(SNAPSHOTS + "/active").response().body();
        Client.Answer imported = elsewhere.postText(SNAPSHOTS, export);
        assertThat(imported.status()).as(imported.response().body()).isEqualTo(201);
        assertThat(imported.json().get("snapshot")).isEqualTo(published.get("snapshot"));
        assertThat(imported.json().get("functions")).isEqualTo(published.get("functions"));
        assertThat(elsewhere.get(SNAPSHOTS + "/active").json().get("snapshot")).isEqualTo(published.get("snapshot"));
        assertThat(elsewhere.postText(SNAPSHOTS, export).status()).isEqualTo(200);
        assertThat(elsewhere.get("/v1/tasks/weather/audit").response().body()).contains("snapshot-imported");
    }

    @Test
    void whatWasTamperedWithOrNobodyVouchesForIsRefusedAndNothingIsStored() {
        Client elsewhere = stranger();
        ObjectNode tampered = published.deepCopy();
        ((ObjectNode) tampered.get("functions").get(0)).put("manual", "Something else.");
        refuses(elsewhere, tampered, "content-hash");
        ObjectNode rules = published.deepCopy();
        ((ObjectNode) rules.get("definition")).put("rules", "Other rules.");
        refuses(elsewhere, rules, "content-hash");
        ObjectNode unsigned = published.deepCopy();
        unsigned.remove("signature");
        refuses(elsewhere, unsigned, "signature");
        ObjectNode forged = published.deepCopy();
        ((ObjectNode) forged.get("signature")).put("value", "AAAA");
        refuses(elsewhere, forged, "signature");
        assertThat(elsewhere.get("/v1/tasks/weather").problem()).isEqualTo("unknown-task");
    }

    private static void refuses(Client client, ObjectNode snapshot, String cause) {
        Client.Answer answer = client.post(SNAPSHOTS, snapshot);
        assertThat(answer.problem()).as(answer.response().body()).isEqualTo("invalid-request");
        assertThat(answer.json().get("cause").asString()).isEqualTo(cause);
    }

    @Test
    void twoSnapshotsAreComparedAndThePreviousOneComesBack() {
        String first = published.get("snapshot").asString();
        author.admit(
                ToyTask.advice("parasol", "shade", "Open it against the sun."),
                ToyTask.advice("kite", "kite", "Fly the kite when it is windy."));
        ObjectNode task = Client.JSON.valueToTree(ToyTask.task());
        author.put("/v1/tasks/weather", task.put("rules", "Advise briefly."));
        String second = author.publish().json().get("snapshot").asString();
        JsonNode diff =
                author.get(SNAPSHOTS + "/" + first + "/diff?to=" + second).json();
        assertThat(diff.get("added").findValuesAsString("name")).containsExactly("parasol");
        assertThat(diff.get("removed")).isEmpty();
        assertThat(diff.at("/changed/0/function").asString()).isEqualTo("kite");
        assertThat(diff.at("/changed/0/members/0").asString()).isEqualTo("manual");
        assertThat(diff.get("definition")).hasSize(1);
        assertThat(diff.at("/definition/0").asString()).isEqualTo("rules");

        assertThat(author.post(SNAPSHOTS + "/previous/activations", Map.of()).problem())
                .isEqualTo("conflict");
        author.post(SNAPSHOTS + "/" + second + "/activations", Map.of());
        Client.Answer back = author.post(SNAPSHOTS + "/previous/activations", Map.of("reason", "too brief"));
        assertThat(back.json().get("snapshot").asString()).isEqualTo(first);
    }
}
