package io.logicdistillation.issuer;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import io.logicdistillation.kit.KitAutoConfiguration;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.web.filter.GenericFilterBean;

/** A real Spring Authorization Server beside the gateway under test. */
public final class Issuer implements AutoCloseable {
    private static volatile RSAKey key = newKey();
    private static final AtomicInteger KEY_SETS_ASKED = new AtomicInteger();

    private final ConfigurableApplicationContext context;
    private final String address;

    private Issuer(ConfigurableApplicationContext context, String address) {
        this.context = context;
        this.address = address;
    }

    /** Starts it; its only client, {@code tests}, gets tokens by its credentials. */
    public static Issuer start(int port) {
        String address = "http://127.0.0.1:" + port;
        return new Issuer(
                new SpringApplicationBuilder(Application.class)
                        .properties(
                                "spring.config.name=issuer",
                                "spring.main.banner-mode=off",
                                "spring.jmx.enabled=false",
                                "server.address=127.0.0.1",
                                "server.port=" + port,
                                "issuer.address=" + address)
                        .run(),
                address);
    }

    public String address() {
        return address;
    }

    /** The key that signs from now on; the one before is not published any more. */
    public void rotate() {
        key = newKey();
    }

    public RSAKey key() {
        return key;
    }

    /** How often the issuer was asked for its keys. */
    public int keySetsAsked() {
        return KEY_SETS_ASKED.get();
    }

    /** A token signed by the issuer's own key, with claims that it would not give by itself. */
    public String sign(Consumer<JwtClaimsSet.Builder> otherwise) {
        Instant now = Instant.now();
        JwtClaimsSet.Builder claims = JwtClaimsSet.builder()
                .issuer(address)
                .audience(List.of("logic-distillation"))
                .subject("ada")
                .issuedAt(now)
                .expiresAt(now.plusSeconds(300))
                .claim("tenant", "acme")
                .claim("roles", List.of("admin"));
        otherwise.accept(claims);
        return new NimbusJwtEncoder(new ImmutableJWKSet<>(new JWKSet(key)))
                .encode(JwtEncoderParameters.from(
                        JwsHeader.with(SignatureAlgorithm.RS256)
                                .keyId(key.getKeyID())
                                .build(),
                        claims.build()))
                .getTokenValue();
    }

    @Override
    public void close() {
        context.close();
    }

    private static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048).keyID(UUID.randomUUID().toString()).generate();
        } catch (JOSEException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = KitAutoConfiguration.class)
    static class Application {
        @Bean
        RegisteredClientRepository clients() {
            return new InMemoryRegisteredClientRepository(RegisteredClient.withId("tests")
                    .clientId("tests")
                    .clientSecret("{noop}secret")
                    .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                    .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                    .build());
        }

        @Bean
        AuthorizationServerSettings settings(Environment environment) {
            return AuthorizationServerSettings.builder()
                    .issuer(environment.getRequiredProperty("issuer.address"))
                    .build();
        }

        @Bean
        JWKSource<SecurityContext> keys() {
            return (JWKSelector selector, SecurityContext context) -> selector.select(new JWKSet(key));
        }

        @Bean
        OAuth2TokenCustomizer<JwtEncodingContext> claims() {
            return token -> token.getClaims()
                    .audience(List.of("logic-distillation"))
                    .claim("tenant", "acme")
                    .claim("roles", List.of("author", "of-something-else"));
        }

        @Bean
        FilterRegistrationBean<GenericFilterBean> counting() {
            FilterRegistrationBean<GenericFilterBean> counting = new FilterRegistrationBean<>(new GenericFilterBean() {
                @Override
                public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                        throws IOException, ServletException {
                    if (((HttpServletRequest) request).getRequestURI().equals("/oauth2/jwks")) {
                        KEY_SETS_ASKED.incrementAndGet();
                    }
                    chain.doFilter(request, response);
                }
            });
            counting.setOrder(Integer.MIN_VALUE);
            return counting;
        }
    }
}
