CREATE TABLE tenants (
    name text PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL
);

CREATE TABLE keys (
    id uuid PRIMARY KEY,
    tenant text NOT NULL REFERENCES tenants,
    name text NOT NULL,
    role text,
    scopes text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by text
);
CREATE INDEX keys_of_tenant ON keys (tenant, id DESC);
-- The record of changes says who by name, so no two keys that work may share one.
CREATE UNIQUE INDEX names_in_use ON keys (tenant, name) WHERE revoked_at IS NULL;

-- A key has two secrets while it is rotated. Of a secret there is only its SHA-256, and its beginning to know it by.
CREATE TABLE key_secrets (
    prefix text PRIMARY KEY,
    key_id uuid NOT NULL REFERENCES keys,
    tenant text NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    valid_until timestamptz
);
CREATE INDEX secrets_of_key ON key_secrets (key_id);

-- Who changed what, when and why. It names tenants and keys, it does not refer to them.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    by text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text,
    reason text
);
CREATE INDEX audit_of_tenant ON audit (tenant, id DESC);

-- Counts changes, within their transactions: a replica reads one row to learn whether its keys are those of the database.
CREATE TABLE revision (value bigint NOT NULL);
INSERT INTO revision VALUES (0);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['keys', 'key_secrets', 'audit']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY rows_of_the_tenant ON %I USING (current_setting(''app.tenant'', true) IN (tenant, ''*''))',
            guarded);
    END LOOP;
END
$$;
