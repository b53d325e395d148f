package io.logicdistillation.inference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between the service and its Postgres, so that a test can take the database away and give it back. */
public final class DatabaseGate {
    private final String host;
    private final int port;
    private final int ownPort;
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private volatile State state = State.OPEN;

    /** What happens to connections. */
    public enum State {
        /** They pass. */
        OPEN,
        /** They are closed, as when the server has stopped. */
        CLOSED,
        /** They hang, as when the server or the network has. */
        SILENT
    }

    public DatabaseGate(String host, int port) {
        this.host = host;
        this.port = port;
        try {
            ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            ownPort = server.getLocalPort();
            Thread.ofPlatform().daemon().start(() -> accept(server));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public int port() {
        return ownPort;
    }

    public void set(State wanted) {
        State before = state;
        state = wanted;
        if (before != wanted && wanted != State.SILENT) {
            open.forEach(DatabaseGate::close);
            open.clear();
        }
    }

    private void accept(ServerSocket server) {
        while (true) {
            try {
                Socket client = server.accept();
                open.add(client);
                if (state == State.CLOSED) {
                    client.close();
                } else {
                    Socket database = new Socket(host, port);
                    open.add(database);
                    // Else each message waits up to 40 ms for the acknowledgement of the one before.
                    client.setTcpNoDelay(true);
                    database.setTcpNoDelay(true);
                    Thread.ofPlatform().daemon().start(() -> pump(client, database));
                    Thread.ofPlatform().daemon().start(() -> pump(database, client));
                }
            } catch (IOException refused) {
                System.err.println("The database gate let one go: " + refused);
            }
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] buffer = new byte[8192];
        try (from;
                to) {
            for (int read = from.getInputStream().read(buffer);
                    read >= 0;
                    read = from.getInputStream().read(buffer)) {
                while (state == State.SILENT) {
                    Thread.sleep(20);
                }
                if (state == State.CLOSED) {
                    // Let in while the gate was being closed.
                    return;
                }
                to.getOutputStream().write(buffer, 0, read);
            }
        } catch (IOException | InterruptedException closed) {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyClosed) {
            System.err.println(alreadyClosed);
        }
    }
}
