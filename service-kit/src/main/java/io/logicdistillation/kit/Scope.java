package io.logicdistillation.kit;

import java.util.Locale;

/** What a caller may do. */
public enum Scope {
    /** Read everything of the tenant. */
    VIEW,
    /** Ask for decisions. */
    DECIDE,
    /** Change tasks, functions, snapshots and datasets. */
    AUTHOR,
    /** Import, promote and roll back students. */
    OPERATE,
    /** Keys and tenants. */
    ADMIN,
    /** Claim training jobs. */
    WORK;

    /** As it is written in keys and tokens. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is no such scope */
    public static Scope of(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }

    /** As Spring Security knows it. */
    public String authority() {
        return "SCOPE_" + wireName();
    }
}
