package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.contracts.ProblemType;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** What narrow settings of the door do; a client's address is what the trusted proxy, this test, says it is. */
@TestPropertySource(
        properties = {
            "platform.door.failed-keys=20",
            "platform.door.tenant-at-once=2",
            "platform.door.key-rate=5",
            "platform.door.tenant-rate=8",
            "platform.door.trusted-proxies=127.0.0.0/8,::1",
            "platform.door.cors-origins=https://shop.example",
            "platform.database.url=",
            "platform.oidc.issuer="
        })
class DoorSettingsTest extends GatewayHttpTest {
    private static final String OTHER = "198.51.100.7";

    @Test
    void turnsAnAddressAwayThatGuesses() throws Exception {
        String guesser = "203.0.113.9";
        // Who worked from there before goes on; who comes only now is not told from a lucky guess.
        assertThat(from(guesser, OWNER).statusCode()).isEqualTo(200);
        HttpResponse<String> answer = from(guesser, "ld_guess0");
        for (int guess = 1; guess < 50 && answer.statusCode() == 401; guess++) {
            answer = from(guesser, "ld_guess" + guess);
        }
        assertProblem(answer, ProblemType.RATE_LIMITED);
        assertThat(Integer.parseInt(answer.headers().firstValue("Retry-After").orElse("")))
                .isBetween(1, 60);
        assertThat(answer.headers().allValues("Retry-After")).hasSize(1);
        assertThat(from(guesser, WORKER).statusCode()).isEqualTo(429);
        assertThat(from(guesser, OWNER).statusCode()).isEqualTo(200);
        assertThat(from(OTHER, CLERK).statusCode()).isEqualTo(200);
        assertThat(from(OTHER, "ld_guess").statusCode()).isEqualTo(401);
    }

    @Test
    void countsAWholeIpv6NetworkAsOneAddress() throws Exception {
        HttpResponse<String> answer = from("2001:db8:1:2::1", "ld_guess");
        for (int guess = 1; guess < 50 && answer.statusCode() == 401; guess++) {
            answer = from("2001:db8:1:2::" + guess, "ld_guess");
        }
        assertProblem(answer, ProblemType.RATE_LIMITED);
        assertThat(from("2001:db8:1:3::1", "ld_guess").statusCode()).isEqualTo(401);
    }

    @Test
    void believesOnlyWhatTheTrustedProxyWroteItself() throws Exception {
        // Whatever a client puts in front, the proxy appends where it came from; so guessing on is one address's
        // guessing.
        int locked = 0;
        for (int guess = 0; guess < 40; guess++) {
            locked += from("10.0.0." + guess + ", 203.0.113.77", "ld_guess").statusCode() == 429 ? 1 : 0;
        }
        assertThat(locked).isGreaterThan(10);
    }

    @Test
    void limitsAKeyAndSaysWhatIsLeft() throws Exception {
        HttpResponse<String> answer = send(as(STRANGER, "/v1/caller"));
        assertThat(answer.headers().firstValue("RateLimit-Policy")).hasValue("\"key\";q=5;w=1, \"tenant\";q=8;w=1");
        assertThat(answer.headers().firstValue("RateLimit").orElse(""))
                .matches("\"key\";r=[0-4];t=1, \"tenant\";r=[0-7];t=1");
        for (int more = 0; more < 200 && answer.statusCode() == 200; more++) {
            answer = send(as(STRANGER, "/v1/caller"));
        }
        assertProblem(answer, ProblemType.RATE_LIMITED);
        assertThat(answer.headers().firstValue("Retry-After")).hasValue("1");
        assertThat(answer.headers().firstValue("RateLimit").orElse("")).contains("\"key\";r=0");
        Thread.sleep(1000);
        assertThat(send(as(STRANGER, "/v1/caller")).statusCode()).isEqualTo(200);
    }

    /** Bodies that do not end hold connections to the services; one tenant's must not use up those of all. */
    @Test
    void leavesRoomForOthersWhileATenantsRequestsDoNotEnd() throws Exception {
        String slow = "POST /v1/tasks/pursuit/decisions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + DECIDER
                + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
        List<Socket> open = new ArrayList<>();
        try {
            HttpResponse<String> answer;
            do {
                // One at a time: a request of the clerk's that is under way would take the place of one that does not
                // end.
                Socket endless = new Socket("127.0.0.1", port);
                open.add(endless);
                endless.getOutputStream().write(slow.getBytes(StandardCharsets.US_ASCII));
                Thread.sleep(400);
                answer = send(as(CLERK, "/v1/caller"));
            } while (open.size() < 8 && !answer.body().contains("under way"));
            assertProblem(answer, ProblemType.RATE_LIMITED);
            assertThat(answer.body()).contains("under way");
            assertThat(from(OTHER, STRANGER).statusCode()).isEqualTo(200);
        } finally {
            for (Socket endless : open) {
                endless.close();
            }
        }
    }

    @Test
    void opensToPagesOfTheConfiguredOriginsOnly() throws Exception {
        HttpResponse<String> allowed = preflight("https://shop.example");
        assertThat(allowed.statusCode()).isEqualTo(200);
        assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin")).hasValue("https://shop.example");
        assertThat(allowed.headers().map()).doesNotContainKey("access-control-allow-credentials");
        HttpResponse<String> refused = preflight("https://evil.example");
        assertProblem(refused, ProblemType.FORBIDDEN);
        assertThat(refused.headers().map()).doesNotContainKey("access-control-allow-origin");
        HttpResponse<String> answer = send(as(DECIDER, "/v1/decisions/x")
                .header("Origin", "https://shop.example")
                .header("X-Forwarded-For", OTHER));
        assertThat(answer.headers().allValues("Access-Control-Allow-Origin")).containsExactly("https://shop.example");
        assertThat(send(as(DECIDER, "/v1/decisions/x").header("Origin", "https://evil.example"))
                        .headers()
                        .map())
                .doesNotContainKey("access-control-allow-origin");
    }

    /** As the gateway starts where nothing but a file of keys is set. */
    @Test
    void hasNoKeysToLookAfterWithoutADatabase() throws Exception {
        assertProblem(send(as(PLATFORM, "/v1/keys")), ProblemType.NOT_FOUND);
        assertProblem(send(as(PLATFORM, "/v1/tenants")), ProblemType.NOT_FOUND);
        assertThat(send(request("/console/sign-in.json")).body()).isEqualTo("{}");
        assertThat(send(request("/console/"))
                        .headers()
                        .firstValue("Content-Security-Policy")
                        .orElse(""))
                .contains("connect-src 'self';");
    }

    private HttpResponse<String> from(String address, String key) throws Exception {
        HttpResponse<String> answer = send(as(key, "/v1/caller").header("X-Forwarded-For", address));
        // The keys themselves are limited here as well; that is another test's business.
        while (answer.statusCode() == 429
                && answer.headers().firstValue("RateLimit-Policy").isPresent()) {
            Thread.sleep(300);
            answer = send(as(key, "/v1/caller").header("X-Forwarded-For", address));
        }
        return answer;
    }

    private HttpResponse<String> preflight(String origin) throws Exception {
        return send(request("/v1/tasks")
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization, content-type")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));
    }
}
