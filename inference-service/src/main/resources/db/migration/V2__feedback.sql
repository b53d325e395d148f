-- What was said about decisions. Rows are never changed: of several statements about one stage the newest counts.
-- There is no foreign key: feedback outlives the partition of its decision. `example` is the corrected stage as a row of a
-- dataset, made while the snapshot and the state were at hand.
CREATE TABLE feedback (
    id uuid NOT NULL PRIMARY KEY,
    tenant text NOT NULL,
    task text NOT NULL,
    decision uuid NOT NULL,
    stage text,
    reward double precision,
    correction text,
    comment text,
    author text NOT NULL,
    example json,
    created_at timestamptz NOT NULL,
    CHECK (reward IS NOT NULL OR correction IS NOT NULL),
    CHECK (correction IS NULL OR stage IS NOT NULL)
);

CREATE INDEX feedback_of_decision ON feedback (tenant, decision, id DESC);
CREATE INDEX feedback_examples ON feedback (tenant, task, decision, stage, id DESC) WHERE example IS NOT NULL;

ALTER TABLE feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON feedback USING (current_setting('platform.tenant', true) IN (tenant, '*'));
