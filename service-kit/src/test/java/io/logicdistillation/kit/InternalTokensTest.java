package io.logicdistillation.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.jwt.JwtException;

class InternalTokensTest {
    private static final String SECRET = "5a".repeat(64);
    private static final Duration MINUTE = Duration.ofSeconds(60);
    private static final Caller CALLER = new Caller("acme", "owner", Set.of(Scope.DECIDE, Scope.OPERATE));

    private final InternalTokens tokens = new InternalTokens(SECRET, MINUTE, Clock.systemUTC());

    @Test
    void bringsTheCallerToTheOtherSide() {
        assertThat(InternalTokens.caller(tokens.decoder().decode(tokens.mint(CALLER))))
                .isEqualTo(CALLER);
    }

    @Test
    void refusesAnExpiredToken() {
        Clock past = Clock.fixed(Instant.now().minusSeconds(70), ZoneOffset.UTC);
        String old = new InternalTokens(SECRET, MINUTE, past).mint(CALLER);
        assertThatThrownBy(() -> tokens.decoder().decode(old)).isInstanceOf(JwtException.class);
    }

    @Test
    void refusesATokenOfAnotherSecret() {
        String foreign = new InternalTokens("a5".repeat(64), MINUTE, Clock.systemUTC()).mint(CALLER);
        assertThatThrownBy(() -> tokens.decoder().decode(foreign)).isInstanceOf(JwtException.class);
    }

    @Test
    void refusesATokenWithoutASignature() {
        String unsigned = new PlainJWT(claims("gateway", "platform")).serialize();
        assertThatThrownBy(() -> tokens.decoder().decode(unsigned)).isInstanceOf(JwtException.class);
    }

    @Test
    void refusesAnotherAlgorithmUnderTheSameSecret() throws Exception {
        String other = signed(JWSAlgorithm.HS512, claims("gateway", "platform"));
        assertThatThrownBy(() -> tokens.decoder().decode(other)).isInstanceOf(JwtException.class);
    }

    @Test
    void refusesAnotherAudienceOrIssuer() throws Exception {
        String right = signed(JWSAlgorithm.HS256, claims("gateway", "platform"));
        assertThat(tokens.decoder().decode(right).getSubject()).isEqualTo("owner");
        for (JWTClaimsSet wrong : new JWTClaimsSet[] {
            claims("gateway", "elsewhere"), claims("someone", "platform"), claims("gateway", null)
        }) {
            String token = signed(JWSAlgorithm.HS256, wrong);
            assertThatThrownBy(() -> tokens.decoder().decode(token)).isInstanceOf(JwtException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5a5a", "not hexadecimal"})
    void refusesAWeakSecret(String secret) {
        assertThatThrownBy(() -> new InternalTokens(secret, MINUTE, Clock.systemUTC()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static JWTClaimsSet claims(String issuer, String audience) {
        return new JWTClaimsSet.Builder()
                .issuer(issuer)
                .audience(audience)
                .subject("owner")
                .claim("tenant", "acme")
                .claim("scope", "decide")
                .issueTime(new Date())
                .expirationTime(Date.from(Instant.now().plus(MINUTE)))
                .build();
    }

    private static String signed(JWSAlgorithm algorithm, JWTClaimsSet claims) throws Exception {
        SignedJWT token = new SignedJWT(new JWSHeader(algorithm), claims);
        token.sign(new MACSigner(HexFormat.of().parseHex(SECRET)));
        return token.serialize();
    }
}
