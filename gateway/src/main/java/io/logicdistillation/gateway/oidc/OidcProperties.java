package io.logicdistillation.gateway.oidc;

import io.logicdistillation.gateway.callers.Role;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;

/**
 * Tokens (JWT) of an OpenID Connect issuer, taken beside keys. Off until an issuer is named.
 *
 * @param issuer as the tokens name it in {@code iss}; its keys are found through {@code /.well-known/openid-configuration}
 * @param audience that a token must be for ({@code aud})
 * @param jwkSetUri where the issuer's keys are, for an issuer without discovery
 * @param algorithms by which tokens may be signed; only such as need the issuer's private key
 * @param tenantClaim that names the tenant; a path through objects is written with dots
 * @param roleClaim that names the roles, one or a list of them
 * @param nameClaim that names the person, in logs and in the record of changes
 * @param roles what the issuer's roles are called here, where they are not called viewer, decider, author, operator, admin
 * @param clientId of the console at the issuer; without it the console offers keys only
 * @param scope that the console asks the issuer for
 * @param keysKept for how long the issuer's keys are kept before they are asked for again
 * @param keysEvery how often, at most, an unknown key makes the gateway ask the issuer
 * @param clockSkew that is forgiven between the issuer's clock and ours
 */
@ConfigurationProperties("platform.oidc")
public record OidcProperties(
        @Nullable URI issuer,
        @DefaultValue("logic-distillation") String audience,
        @Nullable URI jwkSetUri,
        @DefaultValue({"RS256", "ES256"}) List<String> algorithms,
        @DefaultValue("tenant") String tenantClaim,
        @DefaultValue("roles") String roleClaim,
        @DefaultValue("sub") String nameClaim,
        @DefaultValue Map<String, String> roles,
        @Nullable String clientId,
        @DefaultValue("openid") String scope,
        @DefaultValue("5m") Duration keysKept,
        @DefaultValue("30s") Duration keysEvery,
        @DefaultValue("30s") Duration clockSkew) {
    public OidcProperties {
        // Settings that stand empty in a file are not set.
        issuer = issuer == null || issuer.toString().isBlank() ? null : issuer;
        jwkSetUri = jwkSetUri == null || jwkSetUri.toString().isBlank() ? null : jwkSetUri;
        algorithms = List.copyOf(algorithms);
        roles = Map.copyOf(roles);
        algorithms.forEach(OidcProperties::requireAsymmetric);
        roles.values().forEach(role -> {
            if (Role.named(role).isEmpty()) {
                throw new IllegalArgumentException("platform.oidc.roles leads to '" + role + "', which is no role");
            }
        });
        if (issuer != null && (issuer.getScheme() == null || issuer.getHost() == null)) {
            throw new IllegalArgumentException("platform.oidc.issuer is no address");
        }
    }

    public boolean isOn() {
        return issuer != null;
    }

    /** @throws IllegalStateException while OIDC is off */
    URI requiredIssuer() {
        if (issuer == null) {
            throw new IllegalStateException("OIDC is off");
        }
        return issuer;
    }

    /** Whether the console can send people to the issuer. */
    public boolean signsPeopleIn() {
        return issuer != null && clientId != null && !clientId.isBlank();
    }

    /** Scheme, host and port: what a content security policy names. */
    public String origin() {
        URI address = requiredIssuer();
        return address.getScheme() + "://" + address.getRawAuthority();
    }

    private static void requireAsymmetric(String algorithm) {
        if (SignatureAlgorithm.from(algorithm) == null) {
            throw new IllegalArgumentException("platform.oidc.algorithms has '" + algorithm
                    + "', which is no signature by private key (none and HMAC never are)");
        }
    }
}
