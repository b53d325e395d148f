package io.logicdistillation.gateway.keys;

import io.logicdistillation.kit.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads rows of the key tables. */
final class KeyRows {
    static final String ACTIVE = "active";

    private KeyRows() {}

    static KeyView view(ResultSet row, Instant now) throws SQLException {
        Instant expires = instant(row, "expires_at");
        Instant revoked = instant(row, "revoked_at");
        String state = revoked != null ? "revoked" : expires != null && !expires.isAfter(now) ? "expired" : ACTIVE;
        return new KeyView(
                row.getString("id"),
                row.getString("tenant"),
                row.getString("name"),
                row.getString("prefix"),
                row.getString("role"),
                Grant.parse(row.getString("scopes")).stream()
                        .map(Scope::wireName)
                        .toList(),
                state,
                Objects.requireNonNull(instant(row, "created_at")),
                row.getString("created_by"),
                expires,
                state.equals(ACTIVE) ? instant(row, "previous") : null,
                instant(row, "last_used_at"),
                revoked,
                row.getString("revoked_by"));
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
