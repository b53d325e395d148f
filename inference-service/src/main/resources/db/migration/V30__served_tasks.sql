-- What a replica gets ready for before it takes requests: written at most every few minutes by each, so it costs decisions nothing.
CREATE TABLE served_tasks (
    tenant text NOT NULL,
    task text NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, task)
);
CREATE INDEX served_tasks_by_time ON served_tasks (last_at);

ALTER TABLE served_tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE served_tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON served_tasks USING (current_setting('platform.tenant', true) IN (tenant, '*'));
