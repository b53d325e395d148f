package io.logicdistillation.inference.remote;

import io.logicdistillation.inference.engine.HeldOut;
import io.logicdistillation.inference.engine.StudentPackage;
import io.logicdistillation.inference.students.Elsewhere;
import io.logicdistillation.inference.students.Engines;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The remote engines, and which students each serves. Thread-safe. */
public final class RemoteServers implements Elsewhere, AutoCloseable {
    private final List<RemoteServer> servers = new ArrayList<>();
    private final Map<String, RemoteServer> byStudent = new HashMap<>();
    private final Map<String, RemoteServer> byTask = new HashMap<>();

    /** @throws IllegalStateException if an engine's settings are of no use, or two engines want the same student */
    public RemoteServers(RemoteProperties properties, MeterRegistry meters) {
        properties.engines().forEach((name, settings) -> {
            RemoteServer server = new RemoteServer(name, settings, meters);
            servers.add(server);
            claim(byStudent, settings.students(), server);
            claim(byTask, settings.tasks(), server);
        });
    }

    private static void claim(Map<String, RemoteServer> claimed, Set<String> names, RemoteServer server) {
        for (String name : names) {
            RemoteServer other = claimed.put(name, server);
            if (other != null) {
                throw new IllegalStateException("inference.remote.engines: both " + other.name() + " and "
                        + server.name() + " are to serve '" + name + "'");
            }
        }
    }

    @Override
    public Engines over(Engines here) {
        return student -> {
            RemoteServer server = serving(student);
            return server == null ? here.lease(student) : lease(student, server, here);
        };
    }

    /** A student's id says more than its name, and its name more than its task. */
    private @Nullable RemoteServer serving(StudentPackage student) {
        RemoteServer byId = byStudent.get(student.id());
        RemoteServer byName = byId == null ? byStudent.get(student.manifest().name()) : byId;
        String task = student.manifest().task();
        return byName == null && task != null ? byTask.get(task) : byName;
    }

    private static Engines.Lease lease(StudentPackage student, RemoteServer server, Engines here) {
        HeldOut heldOut = HeldOut.of(server.isTheStudent() ? student.manifest().metrics() : null);
        return switch (server.settings().otherwise()) {
            case IN_PROCESS -> {
                Engines.Lease standby = here.lease(student);
                yield new Engines.Lease(
                        student.id(),
                        new RemoteEngine(server, student.manifest(), standby.engine()),
                        heldOut,
                        standby.release());
            }
            case REFUSE ->
                new Engines.Lease(student.id(), new RemoteEngine(server, student.manifest(), null), heldOut, () -> {});
        };
    }

    @Override
    public void close() {
        servers.forEach(RemoteServer::close);
    }
}
