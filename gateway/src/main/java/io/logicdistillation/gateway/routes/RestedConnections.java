package io.logicdistillation.gateway.routes;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;

/**
 * A pool whose connections tell at once whether the other side has closed them. Apache's own check reads with a time-out of a millisecond, which every
 * request pays that finds a connection at rest; a channel says without waiting that there is nothing to read. Over TLS, where what can be read
 * is not yet what was sent, the check is Apache's.
 */
final class RestedConnections extends PoolingHttpClientConnectionManagerBuilder {
    private static final ManagedHttpClientConnectionFactory CONNECTIONS = new ManagedHttpClientConnectionFactory();

    RestedConnections() {
        setConnectionFactory(socket -> prompt(CONNECTIONS.createConnection(socket)));
    }

    /** Sockets that have a channel. */
    @Override
    protected HttpClientConnectionOperator createConnectionOperator(
            SchemePortResolver ports, DnsResolver names, TlsSocketStrategy tls) {
        return new DefaultHttpClientConnectionOperator(
                proxy -> SocketChannel.open().socket(),
                ports,
                names,
                RegistryBuilder.<TlsSocketStrategy>create()
                        .register(URIScheme.HTTPS.id, tls)
                        .build());
    }

    /** A proxy, because Apache's class is final and hidden, and its interface has two dozen methods of which one differs. */
    private static ManagedHttpClientConnection prompt(ManagedHttpClientConnection connection) {
        return (ManagedHttpClientConnection) Proxy.newProxyInstance(
                ManagedHttpClientConnection.class.getClassLoader(),
                new Class<?>[] {ManagedHttpClientConnection.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("isStale")) {
                        return isStale(connection);
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                });
    }

    /** A byte that nobody asked for is as bad as an end: the next answer would begin with it. */
    private static boolean isStale(ManagedHttpClientConnection connection) throws IOException {
        Socket socket = connection.getSocket();
        SocketChannel channel = socket == null ? null : socket.getChannel();
        if (channel == null) {
            return connection.isStale();
        }
        try {
            channel.configureBlocking(false);
            try {
                return channel.read(ByteBuffer.allocate(1)) != 0;
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException gone) {
            return true;
        }
    }
}
