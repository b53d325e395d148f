-- Whether a student on trial decided (true), or the one that serves in its place (false); null where there was no trial. No default:
-- the log's partitions are not rewritten.
ALTER TABLE decisions ADD COLUMN canary boolean;

-- What came of the decisions of a task while it had a canary. Each process writes its own rows, with all that it has counted so
-- far: none waits for another, and writing twice counts once.
CREATE TABLE canary_counts (
    tenant text NOT NULL,
    task text NOT NULL,
    canary uuid NOT NULL,
    replica uuid NOT NULL,
    arm text NOT NULL CHECK (arm IN ('canary', 'serving')),
    decisions bigint NOT NULL,
    errors bigint NOT NULL,
    escalations bigint NOT NULL,
    counted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, canary, replica, arm)
);

CREATE INDEX canary_counts_by_age ON canary_counts (counted_at);

ALTER TABLE canary_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE canary_counts FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON canary_counts USING (current_setting('platform.tenant', true) IN (tenant, '*'));
