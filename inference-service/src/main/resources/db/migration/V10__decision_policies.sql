-- What a task does where its student is not sure enough.
CREATE TABLE decision_policies (
    tenant text NOT NULL,
    task text NOT NULL,
    policy json NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, task)
);

-- What the teacher has cost, by day (UTC). A call reserves what it may cost before it is made, and settles afterwards.
CREATE TABLE escalation_spend (
    tenant text NOT NULL,
    task text NOT NULL,
    day date NOT NULL,
    calls bigint NOT NULL,
    tokens bigint NOT NULL,
    micros bigint NOT NULL,
    PRIMARY KEY (tenant, task, day)
);

-- Situations for which the teacher found no function: what the next generation should be about. The same words of a stage are
-- one wish, however often they come.
CREATE TABLE generation_wishes (
    id uuid NOT NULL PRIMARY KEY,
    tenant text NOT NULL,
    task text NOT NULL,
    snapshot text NOT NULL,
    stage text NOT NULL,
    view text NOT NULL,
    view_hash text NOT NULL,
    reason text NOT NULL,
    times bigint NOT NULL,
    created_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    UNIQUE (tenant, task, stage, view_hash)
);

CREATE INDEX generation_wishes_of_task ON generation_wishes (tenant, task, id DESC);

ALTER TABLE decision_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE decision_policies FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON decision_policies USING (current_setting('platform.tenant', true) IN (tenant, '*'));
ALTER TABLE escalation_spend ENABLE ROW LEVEL SECURITY;
ALTER TABLE escalation_spend FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON escalation_spend USING (current_setting('platform.tenant', true) IN (tenant, '*'));
ALTER TABLE generation_wishes ENABLE ROW LEVEL SECURITY;
ALTER TABLE generation_wishes FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON generation_wishes USING (current_setting('platform.tenant', true) IN (tenant, '*'));
