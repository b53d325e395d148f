package io.logicdistillation.functionbase.snapshot;

import io.logicdistillation.contracts.Bans;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.SnapshotChange;
import io.logicdistillation.functionbase.ban.BanStore;
import io.logicdistillation.functionbase.function.FunctionStore;
import io.logicdistillation.functionbase.tenant.TenantTransactions;
import io.logicdistillation.kit.WireJson;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Snapshots as clients see them. What is written is read page by page, without a transaction that lasts as long as the client reads: what
 * a snapshot holds never changes. So memory does not grow with its functions. Thread-safe.
 */
@Component
class SnapshotReader {
    private static final int PAGE = 200;
    /** The member of a snapshot that is written page by page. */
    private static final String FUNCTIONS = "functions";

    private final TenantTransactions transactions;
    private final SnapshotStore snapshots;
    private final FunctionStore functions;
    private final BanStore bans;
    private final SnapshotKeys keys;
    private final JsonMapper json = WireJson.lenient();

    SnapshotReader(
            TenantTransactions transactions,
            SnapshotStore snapshots,
            FunctionStore functions,
            BanStore bans,
            SnapshotKeys keys) {
        this.transactions = transactions;
        this.snapshots = snapshots;
        this.functions = functions;
        this.bans = bans;
        this.keys = keys;
    }

    /**
     * A snapshot that is yet to be read, all of it or a part.
     *
     * @param head has none of the functions
     * @param rows of its functions, by name
     */
    record Content(String tenant, Snapshot head, List<FunctionStore.Row> rows) {}

    /** A part of a snapshot: what another one lacks. @param removed names of what only the other one has, ascending */
    record Change(String since, List<String> removed, Content content) {}

    /** @param snapshot a hash, or {@link SnapshotStore#ACTIVE}, which comes with the bans that are in force */
    Content find(String tenant, String task, String snapshot) {
        return transactions.in(tenant, database -> {
            StoredSnapshot stored = snapshots.get(database, tenant, task, snapshot);
            return content(database, tenant, stored, snapshot, 0);
        });
    }

    /** What a snapshot has that another one lacks. @param other a hash, or {@link SnapshotStore#ACTIVE} */
    Content lackedBy(String tenant, String task, String snapshot, String other) {
        return transactions.in(tenant, database -> {
            StoredSnapshot stored = snapshots.get(database, tenant, task, snapshot);
            long known = snapshots.get(database, tenant, task, other).id();
            return content(database, tenant, stored, snapshot, known);
        });
    }

    /** The same with what only the other one has. @param since the other one's hash, or {@link SnapshotStore#ACTIVE} */
    Change change(String tenant, String task, String snapshot, String since) {
        return transactions.in(tenant, database -> {
            StoredSnapshot stored = snapshots.get(database, tenant, task, snapshot);
            StoredSnapshot known = snapshots.get(database, tenant, task, since);
            Content content = content(database, tenant, stored, snapshot, known.id());
            Set<String> names =
                    content.rows().stream().map(FunctionStore.Row::name).collect(Collectors.toSet());
            List<String> removed = functions.rowsOfSnapshot(database, tenant, known.id(), stored.id()).stream()
                    .map(FunctionStore.Row::name)
                    .filter(name -> !names.contains(name))
                    .toList();
            return new Change(known.hash(), removed, content);
        });
    }

    private Content content(JdbcClient database, String tenant, StoredSnapshot stored, String asked, long without) {
        Snapshot head = new Snapshot(
                stored.hash(),
                stored.definition().name(),
                stored.number(),
                stored.active(),
                stored.publishedAt(),
                stored.definition(),
                List.of(),
                asked.equals(SnapshotStore.ACTIVE)
                        ? everBanned(bans.inForce(
                                database, tenant, stored.definition().name()))
                        : null,
                keys.sign(stored.hash()));
        return new Content(tenant, head, functions.rowsOfSnapshot(database, tenant, stored.id(), without));
    }

    /** All of it in memory, for what is not written as it is. */
    Snapshot read(Content content) {
        return content.head().with(page(content, 0, content.rows().size()));
    }

    void write(Content content, OutputStream out) {
        write(content, content.head(), out);
    }

    void write(Change change, OutputStream out) {
        write(
                change.content(),
                new SnapshotChange(
                        change.since(), change.removed(), change.content().head()),
                out);
    }

    private void write(Content content, Object frame, OutputStream out) {
        // Before the first byte, so that a database that does not answer is still a problem detail.
        List<PublishedFunction> first = page(content, 0, PAGE);
        try (JsonGenerator generator = json.createGenerator(out)) {
            write(generator, json.valueToTree(frame), content, first);
        }
    }

    private void write(JsonGenerator generator, JsonNode frame, Content content, List<PublishedFunction> first) {
        generator.writeStartObject();
        for (Map.Entry<String, JsonNode> member : frame.properties()) {
            generator.writeName(member.getKey());
            if (member.getKey().equals("snapshot") && member.getValue().isObject()) {
                write(generator, member.getValue(), content, first);
            } else if (member.getKey().equals(FUNCTIONS)) {
                writeFunctions(generator, content, first);
            } else {
                generator.writeTree(member.getValue());
            }
        }
        generator.writeEndObject();
    }

    private void writeFunctions(JsonGenerator generator, Content content, List<PublishedFunction> first) {
        generator.writeStartArray();
        first.forEach(generator::writePOJO);
        for (int from = PAGE; from < content.rows().size(); from += PAGE) {
            page(content, from, from + PAGE).forEach(generator::writePOJO);
        }
        generator.writeEndArray();
    }

    private List<PublishedFunction> page(Content content, int from, int to) {
        List<FunctionStore.Row> rows =
                content.rows().subList(from, Math.min(to, content.rows().size()));
        return transactions.in(content.tenant(), database -> functions.ofRows(database, content.tenant(), rows));
    }

    private static @Nullable Bans everBanned(Bans bans) {
        return bans.revision() == 0 ? null : bans;
    }

    /** Tells whether a client has what it would be given for the active snapshot. */
    String activeTag(String tenant, String task) {
        return transactions.in(
                tenant,
                database -> tag(snapshots.activeHash(database, tenant, task), bans.revision(database, tenant, task)));
    }

    /** Content and bans; where nothing was ever banned it is the content's hash alone. */
    static String tag(String hash, long revision) {
        return revision == 0 ? hash : hash + "." + revision;
    }

    static String tag(Snapshot snapshot) {
        return tag(
                snapshot.snapshot(),
                snapshot.bans() == null ? 0 : snapshot.bans().revision());
    }
}
