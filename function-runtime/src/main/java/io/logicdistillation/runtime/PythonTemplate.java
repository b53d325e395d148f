package io.logicdistillation.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The process from which all others are forked, and the only one that is started as a program. It never sees a function; when this
 * virtual machine ends, however it ends, so does the template, and with it every process that it made. Thread-safe.
 */
final class PythonTemplate implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 10;
    /** More than any call may take; a backstop behind the watchdog. */
    private static final Duration PROCESSOR_TIME = Duration.ofSeconds(70);

    /** What becomes of the processes that were ordered. */
    interface Listener {
        void ready(PythonProcess process);

        void failed(int number, String why);

        void gone();
    }

    /**
     * How its processes run.
     *
     * @param niceness by how much they give way to others
     * @param unlocked only for tests of tests: whether they are left without a lock
     */
    record Guests(int niceness, boolean unlocked) {}

    private record Ordered(long heapBytes, CompletableFuture<PythonProcess.Ending> ending) {}

    private final Listener listener;
    private final Path folder;
    private final ServerSocketChannel server;
    private final Process process;
    private final OutputStream orders;
    private final BufferedReader reports;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, Ordered> ordered = new ConcurrentHashMap<>();
    private final Map<Integer, CompletableFuture<PythonProcess.Ending>> working = new ConcurrentHashMap<>();

    /**
     * Starts the template and waits until it can fork.
     *
     * @throws PythonInterpreter.Missing if this interpreter or this system can not do it
     */
    PythonTemplate(Path interpreter, Guests guests, Listener listener) throws PythonInterpreter.Missing {
        this.listener = listener;
        try {
            folder = Files.createTempDirectory(
                    "functions", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Path socket = folder.resolve("host");
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
            process = builder(interpreter, socket, guests).start();
            orders = process.getOutputStream();
            reports = process.inputReader(StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new PythonInterpreter.Missing("the interpreter can not be started: " + failure.getMessage());
        }
        awaitReady();
        Thread.ofPlatform().name("python-processes").daemon().start(this::accept);
        Thread.ofPlatform().name("python-reports").daemon().start(this::follow);
    }

    private static ProcessBuilder builder(Path interpreter, Path socket, Guests guests) {
        ProcessBuilder builder = new ProcessBuilder(
                interpreter.toString(),
                "-s",
                "-S",
                "-B",
                "-c",
                script(),
                socket.toString(),
                String.valueOf(PROCESSOR_TIME.toSeconds()),
                String.valueOf(guests.niceness()),
                guests.unlocked() ? "unlocked" : "locked");
        builder.directory(Path.of("/").toFile()).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        // Sets and dictionaries of texts come in the same order everywhere.
        builder.environment().put("PYTHONHASHSEED", "0");
        return builder;
    }

    private void awaitReady() throws PythonInterpreter.Missing {
        CompletableFuture<String> first = new CompletableFuture<>();
        Thread.ofPlatform().name("python-start").daemon().start(() -> {
            try {
                first.complete(Objects.requireNonNullElse(reports.readLine(), ""));
            } catch (IOException failure) {
                first.complete("");
            }
        });
        String line = first.completeOnTimeout("unsuitable it did not start in time", PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        if (!line.startsWith("ready ")) {
            close();
            throw new PythonInterpreter.Missing(
                    line.startsWith("unsuitable ")
                            ? line.substring("unsuitable ".length())
                            : "the interpreter ended while it started, probably because this system forbids a part of its lock");
        }
    }

    /** Has a process made, of which the listener hears by the number that this answers. */
    int order(long heapBytes) {
        int number = numbers.incrementAndGet();
        ordered.put(number, new Ordered(heapBytes, new CompletableFuture<>()));
        send("make " + number + " " + heapBytes);
        return number;
    }

    /** Ends a process, whatever it is doing. */
    void end(PythonProcess ended) {
        ended.hangUp();
        working.remove(ended.number());
        send("end " + ended.number());
    }

    private synchronized void send(String order) {
        try {
            orders.write((order + "\n").getBytes(StandardCharsets.US_ASCII));
            orders.flush();
        } catch (IOException gone) {
            // The one that follows the reports sees it too.
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = server.accept();
                int number = introduced(channel);
                Ordered order = ordered.remove(number);
                if (order == null) {
                    channel.close();
                } else {
                    working.put(number, order.ending());
                    listener.ready(new PythonProcess(number, order.heapBytes(), channel, order.ending()));
                }
            }
        } catch (IOException closed) {
            // by close()
        }
    }

    private static int introduced(SocketChannel channel) throws IOException {
        ByteBuffer number = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (number.hasRemaining() && channel.read(number) >= 0) {
            // A process that ends before it has spoken is reported as ended.
        }
        return number.hasRemaining() ? 0 : number.flip().getInt();
    }

    private void follow() {
        try {
            for (String line = reports.readLine(); line != null; line = reports.readLine()) {
                String[] words = line.split(" ", 4);
                int number = Integer.parseInt(words[1]);
                Ordered never = ordered.remove(number);
                CompletableFuture<PythonProcess.Ending> worked = working.remove(number);
                if (worked != null) {
                    worked.complete(new PythonProcess.Ending(Integer.parseInt(words[2]), Long.parseLong(words[3])));
                } else if (never != null) {
                    listener.failed(number, line);
                }
            }
        } catch (IOException closed) {
            // by close()
        }
        listener.gone();
    }

    @Override
    public void close() {
        try {
            orders.close();
            server.close();
            Files.deleteIfExists(folder.resolve("host"));
            Files.deleteIfExists(folder);
        } catch (IOException leftBehind) {
            // a socket in the folder for temporary files
        }
        process.destroyForcibly();
    }

    private static String script() {
        try (InputStream resource =
                Objects.requireNonNull(PythonTemplate.class.getResourceAsStream("sandbox.py"), "sandbox.py")) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
