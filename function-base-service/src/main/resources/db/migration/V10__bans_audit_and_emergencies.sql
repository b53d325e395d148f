-- Bans are the task's, not a snapshot's: they hold for every snapshot from the next decision on.
CREATE TABLE bans (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    name text NOT NULL,
    banned_at timestamptz NOT NULL DEFAULT now(),
    banned_by text NOT NULL,
    reason text NOT NULL,
    lifted_at timestamptz,
    lifted_by text,
    lifted_because text
);
CREATE UNIQUE INDEX bans_in_force ON bans (task_id, name) WHERE lifted_at IS NULL;
CREATE INDEX bans_by_name ON bans (task_id, name, id);
ALTER TABLE tasks ADD COLUMN bans_revision bigint NOT NULL DEFAULT 0;

-- Who changed what, when and why. It names tasks, it does not refer to them: the record of a task outlives the task.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    task text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    by text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text
);
CREATE INDEX audit_of_task ON audit (tenant, task, id DESC);

CREATE TABLE emergencies (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    task text NOT NULL,
    situation text NOT NULL,
    stage text NOT NULL,
    function text NOT NULL,
    function_id bigint NOT NULL REFERENCES functions ON DELETE CASCADE,
    applies text,
    snapshot text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'removed', 'expired')),
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    ended_at timestamptz,
    ended_by text
);
CREATE INDEX emergencies_of_task ON emergencies (task_id, id DESC);
CREATE INDEX emergencies_that_expire ON emergencies (expires_at) WHERE status = 'active';

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['bans', 'audit', 'emergencies']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY rows_of_the_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', guarded);
    END LOOP;
END
$$;
-- The sweep that ends expired emergencies sets '*' to learn whose they are; it reads nothing else that way.
CREATE POLICY due_ones ON emergencies FOR SELECT USING (current_setting('app.tenant', true) = '*');

-- One row: the service's own key for signing snapshots, made at the first start where none is configured.
CREATE TABLE signing_key (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    private_key text NOT NULL,
    public_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
