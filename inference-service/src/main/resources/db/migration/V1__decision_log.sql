-- The decision log. Ids are UUIDv7 (RFC 9562), so they grow with time: the log is partitioned by ranges of ids that are months,
-- an id alone finds its partition, and "newest first" is "greatest id first".
-- States and outputs are json, not jsonb: jsonb would sort members, and a function that walks over members in their order
-- would then not see in a replay what it saw when it decided.
CREATE TABLE decisions (
    id uuid NOT NULL PRIMARY KEY,
    tenant text NOT NULL,
    task text NOT NULL,
    snapshot text NOT NULL,
    student text NOT NULL,
    episode uuid,
    decided_at timestamptz NOT NULL,
    state json NOT NULL,
    output json NOT NULL,
    stages json NOT NULL,
    timings json NOT NULL
) PARTITION BY RANGE (id);

CREATE INDEX decisions_of_task ON decisions (tenant, task, id DESC);
CREATE INDEX decisions_of_episode ON decisions (tenant, episode, id DESC) WHERE episode IS NOT NULL;

-- Requests that may be sent twice and must be answered once.
CREATE TABLE idempotency_keys (
    tenant text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    decision uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- A forgotten WHERE must not show one tenant another's decisions. Housekeeping sets '*'.
ALTER TABLE decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON decisions USING (current_setting('platform.tenant', true) IN (tenant, '*'));
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON idempotency_keys USING (current_setting('platform.tenant', true) IN (tenant, '*'));

-- The smallest UUIDv7 of a moment: 48 bits of milliseconds, then zeros.
CREATE FUNCTION first_id_at(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT rpad(lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid
$$;

-- Makes the partitions of a moment's month and of the two months after it, where they are missing.
CREATE FUNCTION ensure_decision_partitions(moment timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    month timestamp;
    part text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_decision_partitions'));
    FOR ahead IN 0..2 LOOP
        month := date_trunc('month', moment AT TIME ZONE 'UTC') + make_interval(months => ahead);
        part := 'decisions_' || to_char(month, 'YYYY_MM');
        IF to_regclass(part) IS NULL THEN
            EXECUTE format(
                'CREATE TABLE %I PARTITION OF decisions FOR VALUES FROM (%L) TO (%L)',
                part,
                first_id_at(month AT TIME ZONE 'UTC'),
                first_id_at((month + interval '1 month') AT TIME ZONE 'UTC'));
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
        END IF;
    END LOOP;
END
$$;

SELECT ensure_decision_partitions(now());
