package io.logicdistillation.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A hundred thousand trajectories in one streamed upload, each view a new one.
 *
 * <p>{@code UploadBench --url ADDRESS --pid PID [--json]}
 */
public final class UploadBench {
    private static final int ROWS = 100_000;
    private static final int ROWS_OF_AN_EPISODE = 50;
    private static final String ROW = """
            {"episode":"e%d","step":%d,"stage":"move","task":"pursuit","snapshot":"sha256:bench",\
            "view":"The target stands %d cells east and %d cells north, and has %d ways out.","chosen":"%s","candidates":[\
            {"function":"cut_off","handle":"cut","manual":"When the target has one way out: stand in it."},\
            {"function":"flank","handle":"flank","manual":"When another pursuer is behind the target: come from the side."},\
            {"function":"approach","handle":"go","manual":"When the target is far: take the shortest way to it."},\
            {"function":"wait","handle":"wait","manual":"When the target must come past: stay."}],"output":{"move":"east"}}
            """;
    private static final List<String> CHOICES = List.of("cut_off", "flank", "approach", "wait");

    private UploadBench() {}

    public static void main(String[] arguments) throws Exception {
        List<String> given = List.of(arguments);
        boolean json = given.contains("--json");
        Service service = new Service(given);
        for (String name : List.of("warm-up", "measured")) {
            service.post("bench", "/v1/datasets", "{\"name\":\"" + name + "\",\"task\":\"pursuit\"}");
        }
        upload(service, "warm-up", ROWS / 10);
        double before = service.memoryMb("VmHWM");
        long begun = System.nanoTime();
        upload(service, "measured", ROWS);
        double seconds = (System.nanoTime() - begun) / 1e9;
        double after = service.memoryMb("VmHWM");
        List.of(
                        new Figure("upload_100k", seconds, "s"),
                        new Figure("rows_per_second", ROWS / seconds, "1/s"),
                        new Figure("memory_growth", after - before, "MB"),
                        new Figure("memory", after, "MB"))
                .forEach(figure -> System.out.println(json ? figure.asJson() : figure.asText()));
        System.exit(0);
    }

    private static void upload(Service service, String dataset, int rows) throws Exception {
        JsonNode report = service.post(
                "bench",
                "/v1/datasets/" + dataset + "/trajectories",
                "application/x-ndjson",
                HttpRequest.BodyPublishers.ofInputStream(() -> new SequenceInputStream(lines(rows))));
        if (report.get("accepted").intValue() != rows) {
            throw new IllegalStateException("Not every row was accepted: " + report);
        }
    }

    private static Enumeration<InputStream> lines(int rows) {
        return new Enumeration<>() {
            private int row;

            @Override
            public boolean hasMoreElements() {
                return row < rows;
            }

            @Override
            public InputStream nextElement() {
                String line = ROW.formatted(
                        row / ROWS_OF_AN_EPISODE,
                        row % ROWS_OF_AN_EPISODE,
                        row % 317,
                        row / 317,
                        row % 4,
                        CHOICES.get(row % CHOICES.size()));
                row++;
                return new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8));
            }
        };
    }
}
