-- An L-LLM writes functions. One at a time per task, so that two do not write the same.
CREATE TABLE generations (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    task text NOT NULL,
    definition_hash text NOT NULL,
    request jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    round integer NOT NULL DEFAULT 0,
    step text,
    gaps jsonb,
    cause text,
    message text,
    -- Settled, and reserved for what is in flight or was lost on its way: that may have been charged.
    input_tokens bigint NOT NULL DEFAULT 0,
    output_tokens bigint NOT NULL DEFAULT 0,
    micros bigint NOT NULL DEFAULT 0,
    reserved_tokens bigint NOT NULL DEFAULT 0,
    reserved_micros bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    finished_at timestamptz,
    -- Who works on it: whoever claims it counts the fence up, and every write asks for its fence.
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    due_at timestamptz NOT NULL DEFAULT now(),
    pauses integer NOT NULL DEFAULT 0
);
CREATE INDEX generations_of_task ON generations (task_id, id);
CREATE UNIQUE INDEX generations_under_way ON generations (task_id) WHERE state IN ('queued', 'running');
CREATE INDEX generations_due ON generations (due_at) WHERE state IN ('queued', 'running');

-- Every question to the L-LLM. Its answer is here before it is used, so that nobody pays for it twice.
CREATE TABLE generation_exchanges (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    generation_id uuid NOT NULL REFERENCES generations ON DELETE CASCADE,
    step text NOT NULL,
    model text NOT NULL,
    reserved_on date NOT NULL,
    reserved_tokens bigint NOT NULL,
    reserved_micros bigint NOT NULL,
    outcome text NOT NULL,
    reply jsonb,
    asked_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz
);
CREATE UNIQUE INDEX generation_exchanges_answered ON generation_exchanges (generation_id, step) WHERE reply IS NOT NULL;
CREATE INDEX generation_exchanges_of ON generation_exchanges (generation_id, id);

-- What tasks spend on generations on a day (UTC).
CREATE TABLE generation_spend (
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    day date NOT NULL,
    tokens bigint NOT NULL,
    micros bigint NOT NULL,
    PRIMARY KEY (task_id, day)
);

-- Every function that was written, with what became of it. What was refused is here and nowhere else.
CREATE TABLE candidates (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    generation_id uuid NOT NULL REFERENCES generations ON DELETE CASCADE,
    step text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('passed', 'refused', 'duplicate')),
    cause text,
    message text,
    definition jsonb NOT NULL,
    definition_hash text NOT NULL,
    report jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (generation_id, version)
);
CREATE INDEX candidates_by_name ON candidates (task_id, name, id);

CREATE TABLE generation_events (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    generation_id uuid NOT NULL REFERENCES generations ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    data text NOT NULL
);
CREATE INDEX generation_events_of ON generation_events (generation_id, number);

-- Versions that a person has to judge, or has judged. A supplied function is here only once it was judged.
CREATE TABLE proposals (
    function_id bigint PRIMARY KEY REFERENCES functions ON DELETE CASCADE,
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    generation_id uuid REFERENCES generations ON DELETE SET NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected', 'edited')),
    proposed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX proposals_of_task ON proposals (task_id, function_id);

-- Judgements, only ever appended to.
CREATE TABLE reviews (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    task_id bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
    function_id bigint NOT NULL REFERENCES functions ON DELETE CASCADE,
    verdict text NOT NULL CHECK (verdict IN ('approve', 'reject', 'edit')),
    reason text NOT NULL,
    replaced_by text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    by text NOT NULL
);
CREATE INDEX reviews_of_function ON reviews (function_id, id);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['generations', 'generation_exchanges', 'generation_spend', 'candidates', 'generation_events',
                                   'proposals', 'reviews']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY rows_of_the_tenant ON %I USING (tenant = current_setting(''app.tenant'', true))', guarded);
    END LOOP;
END
$$;
-- The poll for work sets '*' to learn whose generations are due; it reads nothing else that way.
CREATE POLICY due_ones ON generations FOR SELECT USING (current_setting('app.tenant', true) = '*');
