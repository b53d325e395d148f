package io.logicdistillation.gateway.keys;

import io.logicdistillation.contracts.PlatformException;
import io.logicdistillation.contracts.ProblemType;
import io.logicdistillation.gateway.callers.Role;
import io.logicdistillation.kit.Caller;
import io.logicdistillation.kit.Scope;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a key is to be allowed: a role, or scopes one by one.
 *
 * @param role null where scopes were named
 */
record Grant(@Nullable Role role, Set<Scope> scopes) {
    /** @throws PlatformException {@link ProblemType#INVALID_REQUEST} for both, neither, or a name that there is not */
    static Grant of(@Nullable String role, @Nullable List<String> scopes) {
        if ((role == null) == (scopes == null)) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "Name either a role or scopes");
        }
        if (role != null) {
            Role named = Role.of(role);
            return new Grant(named, named.scopes());
        }
        if (scopes == null || scopes.isEmpty() || scopes.contains(null)) {
            throw new PlatformException(ProblemType.INVALID_REQUEST, "scopes names at least one scope");
        }
        try {
            return new Grant(null, scopes.stream().map(Scope::of).collect(Collectors.toSet()));
        } catch (IllegalArgumentException unknown) {
            throw new PlatformException(
                    ProblemType.INVALID_REQUEST,
                    "scopes are among view, decide, author, operate, admin, work",
                    unknown);
        }
    }

    /**
     * Nobody hands out more than they have. Whoever may do anything for people may also read, so {@code view} goes with it.
     *
     * @throws PlatformException {@link ProblemType#FORBIDDEN} naming what the caller lacks
     */
    static void check(Caller caller, Collection<Scope> wanted) {
        Set<Scope> held = caller.scopes().isEmpty() ? EnumSet.noneOf(Scope.class) : EnumSet.copyOf(caller.scopes());
        if (held.stream().anyMatch(scope -> scope != Scope.WORK)) {
            held.add(Scope.VIEW);
        }
        Set<String> lacking = wanted.stream()
                .filter(scope -> !held.contains(scope))
                .map(Scope::wireName)
                .collect(Collectors.toCollection(TreeSet::new));
        if (!lacking.isEmpty()) {
            throw new PlatformException(
                    ProblemType.FORBIDDEN,
                    "No caller can grant more than it has; missing: " + String.join(", ", lacking));
        }
    }

    /** As it is stored: wire names in the order of the enumeration. */
    String stored() {
        return scopes.stream().sorted().map(Scope::wireName).collect(Collectors.joining(" "));
    }

    static List<Scope> parse(String stored) {
        return stored.isEmpty()
                ? List.of()
                : Arrays.stream(stored.split(" ")).map(Scope::of).toList();
    }
}
