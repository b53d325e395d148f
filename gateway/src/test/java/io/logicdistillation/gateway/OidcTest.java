package io.logicdistillation.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.issuer.Issuer;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import tools.jackson.databind.JsonNode;

/** Tokens of a real Spring Authorization Server that runs beside the gateway. */
class OidcTest extends GatewayHttpTest {
    private static Issuer issuer;

    @BeforeAll
    static void startIssuer() {
        issuer = Issuer.start(ISSUER_PORT);
    }

    @AfterAll
    static void stopIssuer() {
        issuer.close();
    }

    @Test
    void takesATokenThatTheIssuerGave() throws Exception {
        String basic = Base64.getEncoder().encodeToString("tests:secret".getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> given = send(HttpRequest.newBuilder(URI.create(issuer.address() + "/oauth2/token"))
                .header("Authorization", "Basic " + basic)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials")));
        assertThat(given.statusCode()).as(given.body()).isEqualTo(200);
        String token = JSON.readTree(given.body()).get("access_token").stringValue();
        JsonNode caller = JSON.readTree(send(as(token, "/v1/caller")).body());
        assertThat(caller.get("tenant").stringValue()).isEqualTo("acme");
        assertThat(caller.get("name").stringValue()).isEqualTo("user:tests");
        assertThat(caller.get("scopes").valueStream().map(JsonNode::stringValue))
                .containsExactly("view", "decide", "author");
        assertThat(caller.has("expiresAt")).isTrue();
        assertThat(send(json(as(token, "/v1/tasks"), "{}")).statusCode()).isEqualTo(200);
        assertProblem(send(json(as(token, "/v1/students"), "{}")), ProblemType.FORBIDDEN);
    }

    @Test
    void passesOnAnInternalTokenAndNotTheIssuers() throws Exception {
        String token = issuer.sign(claims -> claims.claim("roles", "viewer"));
        assertThat(send(as(token, "/v1/decisions/x")).statusCode()).isEqualTo(200);
        String passed = INFERENCE.seen().headers().getFirst("Authorization");
        assertThat(passed).doesNotContain(token);
        var inside = tokens.decoder().decode(passed.substring("Bearer ".length()));
        assertThat(inside.getSubject()).isEqualTo("user:ada");
        assertThat(inside.getClaimAsString("tenant")).isEqualTo("acme");
        assertThat(inside.getClaimAsString("scope")).isEqualTo("view");
    }

    @Test
    void letsAdminsLookAfterKeys() throws Exception {
        String token = issuer.sign(claims -> {});
        HttpResponse<String> made =
                send(json(as(token, "/v1/keys"), "{\"name\":\"by-a-person\",\"role\":\"decider\"}"));
        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(JSON.readTree(made.body()).at("/key/createdBy").stringValue())
                .isEqualTo("user:ada");
    }

    @Test
    void knowsRolesByTheIssuersNamesForThem() throws Exception {
        String token = issuer.sign(claims -> claims.claim("roles", List.of("platform-engineers")));
        assertThat(send(as(token, "/v1/caller")).body()).contains("operate").doesNotContain("author");
    }

    @Test
    void refusesATokenThatIsOver() throws Exception {
        refused(claims -> claims.issuedAt(Instant.now().minusSeconds(900))
                .expiresAt(Instant.now().minusSeconds(60)));
    }

    @Test
    void refusesATokenWithoutAnEndAndOneFromTheFuture() throws Exception {
        refused(claims -> claims.claims(all -> all.remove("exp")));
        refused(claims -> claims.notBefore(Instant.now().plusSeconds(120)));
    }

    @Test
    void refusesATokenForAnotherAudience() throws Exception {
        refused(claims -> claims.audience(List.of("another-service")));
        refused(claims -> claims.claims(all -> all.remove("aud")));
    }

    @Test
    void refusesATokenOfAnotherIssuer() throws Exception {
        refused(claims -> claims.issuer("http://127.0.0.1:1"));
        refused(claims -> claims.issuer(issuer.address() + "/"));
        refused(claims -> claims.claims(all -> all.remove("iss")));
    }

    /** The public key is known to everybody; taken for an HMAC's secret it must not open anything. */
    @Test
    void refusesATokenSignedWithThePublicKeyAsSecret() throws Exception {
        RSAKey key = issuer.key();
        byte[] der = key.toRSAPublicKey().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----\n";
        for (byte[] secret : new byte[][] {
            der,
            pem.getBytes(StandardCharsets.UTF_8),
            key.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8),
            key.getModulus().decode()
        }) {
            JWSObject forged = new JWSObject(
                    new JWSHeader.Builder(JWSAlgorithm.HS256)
                            .keyID(key.getKeyID())
                            .type(JOSEObjectType.JWT)
                            .build(),
                    payload());
            forged.sign(new MACSigner(secret));
            refusedToken(forged.serialize());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "None", "NONE", "nOnE"})
    void refusesATokenWithoutASignature(String algorithm) throws Exception {
        String head = part("{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}");
        refusedToken(head + "." + part(payload().toString()) + ".");
        refusedToken(head + "." + part(payload().toString()) + ".AA");
    }

    @Test
    void refusesATokenOfAKeyThatTheTokenBringsItself() throws Exception {
        RSAKey own = new RSAKeyGenerator(2048).keyID(issuer.key().getKeyID()).generate();
        JWSObject forged = new JWSObject(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID(own.getKeyID())
                        .jwk(own.toPublicJWK())
                        .jwkURL(URI.create("http://127.0.0.1:1/keys"))
                        .build(),
                payload());
        forged.sign(new RSASSASigner(own));
        refusedToken(forged.serialize());
    }

    @Test
    void refusesATokenThatWasChanged() throws Exception {
        String[] parts = issuer.sign(claims -> {}).split("\\.");
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        refusedToken(parts[0] + "." + part(claims.replace("acme", "globex")) + "." + parts[2]);
    }

    @Test
    void saysWhatATokenLacksThatIsGenuine() throws Exception {
        for (Consumer<JwtClaimsSet.Builder> lacking : List.<Consumer<JwtClaimsSet.Builder>>of(
                claims -> claims.claims(all -> all.remove("tenant")),
                claims -> claims.claim("tenant", "*"),
                claims -> claims.claim("tenant", List.of("acme")),
                claims -> claims.claims(all -> all.remove("roles")),
                claims -> claims.claim("roles", List.of("emperor")),
                claims -> claims.claims(all -> all.remove("sub")))) {
            assertProblem(send(as(issuer.sign(lacking), "/v1/tasks")), ProblemType.FORBIDDEN);
        }
    }

    @Test
    void keepsTheIssuersKeysAndFollowsThemWhenTheyRotate() throws Exception {
        String before = issuer.sign(claims -> {});
        assertThat(send(as(before, "/v1/tasks")).statusCode()).isEqualTo(200);
        int asked = issuer.keySetsAsked();
        for (int use = 0; use < 20; use++) {
            assertThat(send(as(issuer.sign(claims -> {}), "/v1/tasks")).statusCode())
                    .isEqualTo(200);
        }
        assertThat(issuer.keySetsAsked()).isEqualTo(asked);
        issuer.rotate();
        assertThat(send(as(issuer.sign(claims -> {}), "/v1/tasks")).statusCode())
                .isEqualTo(200);
        assertThat(issuer.keySetsAsked()).isEqualTo(asked + 1);
        assertProblem(send(as(before, "/v1/tasks")), ProblemType.UNAUTHENTICATED);
    }

    @Test
    void tellsTheConsoleWhereToSignInAndLetsItAskThereAndNowhereElse() throws Exception {
        JsonNode told = JSON.readTree(send(request("/console/sign-in.json")).body());
        assertThat(told.at("/oidc/issuer").stringValue()).isEqualTo(issuer.address());
        assertThat(told.at("/oidc/clientId").stringValue()).isEqualTo("console");
        assertThat(send(request("/console/"))
                        .headers()
                        .firstValue("Content-Security-Policy")
                        .orElse(""))
                .contains("connect-src 'self' " + issuer.address() + ";")
                .contains("script-src 'self';");
    }

    private void refused(Consumer<JwtClaimsSet.Builder> otherwise) throws Exception {
        refusedToken(issuer.sign(otherwise));
    }

    private void refusedToken(String token) throws Exception {
        HttpResponse<String> answer = send(as(token, "/v1/tasks"));
        assertProblem(answer, ProblemType.UNAUTHENTICATED);
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).contains("invalid_token");
        assertThat(FUNCTION_BASE.seen()).isNull();
    }

    private static Payload payload() {
        long now = Instant.now().getEpochSecond();
        return new Payload(Map.of(
                "iss",
                issuer.address(),
                "aud",
                "logic-distillation",
                "sub",
                "mallory",
                "iat",
                now,
                "exp",
                now + 300,
                "tenant",
                "acme",
                "roles",
                List.of("admin")));
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
