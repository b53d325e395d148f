package io.logicdistillation.gateway.callers;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.kit.Scope;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What people are called, and the scopes that go with it. Workers are no people, so no role holds the scope {@code work}. */
public enum Role {
    VIEWER(Scope.VIEW),
    DECIDER(Scope.VIEW, Scope.DECIDE),
    AUTHOR(Scope.VIEW, Scope.DECIDE, Scope.AUTHOR),
    OPERATOR(Scope.VIEW, Scope.DECIDE, Scope.OPERATE),
    ADMIN(Scope.VIEW, Scope.DECIDE, Scope.AUTHOR, Scope.OPERATE, Scope.ADMIN);

    private final Set<Scope> scopes;

    Role(Scope... scopes) {
        this.scopes = Set.copyOf(Arrays.asList(scopes));
    }

    public Set<Scope> scopes() {
        return EnumSet.copyOf(scopes);
    }

    /** As it is written in requests, answers and claims. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Role> named(String wireName) {
        return Arrays.stream(values())
                .filter(role -> role.wireName().equals(wireName))
                .findFirst();
    }

    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} if there is no such role */
    public static Role of(String wireName) {
        return named(wireName)
                .orElseThrow(() -> new PlatformException(
                        ProblemType.INVALID_REQUEST, "role must be viewer, decider, author, operator or admin"));
    }
}
