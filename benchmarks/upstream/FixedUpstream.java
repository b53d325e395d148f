import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What stands behind a proxy that is measured: answers every request at once with the same JSON, on one thread and with
 * nothing to collect, so that it is never what one waits for. It speaks as much HTTP/1.1 as proxies do to a service: bodies
 * framed by their length, connections that are kept, one request at a time on each.
 *
 * <p>{@code FixedUpstream FILE}; it needs no library, so the JDK runs its source as it is. It prints its port and serves until
 * its standard input ends.
 */
public final class FixedUpstream {
    private static final int LARGEST_REQUEST = 64 * 1024;
    private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};
    private static final String LENGTH = "content-length:";

    private final ByteBuffer answer;

    private FixedUpstream(byte[] body) {
        byte[] head = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        this.answer = ByteBuffer.allocateDirect(head.length + body.length)
                .put(head)
                .put(body)
                .flip();
    }

    public static void main(String[] arguments) throws IOException {
        FixedUpstream upstream =
                new FixedUpstream(Files.readAllBytes(Path.of(List.of(arguments).getFirst())));
        try (Selector selector = Selector.open();
                ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
            server.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT);
            System.out.println(((InetSocketAddress) server.getLocalAddress()).getPort());
            Thread.ofPlatform().daemon().start(FixedUpstream::endWithStandardInput);
            while (true) {
                selector.select(key -> upstream.serve(key, selector));
            }
        }
    }

    /** So that it never outlives whoever started it. */
    private static void endWithStandardInput() {
        try {
            while (System.in.read() >= 0) {
                // nothing is said to it
            }
        } catch (IOException gone) {
            // as good as its end
        }
        System.exit(0);
    }

    private void serve(SelectionKey key, Selector selector) {
        try {
            if (key.channel() instanceof ServerSocketChannel server) {
                accept(server, selector);
            } else if (key.channel() instanceof SocketChannel client) {
                answer(client, (ByteBuffer) key.attachment());
            }
        } catch (IOException gone) {
            close(key);
        }
    }

    private static void accept(ServerSocketChannel server, Selector selector) throws IOException {
        SocketChannel client = server.accept();
        if (client != null) {
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            client.configureBlocking(false)
                    .register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(LARGEST_REQUEST));
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException alreadyGone) {
            // closed is what it should be
        }
    }

    private void answer(SocketChannel client, ByteBuffer received) throws IOException {
        if (client.read(received) < 0 || !received.hasRemaining()) {
            throw new IOException("The client is gone, or sends more than is read here");
        }
        int length = lengthOfRequest(received);
        if (length > 0 && received.position() >= length) {
            received.clear();
            ByteBuffer rest = answer.duplicate();
            // It fits into the socket's buffer, which is empty whenever a client asks.
            while (rest.hasRemaining()) {
                client.write(rest);
            }
        }
    }

    /** Of head and body; 0 where the head has not come in full. */
    private static int lengthOfRequest(ByteBuffer received) throws IOException {
        byte[] bytes = received.array();
        int end = endOfHead(bytes, received.position());
        if (end == 0) {
            return 0;
        }
        String head = new String(bytes, 0, end, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        if (head.contains("\r\ntransfer-encoding:")) {
            throw new IOException("Only bodies of a known length are read here");
        }
        int at = head.indexOf("\r\n" + LENGTH);
        if (at < 0) {
            return end;
        }
        int from = at + 2 + LENGTH.length();
        return end
                + Integer.parseInt(
                        head.substring(from, head.indexOf('\r', from)).strip());
    }

    private static int endOfHead(byte[] bytes, int count) {
        for (int i = 0; i + END_OF_HEAD.length <= count; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i + END_OF_HEAD.length;
            }
        }
        return 0;
    }
}
