package io.logicdistillation.inference.students;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.contracts.Student;
import io.logicdistillation.inference.engine.StudentPackage;
import io.logicdistillation.inference.upstream.TaskKey;
import io.logicdistillation.inference.upstream.TenantClients;
import io.logicdistillation.inference.upstream.Watch;
import io.logicdistillation.kit.tenantdata.TenantChanged;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;

/**
 * Who serves a task. The registry is followed; a newly promoted student is fetched and loaded in the background while its
 * predecessor goes on serving, and takes over only when it is ready. One that does not verify or load is refused. Thread-safe.
 */
public final class Students implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Students.class);

    private static final String UNTUNED = "untuned";
    private static final String GENERAL = "general";

    private final Registry registry;
    private final Watch<StudentRef, Optional<Student>> wanted;
    private final StudentStore store;
    private final Engines engines;
    private final StudentsProperties properties;
    private final Consumer<StudentPackage> left;
    private final ConcurrentHashMap<StudentRef, Seat> seats = new ConcurrentHashMap<>();

    /** @param left told of students that nobody needs here any more */
    Students(
            Registry registry,
            StudentStore store,
            Engines engines,
            StudentsProperties properties,
            Consumer<StudentPackage> left) {
        this.left = left;
        this.registry = registry;
        this.store = store;
        this.engines = engines;
        this.properties = properties;
        this.wanted = new Watch<>(
                "student",
                (student, known, etag) -> registry.find(student, etag),
                properties.poll(),
                properties.idle(),
                this::prepare);
    }

    /**
     * Leases the student that serves a decision.
     *
     * @param patience how long to wait at most if the first student of the task is being loaded
     * @throws PlatformException {@link ProblemType#UNKNOWN_STUDENT}, or {@link ProblemType#UNAVAILABLE} while the first one loads
     */
    public Engines.Lease lease(StudentRef ref, Duration patience) {
        Optional<Student> student = wanted(ref);
        if (student.isEmpty()) {
            Seat seated = seats.get(ref);
            if (seated != null && seated.isTaken()) {
                return seated.lease(patience);
            }
            throw new PlatformException(
                    ProblemType.UNKNOWN_STUDENT,
                    "No student serves task '" + ref.task().task()
                            + "' yet: promote one, or import a general or untuned one");
        }
        Seat seat = seat(ref);
        seat.prepare(student.get());
        return seat.lease(patience);
    }

    /** Whether there is such a student: one that serves here already does so while the registry is away. */
    public boolean knows(StudentRef ref) {
        Seat seat = seats.get(ref);
        if (seat != null && seat.isTaken()) {
            return true;
        }
        try {
            return wanted(ref).isPresent();
        } catch (PlatformException failure) {
            if (failure.type() == ProblemType.UNKNOWN_STUDENT) {
                return false;
            }
            throw failure;
        }
    }

    /** The task's canary, as far as it is known here; empty if it has none. */
    public Optional<Student.Canary> canary(TaskKey task) {
        return wanted(new StudentRef(task, null)).flatMap(serving -> Optional.ofNullable(serving.canary()));
    }

    /**
     * Leases the student of a canary.
     *
     * @return empty while it is being loaded
     * @throws PlatformException {@link ProblemType#UNAVAILABLE} if it can not be loaded
     */
    public Optional<Engines.Lease> lease(TaskKey task, Student.Canary canary) {
        return prepared(task, canary).leaseIfReady();
    }

    /** Waits until the task's canary, if there is one, can decide or has turned out not to be able to. */
    public void awaitCanary(TaskKey task, Duration patience) {
        canary(task).ifPresent(canary -> {
            try {
                prepared(task, canary).await(patience);
            } catch (PlatformException refused) {
                log.info("The canary of task '{}' is not ready: {}", task.task(), refused.getMessage());
            }
        });
    }

    /**
     * Says how a canary does.
     *
     * @return whether it still runs
     */
    public boolean report(String tenant, String canary, Object figures) {
        return registry.report(tenant, canary, figures);
    }

    /** Every student of the tenant, as the registry knows them now. */
    public List<Student> all(String tenant) {
        return registry.all(tenant);
    }

    /** The name of the model that a student was made from; empty if its manifest does not say. */
    public static String baseModel(Student student) {
        return student.manifest().get("base") instanceof Map<?, ?> base && base.get("name") instanceof String name
                ? name
                : "";
    }

    /** Whether the student is the base model itself. */
    public static boolean isUntuned(Student student) {
        return UNTUNED.equals(student.method());
    }

    /** Whether the student was made for no task in particular. */
    static boolean servesAnyTask(Student student) {
        return isUntuned(student) || isGeneral(student);
    }

    static boolean isGeneral(Student student) {
        return GENERAL.equals(student.method());
    }

    private Optional<Student> wanted(StudentRef ref) {
        try {
            return wanted.get(ref);
        } catch (RuntimeException failure) {
            Seat seat = seats.get(ref);
            if (seat != null && seat.isTaken() && TenantClients.isAway(failure)) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private void prepare(StudentRef ref, Optional<Student> student) {
        if (student.isEmpty()) {
            seats.remove(ref);
            log.info("No student is promoted for {}", ref.task());
        } else {
            seat(ref).prepare(student.get());
            Student.Canary canary = student.get().canary();
            if (canary != null && ref.nameOrId() == null) {
                prepared(ref.task(), canary);
            }
        }
    }

    /** In a seat of its own, beside the one that serves. */
    private Seat prepared(TaskKey task, Student.Canary canary) {
        Seat seat = seat(new StudentRef(task, canary.student()));
        seat.prepare(canary.student(), "on trial");
        return seat;
    }

    private Seat seat(StudentRef ref) {
        return seats.computeIfAbsent(
                ref,
                empty -> new Seat(
                        id -> store.get(ref.task().tenant(), id), engines, properties.loadWait(), properties.retry()));
    }

    /** Takes the tenant's students off this machine, but for those that serve others too. */
    @EventListener
    void forget(TenantChanged changed) {
        wanted.forget(ref -> ref.task().tenant().equals(changed.tenant()));
        Map<String, StudentPackage> leaving = new HashMap<>();
        seats.forEach((ref, seat) -> {
            if (ref.task().tenant().equals(changed.tenant()) && seats.remove(ref, seat)) {
                seat.current().ifPresent(student -> leaving.put(student.id(), student));
            }
        });
        seats.values().forEach(seat -> seat.current().ifPresent(student -> leaving.remove(student.id())));
        leaving.values().forEach(student -> {
            left.accept(student);
            store.remove(student.id());
        });
    }

    @Override
    public void close() {
        wanted.close();
    }
}
