package io.logicdistillation.benchmarks;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/**
 * Ten thousand waiting jobs, fifty workers. One tenant has half of the jobs, with the highest priority; twenty others share
 * the rest. A worker claims, keeps the job for a while, and ends it. What is timed is the claim, over HTTP.
 *
 * <p>{@code JobsBench --url ADDRESS --pid PID [--json]}
 */
public final class JobsBench {
    private static final int JOBS = 10_000;
    private static final int WORKERS = 50;
    private static final int SMALL_TENANTS = 20;
    private static final int WORK_MS = 600;
    private static final String WORKER = """
            {"worker":"bench-%d","bases":["SmolLM2-135M-Instruct"],"methods":["ld"]}""";
    private static final String ROW = """
            {"episode":"e1","stage":"move","view":"far","chosen":"go","candidates":[\
            {"function":"go","handle":"go","manual":"When it is far."},\
            {"function":"wait","handle":"wait","manual":"When it is near."}]}
            """;
    private static final String SPEC = """
            {"name":"bench-%s","dataset":{"id":"d"},"priority":%d,
             "task":{"name":"pursuit","rules":"Catch it.","stages":[{"name":"move","instruction":"Choose."}]}}""";

    private final Service service;
    private final Samples claims = new Samples(JOBS);
    private final List<String> order = new ArrayList<>();
    private final Set<String> jobs = new HashSet<>();
    private int duplicates;

    private JobsBench(Service service) {
        this.service = service;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        boolean json = given.contains("--json");
        new JobsBench(new Service(given))
                .measure()
                .forEach(figure -> System.out.println(json ? figure.asJson() : figure.asText()));
        System.exit(0);
    }

    private List<Figure> measure() throws IOException, InterruptedException, ExecutionException {
        Map<String, Integer> waiting = new HashMap<>();
        waiting.put("big", JOBS / 2);
        for (int i = 0; i < SMALL_TENANTS; i++) {
            waiting.put("small-" + i, JOBS / 2 / SMALL_TENANTS);
        }
        inParallel(waiting.entrySet().stream()
                .map(each -> (Step) () -> submit(each.getKey(), each.getValue()))
                .toList());
        long begun = System.nanoTime();
        List<Step> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            int number = i;
            workers.add(() -> work(number));
        }
        inParallel(workers);
        double seconds = (System.nanoTime() - begun) / 1e9;
        return List.of(
                new Figure("claim_p50", claims.percentile(0.5), "ms"),
                new Figure("claim_p99", claims.percentile(0.99), "ms"),
                new Figure("duplicates", duplicates, "jobs"),
                new Figure("starved", JOBS - jobs.size() + starvedTenants(waiting), "jobs and tenants"),
                new Figure("claims_per_second", jobs.size() / seconds, "1/s"),
                new Figure("memory", service.memoryMb("VmHWM"), "MB"));
    }

    private void submit(String tenant, int count) throws IOException, InterruptedException {
        service.post(tenant, "/v1/datasets", "{\"name\":\"d\",\"task\":\"pursuit\"}");
        service.post(
                tenant,
                "/v1/datasets/d/trajectories",
                "application/x-ndjson",
                HttpRequest.BodyPublishers.ofString(ROW));
        service.post(tenant, "/v1/datasets/d/versions", "");
        for (int i = 0; i < count; i++) {
            service.post(tenant, "/v1/distillation-jobs", SPEC.formatted(tenant, tenant.equals("big") ? 100 : 0));
        }
    }

    private void work(int number) throws IOException, InterruptedException {
        Random random = new Random(number);
        Thread.sleep(random.nextInt(WORK_MS));
        while (true) {
            long begun = System.nanoTime();
            JsonNode claim = service.post("*", "/worker/v1/claims", WORKER.formatted(number));
            long nanos = System.nanoTime() - begun;
            if (claim.isMissingNode()) {
                return;
            }
            note(claim, nanos);
            Thread.sleep(WORK_MS / 2 + random.nextInt(WORK_MS));
            service.post(
                    "*",
                    "/worker/v1/claims/" + claim.get("id").stringValue() + "/failures",
                    "{\"fencingToken\":" + claim.get("fencingToken") + ",\"reason\":\"bench\",\"retryable\":false}");
        }
    }

    private synchronized void note(JsonNode claim, long nanos) {
        if (jobs.add(claim.get("job").stringValue())) {
            claims.add(nanos);
            order.add(claim.get("spec").get("name").stringValue().substring("bench-".length()));
        } else {
            duplicates++;
        }
    }

    /** Tenants that at some time had jobs waiting while all the others together were served ten times as often as is even. */
    private int starvedTenants(Map<String, Integer> waiting) {
        int patience = 10 * waiting.size();
        Map<String, Integer> lastTurn = new HashMap<>();
        Map<String, Integer> left = new HashMap<>(waiting);
        Set<String> starved = new HashSet<>();
        for (int turn = 0; turn < order.size(); turn++) {
            int now = turn;
            left.forEach((tenant, jobsLeft) -> {
                if (jobsLeft > 0 && now - lastTurn.getOrDefault(tenant, 0) > patience) {
                    starved.add(tenant);
                }
            });
            lastTurn.put(order.get(turn), turn);
            left.merge(order.get(turn), -1, Integer::sum);
        }
        return starved.size();
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private static void inParallel(List<Step> steps) throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Step step : steps) {
                running.add(threads.submit(() -> {
                    step.run();
                    return step;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
    }
}
