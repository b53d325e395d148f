package io.logicdistillation.distillation.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.distillation.datasets.CollectingProperties;
import io.logicdistillation.kit.ServiceCalls;
import io.logicdistillation.kit.WireJson;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Has the inference-service take the time of students: it has the engine that serves them, and this service has the rows. Thread-safe.
 */
@Component
class StudentClock {
    private static final int MOST_ROWS = 500;
    /** Below what a service takes in at once. */
    private static final int MOST_BYTES = 800_000;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final JsonMapper JSON = WireJson.lenient();

    private final RestClient inference;

    StudentClock(ServiceCalls calls, CollectingProperties properties) {
        this.inference = calls.asCaller(properties.inferenceUrl(), PATIENCE);
    }

    /** What was measured. @param stages by name */
    record Measured(String machine, String snapshot, List<Timing.Stage> stages) {}

    private record Request(String task, List<String> students, List<Row> rows) {}

    private record Row(String stage, String view, List<Candidate> candidates) {}

    private record Candidate(String function, String handle, String manual) {}

    private record Answer(String machine, String snapshot, List<Taken> rows) {}

    private record Taken(int row, List<Time> times) {}

    private record Time(double millis, String way, String engine) {}

    /**
     * @param students one, or two to compare the first with the second
     * @param lines rows of a dataset, as many as are of use
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} while a student is being loaded or others are timed, or what the
     *     inference-service has against the task
     */
    Measured take(String task, List<String> students, List<String> lines) {
        List<Row> rows = rows(lines);
        Answer answer = Optional.ofNullable(ask(new Request(task, students, rows)))
                .orElseThrow(
                        () -> new PlatformException(ProblemType.UNAVAILABLE, "The inference-service said nothing"));
        Map<String, List<Taken>> byStage = answer.rows().stream()
                .collect(Collectors.groupingBy(
                        taken -> rows.get(taken.row()).stage(), TreeMap::new, Collectors.toList()));
        if (byStage.isEmpty()) {
            throw new PlatformException(
                    ProblemType.UNAVAILABLE,
                    "No row was read in time: the students were busy, or the rows are too long for them");
        }
        return new Measured(
                answer.machine(),
                answer.snapshot(),
                byStage.entrySet().stream()
                        .map(stage -> stage(stage.getKey(), stage.getValue(), students.size() > 1))
                        .toList());
    }

    private @Nullable Answer ask(Request request) {
        try {
            return inference
                    .post()
                    .uri("/v1/timings")
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(request)
                    .retrieve()
                    .body(Answer.class);
        } catch (RestClientException away) {
            throw new PlatformException(ProblemType.UNAVAILABLE, "The inference-service gave no answer", away);
        }
    }

    private static List<Row> rows(List<String> lines) {
        List<Row> rows = new ArrayList<>();
        int bytes = 0;
        for (String line : lines) {
            bytes += line.getBytes(StandardCharsets.UTF_8).length;
            if (rows.size() == MOST_ROWS || bytes > MOST_BYTES) {
                break;
            }
            JsonNode row = JSON.readTree(line);
            List<Candidate> candidates = new ArrayList<>();
            row.path("candidates")
                    .forEach(each -> candidates.add(
                            new Candidate(text(each, "function"), text(each, "handle"), text(each, "manual"))));
            rows.add(new Row(text(row, "stage"), text(row, "view"), candidates));
        }
        return rows;
    }

    private static String text(JsonNode node, String member) {
        return node.path(member).stringValue("");
    }

    private static Timing.Stage stage(String name, List<Taken> rows, boolean two) {
        if (!two) {
            return new Timing.Stage(name, rows.size(), took(rows, 0), null, null);
        }
        double[] ratios = rows.stream()
                .mapToDouble(
                        row -> row.times().get(0).millis() / row.times().get(1).millis())
                .toArray();
        return new Timing.Stage(
                name,
                rows.size(),
                took(rows, 0),
                took(rows, 1),
                new Medians(ratios).interval().map(Reward.Estimate::of).orElse(null));
    }

    private static Timing.Took took(List<Taken> rows, int student) {
        List<Time> times = rows.stream().map(row -> row.times().get(student)).toList();
        Medians medians = new Medians(times.stream().mapToDouble(Time::millis).toArray());
        Optional<Proportions.Interval> interval = medians.interval();
        return new Timing.Took(
                all(times.stream().map(Time::way).toList()),
                all(times.stream().map(Time::engine).toList()),
                millis(medians.median()),
                interval.map(found -> millis(found.low())).orElse(null),
                interval.map(found -> millis(found.high())).orElse(null),
                millis(medians.quantile(0.99)));
    }

    private static String all(List<String> names) {
        return names.stream().distinct().sorted().collect(Collectors.joining(", "));
    }

    private static double millis(double value) {
        return Math.round(value * 1e3) / 1e3;
    }
}
