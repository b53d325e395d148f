package io.logicdistillation.functionbase;

import io.logicdistillation.contracts.FunctionDefinition;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.SnapshotSignature;
import io.logicdistillation.contracts.TaskDefinition;
import io.logicdistillation.functionbase.json.CanonicalJson;
import io.logicdistillation.functionbase.snapshot.SnapshotHash;
import io.logicdistillation.functionbase.snapshot.SnapshotHeader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A snapshot as another installation gives it out line by line, signed with the key of the one that is tested. */
record Export(List<String> lines) {
    static Export of(JdbcClient database, TaskDefinition task, List<FunctionDefinition> functions) {
        List<String> versions = functions.stream().map(CanonicalJson::hash).toList();
        List<String> lines = new ArrayList<>();
        lines.add(header(database, task, versions));
        for (int index = 0; index < functions.size(); index++) {
            lines.add(line(versions.get(index), functions.get(index)));
        }
        return new Export(List.copyOf(lines));
    }

    static String header(JdbcClient database, TaskDefinition task, List<String> versions) {
        String snapshot = SnapshotHash.of(task, versions);
        return Client.JSON.writeValueAsString(new SnapshotHeader(
                snapshot, task.name(), 1, true, null, versions.size(), task, sign(database, snapshot)));
    }

    static String line(String version, FunctionDefinition function) {
        return Client.JSON.writeValueAsString(PublishedFunction.of(version, function));
    }

    private static SnapshotSignature sign(JdbcClient database, String snapshot) {
        try {
            String[] pair = database.sql("SELECT private_key, public_key FROM signing_key")
                    .query((row, number) -> new String[] {row.getString(1), row.getString(2)})
                    .single();
            PrivateKey key = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pair[0])));
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(("logic-distillation-snapshot:" + snapshot).getBytes(StandardCharsets.UTF_8));
            byte[] shown = Base64.getMimeDecoder().decode(pair[1]);
            return new SnapshotSignature(
                    "Ed25519",
                    "sha256:"
                            + HexFormat.of()
                                    .formatHex(
                                            MessageDigest.getInstance("SHA-256").digest(shown)),
                    Base64.getEncoder().encodeToString(signature.sign()));
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** With another text for one line, counted from 1. */
    Export with(int line, String text) {
        List<String> changed = new ArrayList<>(lines);
        changed.set(line - 1, text);
        return new Export(changed);
    }

    Export without(int line) {
        List<String> changed = new ArrayList<>(lines);
        changed.remove(line - 1);
        return new Export(changed);
    }

    String line(int line) {
        return lines.get(line - 1);
    }

    String text() {
        return lines.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    /** Functions of the toy task, each a different one. */
    static List<FunctionDefinition> many(int count) {
        List<FunctionDefinition> functions = new ArrayList<>();
        functions.add(ToyTask.mood("soaked", "wet", "wet"));
        functions.add(ToyTask.mood("parched", "dry", "dry"));
        for (int number = functions.size(); number < count; number++) {
            functions.add(ToyTask.advice(
                    "advice_" + number, "h" + number, "Advise number " + number + " when the sky is like that."));
        }
        return functions;
    }
}
