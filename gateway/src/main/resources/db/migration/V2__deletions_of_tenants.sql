-- Nobody of a closed tenant is let in, whatever key or token they have. Its name stays here until somebody makes a tenant of it again.
ALTER TABLE tenants ADD COLUMN closed_at timestamptz;

-- What became of the data of a tenant: the proof stays when all else is gone.
CREATE TABLE tenant_deletions (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'completed')),
    requested_at timestamptz NOT NULL,
    requested_by text NOT NULL,
    reason text,
    report json NOT NULL,
    problem text,
    finished_at timestamptz,
    -- Who works on it: whoever claims it counts the fence up, and every write asks for its fence.
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    due_at timestamptz NOT NULL
);
CREATE INDEX deletions_of_tenant ON tenant_deletions (tenant, id DESC);
CREATE UNIQUE INDEX deletions_under_way ON tenant_deletions (tenant) WHERE state = 'running';

ALTER TABLE tenant_deletions ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_deletions FORCE ROW LEVEL SECURITY;
CREATE POLICY rows_of_the_tenant ON tenant_deletions USING (current_setting('app.tenant', true) IN (tenant, '*'));
