package io.logicdistillation.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.InternalTokens;
import io.logicdistillation.kit.KitProperties;
import io.logicdistillation.kit.Scope;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.util.unit.DataSize;

class CallerTokensTest {
    private static final String SECRET = "5a".repeat(32);
    private static final Duration LIFETIME = Duration.ofSeconds(60);

    private final InternalTokens minting = new InternalTokens(SECRET, LIFETIME, Clock.systemUTC());

    @Test
    void isTheSameForTheSameCaller() {
        CallerTokens tokens = tokens(LIFETIME);
        assertThat(tokens.of(caller("acme", "shop", Scope.DECIDE)))
                .isSameAs(tokens.of(caller("acme", "shop", Scope.DECIDE)));
    }

    /** Who has another name, another tenant, or may do more or less, has another token. */
    @Test
    void isNobodyElses() {
        CallerTokens tokens = tokens(LIFETIME);
        Set<Caller> callers = Set.of(
                caller("acme", "shop", Scope.DECIDE),
                caller("acme", "till", Scope.DECIDE),
                caller("other", "shop", Scope.DECIDE),
                caller("acme", "shop", Scope.VIEW),
                caller("acme", "shop", Scope.DECIDE, Scope.VIEW));
        callers.forEach(tokens::of);
        for (Caller caller : callers) {
            Jwt token = minting.decoder().decode(tokens.of(caller));
            assertThat(token.getClaimAsString("tenant")).isEqualTo(caller.tenant());
            assertThat(token.getSubject()).isEqualTo(caller.name());
            assertThat(token.getClaimAsString("scope").split(" "))
                    .containsExactlyInAnyOrder(
                            caller.scopes().stream().map(Scope::wireName).toArray(String[]::new));
        }
    }

    /** A life so short that its sixth is over at once. */
    @Test
    void isMintedAnewBeforeItGrowsOld() {
        CallerTokens tokens = tokens(Duration.ofNanos(6));
        Caller caller = caller("acme", "shop", Scope.DECIDE);
        assertThat(tokens.of(caller)).isNotSameAs(tokens.of(caller));
    }

    private CallerTokens tokens(Duration lifetime) {
        return new CallerTokens(
                minting,
                new KitProperties(
                        SECRET,
                        lifetime,
                        DataSize.ofMegabytes(1),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        null,
                        Duration.ZERO));
    }

    private static Caller caller(String tenant, String name, Scope... scopes) {
        return new Caller(tenant, name, Set.of(scopes));
    }
}
