package io.logicdistillation.inference;

import com.github.f4b6a3.uuid.UuidCreator;
import com.sun.net.httpserver.HttpExchange;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;

/** The distillation-service's registry of students as this service sees it. */
public final class StubRegistry extends StubService {
    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private final Map<String, JsonNode> reports = new ConcurrentHashMap<>();

    /** A student with real hashes; what its files hold only a real engine would mind. */
    public Student add(String tenant, String task, String name, String method) {
        byte[] activations = ("activations of " + name).getBytes(StandardCharsets.UTF_8);
        Map<String, Object> files = new HashMap<>();
        files.put("adapter", null);
        files.put(
                "activations",
                Map.of("path", "activations.safetensors", "sha256", sha256(activations), "bytes", activations.length));
        Map<String, Object> manifest = Map.of(
                "format",
                1,
                "name",
                name,
                "task",
                task,
                "method",
                method,
                "base",
                Map.of("name", "tiny", "file", "tiny.gguf", "sha256", "0".repeat(64)),
                "files",
                files,
                "prompt",
                Map.of("format", "set-v1", "longestEntry", 48),
                "preferredWay",
                "reading");
        return add(tenant, JSON.writeValueAsBytes(manifest), activations);
    }

    /** A student as it was packed. */
    @SuppressWarnings("unchecked")
    public Student add(String tenant, byte[] manifest, byte[] activations) {
        Map<String, Object> parsed = JSON.readValue(manifest, Map.class);
        Student student = new Student(
                "sha256:" + sha256(manifest),
                String.valueOf(parsed.get("name")),
                String.valueOf(parsed.get("task")),
                String.valueOf(parsed.get("method")),
                false,
                Instant.now(),
                parsed,
                null);
        entries.add(new Entry(tenant, student, manifest, activations));
        return student;
    }

    /** Ends the task's canary, as the real one does. */
    public void promote(Student promoted) {
        entries.replaceAll(entry -> entry.student.task().equals(promoted.task())
                ? entry.serving(entry.student.id().equals(promoted.id()), null)
                : entry);
    }

    /** Tries a student beside the one that serves its task. */
    public Student.Canary tries(Student student, int percent) {
        String serving = entries.stream()
                .map(Entry::student)
                .filter(each -> each.promoted() && each.task().equals(student.task()))
                .findFirst()
                .orElseThrow()
                .id();
        return tries(new Student.Canary(
                UuidCreator.getTimeOrderedEpoch().toString(), student.id(), serving, percent, Instant.now()));
    }

    /** The same canary with a share of its own. */
    public Student.Canary tries(Student.Canary canary) {
        entries.replaceAll(entry -> List.of(canary.student(), canary.serving()).contains(entry.student.id())
                ? entry.serving(entry.student.promoted(), canary)
                : entry);
        return canary;
    }

    public Student.Canary canaryOf(Student student) {
        return entries.stream()
                .map(Entry::student)
                .filter(each -> each.id().equals(student.id()))
                .map(Student::canary)
                .findFirst()
                .orElseThrow();
    }

    /** What was reported of canaries, by their ids; the last of each. */
    public Map<String, JsonNode> reports() {
        return reports;
    }

    /** Flips one bit of a stored file. */
    public void damage(Student student) {
        entries.stream()
                .filter(entry -> entry.student.id().equals(student.id()))
                .forEach(entry -> entry.activations[3] ^= 1);
    }

    public void clear() {
        entries.clear();
    }

    @Override
    protected void answer(HttpExchange exchange, String tenant, byte[] body) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/");
        List<Entry> own =
                entries.stream().filter(entry -> entry.tenant.equals(tenant)).toList();
        if (path[2].equals("canaries")) {
            reports.put(path[3], JSON.readTree(body));
            boolean running = own.stream()
                    .map(entry -> entry.student.canary())
                    .anyMatch(canary -> canary != null && canary.id().equals(path[3]));
            json(exchange, Map.of("running", running));
        } else if (path.length > 5) {
            file(exchange, own, path[3], path[5]);
        } else {
            list(exchange, own, query(exchange));
        }
    }

    private static void list(HttpExchange exchange, List<Entry> own, Map<String, String> query) throws IOException {
        List<Student> students = own.stream()
                .map(Entry::student)
                .filter(student -> !query.containsKey("task") || student.task().equals(query.get("task")))
                .filter(student -> !query.containsKey("promoted") || student.promoted())
                .toList();
        String tag = sha256(JSON.writeValueAsBytes(students));
        tagged(exchange, tag, Map.of("items", students));
    }

    private static void file(HttpExchange exchange, List<Entry> own, String id, String file) throws IOException {
        Entry entry = own.stream()
                .filter(each -> each.student.id().equals(id))
                .findFirst()
                .orElse(null);
        if (entry == null) {
            problem(exchange, ProblemType.UNKNOWN_STUDENT, "There is no student '" + id + "'");
        } else {
            send(exchange, 200, file.equals("manifest") ? entry.manifest : entry.activations);
        }
    }

    private static Map<String, String> query(HttpExchange exchange) {
        Map<String, String> query = new HashMap<>();
        String text = exchange.getRequestURI().getQuery();
        if (text != null) {
            Arrays.stream(text.split("&")).map(pair -> pair.split("=", 2)).forEach(pair -> query.put(pair[0], pair[1]));
        }
        return query;
    }

    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private record Entry(String tenant, Student student, byte[] manifest, byte[] activations) {
        Entry serving(boolean promoted, Student.Canary canary) {
            Student changed = new Student(
                    student.id(),
                    student.name(),
                    student.task(),
                    student.method(),
                    promoted,
                    student.createdAt(),
                    student.manifest(),
                    canary);
            return new Entry(tenant, changed, manifest, activations);
        }
    }
}
