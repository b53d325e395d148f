package io.logicdistillation.inference;

import com.sun.net.httpserver.HttpExchange;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.PublishedFunction;
import io.logicdistillation.contracts.SearchRequest;
import io.logicdistillation.contracts.SearchResult;
import io.logicdistillation.contracts.Snapshot;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The function-base-service as this service sees it. Its search finds functions in the order set by {@link #finds}. */
public final class StubFunctionBase extends StubService {
    private final Map<String, Snapshot> active = new ConcurrentHashMap<>();
    private final Map<String, Snapshot> all = new ConcurrentHashMap<>();
    private final AtomicInteger searches = new AtomicInteger();
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
        } else if (path[5].equals("active")) {
            String bans = current.bans() == null ? "" : "." + current.bans().revision();
            tagged(exchange, current.snapshot() + bans, current);
        } else {
            Snapshot named = all.get(tenant + "/" + task + "/" + path[5]);
            if (named == null) {
                problem(exchange, ProblemType.UNKNOWN_SNAPSHOT, "There is no snapshot '" + path[5] + "'");
            } else {
                json(exchange, named);
            }
        }
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
