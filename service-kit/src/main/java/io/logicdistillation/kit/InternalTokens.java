package io.logicdistillation.kit;

import com.nimbusds.jose.jwk.source.ImmutableSecret;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;

/**
 * The short-lived token (JWT, HS256) that the gateway mints per request and that is all a service accepts: it names tenant and
 * scopes. Services mint one for work of their own. Thread-safe.
 */
public final class InternalTokens {
    static final String ISSUER = "gateway";
    static final String AUDIENCE = "platform";
    private static final int SHORTEST_SECRET_BYTES = 32;

    private final SecretKey key;
    private final NimbusJwtEncoder encoder;
    private final Duration lifetime;
    private final Clock clock;

    /**
     * @param secret at least 32 bytes in hexadecimal, the same for every service
     * @throws IllegalArgumentException if the secret is not hexadecimal or too short
     */
    public InternalTokens(String secret, Duration lifetime, Clock clock) {
        if (!isUsable(secret)) {
            throw new IllegalArgumentException("The token secret must hold at least 32 bytes in hexadecimal");
        }
        byte[] bytes = HexFormat.of().parseHex(secret.strip());
        this.key = new SecretKeySpec(bytes, "HmacSHA256");
        this.encoder = new NimbusJwtEncoder(new ImmutableSecret<>(key));
        this.lifetime = lifetime;
        this.clock = clock;
    }

    /** Whether it is at least 32 bytes in hexadecimal. */
    static boolean isUsable(String secret) {
        String digits = secret.strip();
        return digits.length() % 2 == 0
                && digits.length() >= 2 * SHORTEST_SECRET_BYTES
                && digits.chars().allMatch(HexFormat::isHexDigit);
    }

    /** A token for this caller. */
    public String mint(Caller caller) {
        Instant now = clock.instant();
        JwtClaimsSet claims = JwtClaimsSet.builder()
                .issuer(ISSUER)
                .audience(List.of(AUDIENCE))
                .subject(caller.name())
                .claim("tenant", caller.tenant())
                .claim(
                        "scope",
                        caller.scopes().stream().map(Scope::wireName).sorted().collect(Collectors.joining(" ")))
                .issuedAt(now)
                .expiresAt(now.plus(lifetime))
                .build();
        return encoder.encode(JwtEncoderParameters.from(
                        JwsHeader.with(MacAlgorithm.HS256).build(), claims))
                .getTokenValue();
    }

    /** Checks signature, algorithm, issuer, audience and expiry. */
    public JwtDecoder decoder() {
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withSecretKey(key)
                .macAlgorithm(MacAlgorithm.HS256)
                .build();
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                new JwtTimestampValidator(Duration.ofSeconds(5)),
                new JwtIssuerValidator(ISSUER),
                new JwtClaimValidator<List<String>>(
                        "aud", audience -> audience != null && audience.contains(AUDIENCE))));
        return decoder;
    }

    static Caller caller(Jwt token) {
        String scopes = token.getClaimAsString("scope");
        Set<Scope> granted = scopes == null || scopes.isBlank()
                ? Set.of()
                : Arrays.stream(scopes.split(" ")).map(Scope::of).collect(Collectors.toSet());
        return new Caller(
                String.valueOf(token.getClaimAsString("tenant")), String.valueOf(token.getSubject()), granted);
    }
}
