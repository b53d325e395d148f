package io.logicdistillation.inference;

import com.sun.net.httpserver.HttpExchange;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.SearchRequest;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.contracts.Snapshot;
import io.logicdistillation.contracts.SnapshotChange;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** The function-base-service as this service sees it. Its search finds functions in the order set by {@link #finds}. */
public final class StubFunctionBase extends StubService {
    private final Map<String, Snapshot> active = new ConcurrentHashMap<>();
    private final Map<String, Snapshot> all = new ConcurrentHashMap<>();
    private final AtomicInteger searches = new AtomicInteger();
    private final AtomicInteger wholes = new AtomicInteger();
    private volatile List<String> found = List.of();

    public void publish(String tenant, Snapshot snapshot) {
        active.put(tenant + "/" + snapshot.task(), snapshot);
        all.put(tenant + "/" + snapshot.task() + "/" + snapshot.snapshot(), snapshot);
    }

    public void finds(String... functions) {
        found = List.of(functions);
    }

    public int searches() {
        return searches.get();
    }

    /** How often somebody asked for all of a snapshot, and not for what differs. */
    public int wholes() {
        return wholes.get();
    }

    @Override
    protected void answer(HttpExchange exchange, String tenant, byte[] body) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/");
        String task = path[3];
        Snapshot current = active.get(tenant + "/" + task);
        if (current == null) {
            problem(exchange, ProblemType.UNKNOWN_TASK, "There is no task '" + task + "'");
        } else if (path[4].equals("searches")) {
            searches.incrementAndGet();
            json(exchange, search(current, JSON.readValue(body, SearchRequest.class)));
        } else {
            snapshot(exchange, tenant + "/" + task, path);
        }
    }

    private void snapshot(HttpExchange exchange, String task, String[] path) throws IOException {
        boolean whole = path.length == 6;
        Snapshot wanted = path[5].equals("active") ? active.get(task) : all.get(task + "/" + path[5]);
        Snapshot known = whole ? null : all.get(task + "/" + since(exchange));
        if (wanted == null || (!whole && known == null)) {
            problem(exchange, ProblemType.UNKNOWN_SNAPSHOT, "There is no such snapshot");
        } else {
            if (whole) {
                wholes.incrementAndGet();
            }
            String bans = wanted.bans() == null ? "" : "." + wanted.bans().revision();
            tagged(exchange, wanted.snapshot() + bans, known == null ? wanted : change(known, wanted));
        }
    }

    private static String since(HttpExchange exchange) {
        return exchange.getRequestURI().getQuery().substring("since=".length());
    }

    private static SnapshotChange change(Snapshot since, Snapshot to) {
        Set<String> names = to.functions().stream().map(PublishedFunction::name).collect(Collectors.toSet());
        return new SnapshotChange(
                since.snapshot(),
                since.functions().stream()
                        .map(PublishedFunction::name)
                        .filter(name -> !names.contains(name))
                        .sorted()
                        .toList(),
                to.with(to.functions().stream()
                        .filter(function -> !since.functions().contains(function))
                        .toList()));
    }

    private SearchResult search(Snapshot snapshot, SearchRequest request) {
        List<SearchResult.Hit> hits = found.stream()
                .flatMap(name -> snapshot.functions().stream()
                        .filter(function ->
                                function.name().equals(name) && function.stage().equals(request.stage())))
                .limit(request.k() == null ? 5 : request.k())
                .map(StubFunctionBase::hit)
                .toList();
        return new SearchResult(snapshot.snapshot(), hits);
    }

    private static SearchResult.Hit hit(PublishedFunction function) {
        return new SearchResult.Hit(function.name(), function.version(), function.handle(), 0.5);
    }
}
