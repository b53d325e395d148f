package io.logicdistillation.gateway.oidc;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.gateway.callers.Credentials;
import io.logicdistillation.gateway.callers.Recognised;
import io.logicdistillation.gateway.callers.Role;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import java.io.IOException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.stereotype.Component;

/** Recognises people by their issuer's tokens, once platform.oidc names one. Thread-safe. */
@Component
@Order(3)
class IssuedTokens implements Credentials {
    private static final Logger log = LoggerFactory.getLogger(IssuedTokens.class);
    private static final Pattern SIGNED = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
    private static final Pattern TENANT = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");
    private static final int LONGEST_NAME = 120;

    private final OidcProperties properties;
    private final IssuerKeys keys;
    private volatile @Nullable JwtDecoder decoder;

    IssuedTokens(OidcProperties properties) {
        this.properties = properties;
        this.keys = new IssuerKeys(properties);
    }

    @Override
    public @Nullable Recognised find(String bearer) {
        if (!properties.isOn() || !SIGNED.matcher(bearer).matches()) {
            return null;
        }
        try {
            return recognised(decoder().decode(bearer));
        } catch (BadJwtException invalid) {
            log.debug("A token is not valid: {}", invalid.getMessage());
            return null;
        } catch (JwtException | IOException failure) {
            log.warn("Tokens can not be checked: {}", failure.toString());
            throw new PlatformException(
                    ProblemType.UNAVAILABLE, "The issuer's keys can not be had right now; try again", failure);
        }
    }

    /** Made when it is first needed, so that the gateway starts while the issuer is away. */
    private JwtDecoder decoder() throws IOException {
        JwtDecoder made = decoder;
        if (made == null) {
            made = keys.decoder();
            decoder = made;
        }
        return made;
    }

    private Recognised recognised(Jwt token) {
        String tenant = at(token.getClaims(), properties.tenantClaim()) instanceof String text ? text : "";
        // The tenant * is not among these: who looks after all tenants does so with a key.
        if (!TENANT.matcher(tenant).matches()) {
            throw refused("The token names no tenant in '" + properties.tenantClaim() + "'");
        }
        Set<Scope> scopes = scopes(at(token.getClaims(), properties.roleClaim()));
        if (scopes.isEmpty()) {
            throw refused("The token names no role of this platform in '" + properties.roleClaim() + "'");
        }
        Object name = at(token.getClaims(), properties.nameClaim());
        String subject = token.getSubject();
        if (subject == null || subject.isBlank()) {
            throw refused("The token names nobody in 'sub'");
        }
        Caller caller = new Caller(tenant, "user:" + plain(name instanceof String text ? text : subject), scopes);
        return new Recognised(caller, "oidc " + subject, Objects.requireNonNull(token.getExpiresAt()));
    }

    private Set<Scope> scopes(@Nullable Object claim) {
        Collection<?> names =
                claim instanceof Collection<?> several ? several : claim == null ? List.of() : List.of(claim);
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        names.forEach(name -> Role.named(properties.roles().getOrDefault(String.valueOf(name), String.valueOf(name)))
                .ifPresent(role -> scopes.addAll(role.scopes())));
        return scopes;
    }

    private static @Nullable Object at(Map<String, Object> claims, String path) {
        Object whole = claims.get(path);
        if (whole != null) {
            return whole;
        }
        @Nullable Object found = claims;
        for (String step : path.split("\\.")) {
            found = found instanceof Map<?, ?> object ? object.get(step) : null;
        }
        return found;
    }

    private static String plain(String name) {
        String printable = UNPRINTABLE.matcher(name).replaceAll("?");
        return printable.length() <= LONGEST_NAME ? printable : printable.substring(0, LONGEST_NAME);
    }

    private static PlatformException refused(String why) {
        return new PlatformException(ProblemType.FORBIDDEN, why);
    }
}
