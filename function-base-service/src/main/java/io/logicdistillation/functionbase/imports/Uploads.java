package io.logicdistillation.functionbase.imports;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.StageDefinition;
import io.logicdistillation.functionbase.snapshot.SnapshotHash;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.BodyTooLargeException;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.NdjsonReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Takes the lines of an import in, batch by batch, so that memory does not grow with them. An upload that does not come to its end, or of
 * which anything is wrong, leaves nothing behind. Thread-safe.
 */
@Component
class Uploads {
    private static final int BATCH = 200;
    private static final int CHARACTERS_OF_A_BATCH = 4 << 20;
    private static final int MOST_FAULTS = 20;
    /** For which an upload may stay silent until it is taken to be dead. */
    private static final Duration SILENCE = Duration.ofMinutes(5);

    private final TenantTransactions transactions;
    private final Beginnings beginnings;
    private final Lines lines;
    private final ImportStore imports;
    private final StagedStore staged;

    Uploads(
            TenantTransactions transactions,
            Beginnings beginnings,
            Lines lines,
            ImportStore imports,
            StagedStore staged) {
        this.transactions = transactions;
        this.beginnings = beginnings;
        this.lines = lines;
        this.imports = imports;
        this.staged = staged;
    }

    /** @param fresh false where the snapshot is here already, or on its way */
    record Taken(Import of, boolean fresh) {}

    /**
     * Reads to the end of the body, also after something was found to be wrong: a client that still sends would not see the answer.
     *
     * @throws PlatformException {@link ProblemType#INVALID_REQUEST} with the number of the line that is wrong, or if the whole is not
     *     what its hash names; {@link ProblemType#QUOTA_EXCEEDED}, {@link ProblemType#TOO_LARGE}, {@link ProblemType#CONFLICT}
     */
    Taken take(Caller caller, String task, InputStream body) throws BodyTooLargeException {
        try {
            try {
                return read(caller, task, lines.reader(body));
            } finally {
                body.transferTo(OutputStream.nullOutputStream());
            }
        } catch (BodyTooLargeException tooLarge) {
            throw tooLarge;
        } catch (IOException brokenOff) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST, "The body broke off; nothing was stored", brokenOff);
        }
    }

    private Taken read(Caller caller, String task, NdjsonReader reader) throws IOException {
        ImportStore.Content content = lines.header(task, reader);
        Beginnings.Begun begun = beginnings.begin(caller, content, SILENCE);
        if (!begun.fresh()) {
            return new Taken(begun.of(), false);
        }
        UUID id = UUID.fromString(begun.of().id());
        boolean complete = false;
        try {
            Upload upload = new Upload(caller.tenant(), id, content);
            upload.read(reader);
            Import taken = finish(caller, id, content, upload.count);
            complete = true;
            return new Taken(taken, true);
        } finally {
            if (!complete) {
                discard(caller.tenant(), id);
            }
        }
    }

    private void discard(String tenant, UUID id) {
        transactions.in(tenant, database -> {
            imports.discardUpload(database, id);
            return true;
        });
    }

    private Import finish(Caller caller, UUID id, ImportStore.Content content, int count) {
        return transactions.in(caller.tenant(), database -> {
            if (count != content.functions()) {
                throw LineFault.whole(
                        "incomplete",
                        "The first line promises " + content.functions() + " functions, and " + count + " came");
            }
            requireHash(database, id, content);
            requireEveryStageFilled(database, id, content);
            requireUnderWay(imports.uploaded(database, caller.tenant(), id));
            beginnings.audit().record(database, caller, content.task(), "import-started", content.snapshot(), null);
            return imports.get(database, caller.tenant(), content.task(), id.toString());
        });
    }

    private void requireHash(JdbcClient database, UUID id, ImportStore.Content content) {
        String hash = staged.withVersions(database, id, versions -> SnapshotHash.of(content.definition(), versions));
        if (!hash.equals(content.snapshot())) {
            throw LineFault.whole("content-hash", "The content is not the one that the snapshot's hash names");
        }
    }

    private void requireEveryStageFilled(JdbcClient database, UUID id, ImportStore.Content content) {
        List<String> filled = staged.stages(database, id);
        for (StageDefinition stage : content.definition().stages()) {
            if (!filled.contains(stage.name())) {
                throw LineFault.whole("stage", "Stage '" + stage.name() + "' has no function");
            }
        }
    }

    private static void requireUnderWay(boolean still) {
        if (!still) {
            throw new PlatformException(
                    ProblemType.CONFLICT, "The import was cancelled while it came in; nothing was stored");
        }
    }

    /** One body. For one thread. */
    private final class Upload {
        private final String tenant;
        private final UUID id;
        private final ImportStore.Content content;
        private final List<LineFault> faults = new ArrayList<>();
        private List<Staged> batch = new ArrayList<>();
        private int characters;
        private int count;

        Upload(String tenant, UUID id, ImportStore.Content content) {
            this.tenant = tenant;
            this.id = id;
            this.content = content;
        }

        /** After the first fault nothing is stored any more; some more faults are looked for. */
        void read(NdjsonReader reader) throws IOException {
            for (NdjsonReader.Line line = reader.next();
                    line != null && faults.size() < MOST_FAULTS && count <= content.functions();
                    line = reader.next()) {
                if (!line.isBlank()) {
                    add(line);
                }
            }
            store();
            if (!faults.isEmpty()) {
                throw LineFault.problem(faults);
            }
        }

        private void add(NdjsonReader.Line line) {
            count++;
            try {
                Staged function = lines.function(line, content.definition());
                if (faults.isEmpty()) {
                    batch.add(function);
                    characters += String.valueOf(line.text()).length();
                }
            } catch (Lines.Unusable unusable) {
                faults.add(unusable.fault());
            }
            if (batch.size() == BATCH || characters > CHARACTERS_OF_A_BATCH) {
                store();
            }
        }

        private void store() {
            List<Staged> full = batch;
            batch = new ArrayList<>();
            characters = 0;
            if (!full.isEmpty() && faults.isEmpty()) {
                faults.addAll(transactions.in(tenant, database -> {
                    requireUnderWay(imports.renewUpload(database, id, SILENCE));
                    return staged.insert(database, tenant, id, full).stream()
                            .limit(MOST_FAULTS)
                            .map(collision -> collision(database, collision))
                            .toList();
                }));
            }
        }

        private LineFault collision(JdbcClient database, Staged second) {
            String name = second.function().name();
            return staged.lineOfName(database, id, name)
                    .map(first -> new LineFault(
                            second.line(), "name", "Line " + first + " has a function named '" + name + "' already"))
                    .orElseGet(() -> new LineFault(
                            second.line(),
                            "handle",
                            "Handle '" + second.function().handle() + "' of stage '"
                                    + second.function().stage() + "' is that of '"
                                    + staged.nameOfHandle(
                                                    database,
                                                    id,
                                                    second.function().stage(),
                                                    second.function().handle())
                                            .orElse("another function")
                                    + "' already"));
        }
    }
}
