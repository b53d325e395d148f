package io.logicdistillation.gateway.oidc;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tells the console where people may sign in. Open to everybody, and holds nothing that the issuer does not publish. */
@RestController
class SignInApi {
    private final OidcProperties properties;

    SignInApi(OidcProperties properties) {
        this.properties = properties;
    }

    @GetMapping("/console/sign-in.json")
    ResponseEntity<SignIn> signIn() {
        Issuer issuer = properties.signsPeopleIn()
                ? new Issuer(
                        properties.requiredIssuer().toString(),
                        Objects.requireNonNull(properties.clientId()),
                        properties.scope())
                : null;
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(new SignIn(issuer));
    }

    record SignIn(@Nullable Issuer oidc) {}

    record Issuer(String issuer, String clientId, String scope) {}
}
