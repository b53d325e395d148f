-- A snapshot of another installation on its way in. It names its task and does not refer to it: the task may not be there yet.
CREATE TABLE imports (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    task text NOT NULL,
    snapshot text NOT NULL,
    definition json NOT NULL,
    definition_hash text NOT NULL,
    state text NOT NULL CHECK (state IN ('uploading', 'uploaded', 'verifying', 'publishing', 'completed', 'failed', 'cancelled')),
    functions integer NOT NULL,
    -- Passed, of these without being run because they had passed under the same definition before, and refused.
    verified integer NOT NULL DEFAULT 0,
    known integer NOT NULL DEFAULT 0,
    refused integer NOT NULL DEFAULT 0,
    -- For how long functions were run; together with their number it tells how long the rest will take.
    worked_millis bigint NOT NULL DEFAULT 0,
    errors jsonb,
    cause text,
    message text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    finished_at timestamptz,
    -- Who works on it: whoever claims it counts the fence up, and every write asks for its fence. An upload has a lease too.
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    due_at timestamptz NOT NULL DEFAULT now(),
    pauses integer NOT NULL DEFAULT 0
);
CREATE INDEX imports_of_task ON imports (tenant, task, id);
CREATE UNIQUE INDEX imports_under_way ON imports (tenant, task, snapshot)
    WHERE state IN ('uploading', 'uploaded', 'verifying', 'publishing');
CREATE INDEX imports_due ON imports (due_at) WHERE state IN ('uploading', 'uploaded', 'verifying', 'publishing');

-- The lines of an import, until it has ended. The definition is kept as it came, so that its hash stays what it is.
CREATE TABLE import_functions (
    tenant text NOT NULL,
    import_id uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
    line integer NOT NULL,
    version text NOT NULL,
    name text NOT NULL,
    stage text NOT NULL,
    handle text NOT NULL,
    definition json NOT NULL,
    outcome text NOT NULL DEFAULT 'waiting' CHECK (outcome IN ('waiting', 'passed', 'known', 'refused')),
    report jsonb,
    embedding vector(384),
    PRIMARY KEY (import_id, line),
    UNIQUE (import_id, name),
    UNIQUE (import_id, stage, handle)
);
CREATE INDEX import_functions_to_do ON import_functions (import_id, stage, outcome, line);

CREATE TABLE import_events (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    import_id uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    data text NOT NULL
);
CREATE INDEX import_events_of ON import_events (import_id, number);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['imports', 'import_functions', 'import_events']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY rows_of_the_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', guarded);
    END LOOP;
END
$$;
-- The poll for work sets '*' to learn whose imports are due; it reads nothing else that way.
CREATE POLICY due_ones ON imports FOR SELECT USING (current_setting('app.tenant', true) = '*');
