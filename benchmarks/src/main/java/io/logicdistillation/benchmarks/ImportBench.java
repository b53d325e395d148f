package io.logicdistillation.benchmarks;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.FunctionTest;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.SnapshotSignature;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.snapshot.SnapshotHash;
import io.logicdistillation.functionbase.snapshot.SnapshotHeader;
import io.logicdistillation.kit.Sha256;
import io.logicdistillation.kit.WireJson;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A snapshot with many functions, each another one, imported line by line: taken in, verified, embedded and published. It is signed
 * with the service's own key, which its database holds.
 *
 * <p>{@code ImportBench --url ADDRESS --pid PID --jdbc URL --user NAME --sizes 1k,10k [--json]}; the environment's PLATFORM_DB_PASSWORD
 * is the password.
 */
public final class ImportBench {
    private static final JsonMapper JSON = WireJson.lenient();
    private static final String TASK = "routing";

    private final Service service;
    private final JdbcClient database;
    private final boolean json;

    private ImportBench(List<String> given) {
        this.service = new Service(given);
        this.database = JdbcClient.create(new DriverManagerDataSource(
                Service.option(given, "--jdbc"),
                Service.option(given, "--user"),
                System.getenv("PLATFORM_DB_PASSWORD")));
        this.json = given.contains("--json");
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        ImportBench bench = new ImportBench(given);
        bench.run("warm-up", 200, false);
        for (String size : Service.option(given, "--sizes").split(",")) {
            bench.run(size, functions(size), true);
        }
        System.exit(0);
    }

    private static int functions(String size) {
        return size.endsWith("k")
                ? 1_000 * Integer.parseInt(size.substring(0, size.length() - 1))
                : Integer.parseInt(size);
    }

    /** Every size has a tenant of its own, so that nothing is known from before. */
    private void run(String size, int functions, boolean told) throws Exception {
        long begun = System.nanoTime();
        List<String> versions = IntStream.range(0, functions)
                .mapToObj(number -> CanonicalJson.hash(function(number)))
                .toList();
        String header = header(versions);
        long sent = System.nanoTime();
        JsonNode taken = service.post(
                size,
                "/v1/tasks/" + TASK + "/imports",
                SnapshotHeader.NDJSON,
                HttpRequest.BodyPublishers.ofInputStream(() -> new SequenceInputStream(lines(header, versions))));
        long uploaded = System.nanoTime();
        String address = "/v1/tasks/" + TASK + "/imports/" + taken.get("id").asString();
        long verified = uploaded;
        JsonNode now = taken;
        while (!now.has("finishedAt")) {
            Thread.sleep(500);
            now = service.get(size, address);
            if (List.of("uploaded", "verifying").contains(now.get("state").asString())) {
                verified = System.nanoTime();
            }
        }
        long ended = System.nanoTime();
        if (!now.get("state").asString().equals("completed")) {
            throw new IllegalStateException("The import did not complete: " + now);
        }
        if (told) {
            print(new Figure("made_" + size, seconds(begun, sent), "s"));
            print(new Figure("uploaded_" + size, seconds(sent, uploaded), "s"));
            print(new Figure("verified_" + size, seconds(uploaded, verified), "s"));
            print(new Figure("published_" + size, seconds(verified, ended), "s"));
            print(new Figure("verification_" + size, 1_000 * seconds(uploaded, verified) / functions, "ms"));
            print(new Figure("memory_" + size, service.memoryMb("VmHWM"), "MB"));
        }
    }

    private void print(Figure figure) {
        System.out.println(json ? figure.asJson() : figure.asText());
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    private static Enumeration<InputStream> lines(String header, List<String> versions) {
        return new Enumeration<>() {
            private int number = -1;

            @Override
            public boolean hasMoreElements() {
                return number < versions.size();
            }

            @Override
            public InputStream nextElement() {
                String line = number < 0
                        ? header
                        : JSON.writeValueAsString(PublishedFunction.of(versions.get(number), function(number)));
                number++;
                return new ByteArrayInputStream((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    private String header(List<String> versions) throws GeneralSecurityException {
        String snapshot = SnapshotHash.of(task(), versions);
        return JSON.writeValueAsString(
                new SnapshotHeader(snapshot, TASK, 1, true, null, versions.size(), task(), sign(snapshot)));
    }

    private SnapshotSignature sign(String snapshot) throws GeneralSecurityException {
        record Pair(byte[] secret, byte[] shown) {}
        Pair pair = database.sql("SELECT private_key, public_key FROM signing_key")
                .query((row, number) -> new Pair(
                        Base64.getMimeDecoder().decode(row.getString(1)),
                        Base64.getMimeDecoder().decode(row.getString(2))))
                .single();
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pair.secret())));
        signature.update(("logic-distillation-snapshot:" + snapshot).getBytes(StandardCharsets.UTF_8));
        String key = Sha256.of(pair.shown());
        return new SnapshotSignature(
                "Ed25519", "sha256:" + key, Base64.getEncoder().encodeToString(signature.sign()));
    }

    private static TaskDefinition task() {
        return new TaskDefinition(
                TASK,
                "Routing",
                "Say which desk a message goes to, and how urgent it is.",
                Map.of(
                        "type", "object",
                        "required", List.of("topic", "amount"),
                        "additionalProperties", false,
                        "properties",
                                Map.of(
                                        "topic", Map.of("type", "string", "maxLength", 40),
                                        "amount", Map.of("type", "integer", "minimum", 0, "maximum", 1000),
                                        "angry", Map.of("type", "boolean")),
                        "examples", List.of(Map.of("topic", "a bill", "amount", 12, "angry", false))),
                Map.of(
                        "type",
                        "object",
                        "required",
                        List.of("desk", "urgency"),
                        "additionalProperties",
                        false,
                        "properties",
                        Map.of(
                                "desk", Map.of("type", "string"),
                                "urgency", Map.of("type", "integer", "minimum", 0, "maximum", 9))),
                List.of(new StageDefinition("route", "Choose the desk.", 4, null, null)));
    }

    private static FunctionDefinition function(int number) {
        int least = number % 1_000;
        int step = 50 + number / 1_000;
        return new FunctionDefinition(
                "desk_" + number,
                "route",
                "h" + number,
                "Send it to desk " + number + " when the amount is at least " + least + " and the customer is calm.",
                "javascript",
                """
                function urgency(state) {
                  return Math.min(9, Math.floor(state.amount / %d) + (state.angry ? 2 : 0));
                }
                function applies(state, earlier) { return state.amount >= %d; }
                function run(state, earlier) { return { desk: "desk-%d", urgency: urgency(state) }; }
                """.formatted(step, least, number),
                List.of(new FunctionTest(
                        Map.of("topic", "a bill", "amount", 1_000, "angry", false),
                        null,
                        Map.of("desk", "desk-" + number, "urgency", Math.min(9, 1_000 / step)))));
    }
}
