-- Exists already where the database's administrator created it, as a role without superuser rights needs; then this does nothing.
CREATE EXTENSION IF NOT EXISTS vector;

-- Definitions are `json`, not `jsonb`: people read their schemas back in the order in which they wrote them.
CREATE TABLE tasks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    name text NOT NULL,
    definition json NOT NULL,
    definition_hash text NOT NULL,
    active_snapshot bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL,
    UNIQUE (tenant, name)
);

-- Every version of every function, never changed. One embedding per version, whatever number of snapshots holds it.
CREATE TABLE functions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    version text NOT NULL,
    name text NOT NULL,
    stage text NOT NULL,
    handle text NOT NULL,
    manual text NOT NULL,
    language text NOT NULL,
    source text NOT NULL,
    tests jsonb NOT NULL,
    embedding vector(384) NOT NULL,
    words tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('english'::regconfig, replace(name, '_', ' ')), 'A')
        || setweight(to_tsvector('english'::regconfig, manual), 'B')
    ) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    UNIQUE (task_id, version)
);
CREATE INDEX functions_by_stage ON functions (task_id, stage);
CREATE INDEX functions_by_meaning ON functions USING hnsw (embedding vector_cosine_ops);
CREATE INDEX functions_by_words ON functions USING gin (words);

-- The version of each name that the next snapshot takes. Handles may be swapped within one transaction.
CREATE TABLE drafts (
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    name text NOT NULL,
    stage text NOT NULL,
    handle text NOT NULL,
    function_id bigint NOT NULL REFERENCES functions ON DELETE CASCADE,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL,
    PRIMARY KEY (task_id, name),
    UNIQUE (task_id, stage, handle) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX drafts_by_function ON drafts (function_id);

-- A function passed under a task definition; a changed definition asks for another verification.
CREATE TABLE verifications (
    tenant text NOT NULL,
    function_id bigint NOT NULL REFERENCES functions ON DELETE CASCADE,
    definition_hash text NOT NULL,
    report jsonb NOT NULL,
    verified_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (function_id, definition_hash)
);

CREATE TABLE snapshots (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    hash text NOT NULL,
    number integer NOT NULL,
    definition json NOT NULL,
    function_count integer NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    published_by text NOT NULL,
    UNIQUE (task_id, hash),
    UNIQUE (task_id, number)
);
ALTER TABLE tasks ADD CONSTRAINT tasks_active_snapshot FOREIGN KEY (active_snapshot) REFERENCES snapshots;

CREATE TABLE snapshot_functions (
    tenant text NOT NULL,
    snapshot_id bigint NOT NULL REFERENCES snapshots ON DELETE CASCADE,
    function_id bigint NOT NULL REFERENCES functions ON DELETE CASCADE,
    PRIMARY KEY (snapshot_id, function_id)
);
CREATE INDEX snapshot_functions_by_function ON snapshot_functions (function_id);

-- Who made which snapshot the active one, when and why; only ever appended to.
CREATE TABLE activations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    snapshot_id bigint NOT NULL REFERENCES snapshots ON DELETE CASCADE,
    activated_at timestamptz NOT NULL DEFAULT now(),
    activated_by text NOT NULL,
    reason text
);
CREATE INDEX activations_by_task ON activations (task_id, id);

-- One forgotten WHERE clause must not leak: every transaction names its tenant in `app.tenant`, the owner included.
DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['tasks', 'functions', 'drafts', 'verifications', 'snapshots', 'snapshot_functions', 'activations']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY rows_of_the_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', guarded);
    END LOOP;
END
$$;
