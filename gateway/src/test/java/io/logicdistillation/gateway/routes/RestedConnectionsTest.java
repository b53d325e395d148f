package io.logicdistillation.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.apache.hc.core5.util.TimeValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RestedConnectionsTest {
    private static final byte[] ANSWER =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);

    private final List<Socket> accepted = new CopyOnWriteArrayList<>();
    private ServerSocket server;
    private CloseableHttpClient client;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(() -> {
            while (true) {
                try {
                    Socket socket = server.accept();
                    accepted.add(socket);
                    Thread.startVirtualThread(() -> answer(socket));
                } catch (IOException closed) {
                    return;
                }
            }
        });
        client = HttpClients.custom()
                .setConnectionManager(new RestedConnections()
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setValidateAfterInactivity(TimeValue.ofMilliseconds(10))
                                .build())
                        .build())
                .disableAutomaticRetries()
                .build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
        for (Socket socket : accepted) {
            socket.close();
        }
    }

    /** As many requests as come: each is 4 bytes of body behind an empty line. */
    private static void answer(Socket socket) {
        try {
            int matched = 0;
            for (int next = socket.getInputStream().read();
                    next >= 0;
                    next = socket.getInputStream().read()) {
                matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
                if (matched == 4) {
                    socket.getInputStream().readNBytes(4);
                    socket.getOutputStream().write(ANSWER);
                    matched = 0;
                }
            }
        } catch (IOException closed) {
            // The test is over, or closed it on purpose.
        }
    }

    private String post() throws IOException {
        HttpPost request = new HttpPost("http://127.0.0.1:" + server.getLocalPort() + "/");
        request.setEntity(new StringEntity("body"));
        return client.execute(request, answer -> EntityUtils.toString(answer.getEntity()));
    }

    private static void rest() throws InterruptedException {
        Thread.sleep(40);
    }

    @Test
    void aConnectionThatRestedIsUsedAgain() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(post()).isEqualTo("ok");
            rest();
        }
        assertThat(accepted).hasSize(1);
    }

    @Test
    void oneThatWasClosedMeanwhileIsNot() throws Exception {
        assertThat(post()).isEqualTo("ok");
        accepted.getFirst().close();
        rest();
        assertThat(post()).isEqualTo("ok");
        assertThat(accepted).hasSize(2);
    }

    @Test
    void norIsOneWithAByteThatNobodyAskedFor() throws Exception {
        assertThat(post()).isEqualTo("ok");
        accepted.getFirst().getOutputStream().write('!');
        rest();
        assertThat(post()).isEqualTo("ok");
        await().untilAsserted(() -> assertThat(accepted).hasSize(2));
    }
}
