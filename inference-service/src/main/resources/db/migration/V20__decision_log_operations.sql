-- A document without NUL characters: every look into it would fail, since a view may quote one and the database unescapes all.
CREATE FUNCTION without_nul(document json) RETURNS json LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN strpos(document::text, '\u0000') = 0 THEN document
        ELSE regexp_replace(document::text, '(?<!\\)((?:\\\\)*)\\u0000', '\1', 'g')::json END
$$;

-- What operators ask the log for, kept beside the documents so that no query has to parse every stage of every row.
CREATE FUNCTION stage_texts(stages json, member text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(stage.value ->> member ORDER BY stage.ordinality)
    FROM json_array_elements(without_nul(stages)) WITH ORDINALITY AS stage
$$;

-- The least probable of the chosen functions; null where no model was asked.
CREATE FUNCTION lowest_probability(stages json) RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
    SELECT min((candidate.value ->> 'probability')::double precision)
    FROM json_array_elements(without_nul(stages)) AS stage, json_array_elements(stage.value -> 'candidates') AS candidate
    WHERE candidate.value ->> 'function' = stage.value ->> 'chosen'
$$;

ALTER TABLE decisions
    ADD COLUMN chosen text[] GENERATED ALWAYS AS (stage_texts(stages, 'chosen')) STORED,
    ADD COLUMN decided_by text[] GENERATED ALWAYS AS (stage_texts(stages, 'decidedBy')) STORED,
    ADD COLUMN probability double precision GENERATED ALWAYS AS (lowest_probability(stages)) STORED,
    ADD COLUMN redacted text[] NOT NULL DEFAULT '{}';

-- Months are split by a hash of the tenant from now on. A partition key must be part of the primary key.
ALTER TABLE decisions DROP CONSTRAINT decisions_pkey;
ALTER TABLE decisions ADD PRIMARY KEY (id, tenant);

CREATE OR REPLACE FUNCTION ensure_decision_partitions(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month timestamp;
    part text;
    shard text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_decision_partitions'));
    FOR ahead IN 0..2 LOOP
        month := date_trunc('month', moment AT TIME ZONE 'UTC') + make_interval(months => ahead);
        part := 'decisions_' || to_char(month, 'YYYY_MM');
        IF to_regclass(part) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF decisions FOR VALUES FROM (%L) TO (%L) PARTITION BY HASH (tenant)',
                part,
                first_id_at(month AT TIME ZONE 'UTC'),
                first_id_at((month + interval '1 month') AT TIME ZONE 'UTC'));
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
            FOR remainder IN 0..3 LOOP
                shard := part || '_' || remainder;
                EXECUTE format(
                    'CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS 4, REMAINDER %s)', shard, part, remainder);
                EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', shard);
                EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', shard);
            END LOOP;
        END IF;
    END LOOP;
END
$$;

-- Months that were made ahead and hold nothing yet are made again, split. The policies look at every tenant's rows.
DO $$
DECLARE
    part record;
    filled boolean;
BEGIN
    PERFORM set_config('platform.tenant', '*', true);
    FOR part IN SELECT inhrelid::regclass AS name FROM pg_inherits WHERE inhparent = 'decisions'::regclass LOOP
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', part.name);
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', part.name) INTO filled;
        IF filled THEN
            EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', part.name);
        ELSE
            EXECUTE format('DROP TABLE %s', part.name);
        END IF;
    END LOOP;
    PERFORM ensure_decision_partitions(now());
END
$$;

-- Drops the months that ended before a moment; says how many.
CREATE FUNCTION drop_decision_partitions(before timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    part record;
    dropped int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_decision_partitions'));
    FOR part IN
        SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
        WHERE inhparent = 'decisions'::regclass AND relname ~ '^decisions_[0-9]{4}_[0-9]{2}$'
    LOOP
        IF (to_date(right(part.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'UTC' <= before THEN
            EXECUTE format('DROP TABLE %I', part.relname);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END
$$;

-- How a task's decisions are logged.
CREATE TABLE decision_log_settings (
    tenant text NOT NULL,
    task text NOT NULL,
    redactions text[] NOT NULL,
    keep_days int CHECK (keep_days > 0),
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, task)
);

ALTER TABLE decision_log_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE decision_log_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON decision_log_settings USING (current_setting('platform.tenant', true) IN (tenant, '*'));

-- A task's history against another student or snapshot. The tally is saved as it grows, so that another replica goes on from
-- the last decision that it holds.
CREATE TABLE drift_reports (
    id uuid NOT NULL PRIMARY KEY,
    tenant text NOT NULL,
    task text NOT NULL,
    student text,
    snapshot text NOT NULL,
    first_decision uuid NOT NULL,
    last_decision uuid NOT NULL,
    at_decision uuid,
    total int NOT NULL,
    done int NOT NULL,
    status text NOT NULL,
    tally json NOT NULL,
    problem text,
    attempts int NOT NULL,
    created_at timestamptz NOT NULL,
    beat_at timestamptz NOT NULL
);

CREATE INDEX drift_reports_of_task ON drift_reports (tenant, task, id DESC);
CREATE INDEX drift_reports_open ON drift_reports (id) WHERE status = 'running';

ALTER TABLE drift_reports ENABLE ROW LEVEL SECURITY;
ALTER TABLE drift_reports FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON drift_reports USING (current_setting('platform.tenant', true) IN (tenant, '*'));
