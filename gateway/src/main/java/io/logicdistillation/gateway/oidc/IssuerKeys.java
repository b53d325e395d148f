package io.logicdistillation.gateway.oidc;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.Collection;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes what checks an issuer's tokens: by its keys, which are kept and asked for again when they rotate, and by its claims. */
final class IssuerKeys {
    private static final String DISCOVERY = "/.well-known/openid-configuration";
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int LARGEST_ANSWER = 256 * 1024;

    private final OidcProperties properties;
    private final ResourceRetriever retriever =
            new DefaultResourceRetriever((int) PATIENCE.toMillis(), (int) PATIENCE.toMillis(), LARGEST_ANSWER);

    IssuerKeys(OidcProperties properties) {
        this.properties = properties;
    }

    /** @throws IOException if the issuer does not answer, or answers what no issuer would */
    JwtDecoder decoder() throws IOException {
        NimbusJwtDecoder decoder = NimbusJwtDecoder.withJwkSource(keys())
                .jwsAlgorithms(allowed -> properties.algorithms().stream()
                        .map(SignatureAlgorithm::from)
                        .forEach(allowed::add))
                .build();
        JwtTypeValidator types = new JwtTypeValidator("JWT", "at+jwt");
        types.setAllowEmpty(true);
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                types,
                new JwtTimestampValidator(properties.clockSkew()),
                // A token without an end would open for ever, and the validator of times lets it.
                new JwtClaimValidator<Object>(JwtClaimNames.EXP, end -> end != null),
                new JwtIssuerValidator(properties.requiredIssuer().toString()),
                new JwtClaimValidator<Collection<String>>(
                        JwtClaimNames.AUD, audience -> audience != null && audience.contains(properties.audience()))));
        return decoder;
    }

    /** What is unknown is asked for at once, but not more often than agreed: made-up key ids must not become load on the issuer. */
    private JWKSource<SecurityContext> keys() throws IOException {
        return JWKSourceBuilder.<SecurityContext>create(keySet(), retriever)
                .cache(
                        properties.keysKept().toMillis(),
                        PATIENCE.multipliedBy(2).toMillis())
                .refreshAheadCache(false)
                .rateLimited(properties.keysEvery().toMillis())
                .outageTolerant(Duration.ofHours(1).toMillis())
                .build();
    }

    private URL keySet() throws IOException {
        URI configured = properties.jwkSetUri();
        if (configured != null) {
            return configured.toURL();
        }
        String issuer = properties.requiredIssuer().toString();
        Resource found = retriever.retrieveResource(address(issuer.replaceAll("/$", "") + DISCOVERY));
        try {
            JsonNode document = JsonMapper.shared().readTree(found.getContent());
            if (!document.path("issuer").asString("").equals(issuer)) {
                throw new IOException("The issuer calls itself otherwise than platform.oidc.issuer does");
            }
            return address(document.path("jwks_uri").asString(""));
        } catch (JacksonException notJson) {
            throw new IOException("The issuer's discovery document is no JSON", notJson);
        }
    }

    private static URL address(String text) throws IOException {
        try {
            return URI.create(text).toURL();
        } catch (IllegalArgumentException notAbsolute) {
            throw new MalformedURLException("The issuer names no address of its keys");
        }
    }
}
