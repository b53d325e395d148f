-- Whose turn it is. One row per tenant that ever had a job; submits and claims of a tenant take turns on it, which makes the
-- quotas exact.
CREATE TABLE job_tenants (
    tenant       text PRIMARY KEY,
    weight       double precision NOT NULL CHECK (weight > 0),
    most_running integer          NOT NULL,
    last_claim   timestamptz
);

-- A distillation as it was ordered, and how far it has come. `fence` counts its claims: whoever holds an older one has lost it.
CREATE TABLE jobs (
    number          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant          text        NOT NULL REFERENCES job_tenants (tenant),
    id              uuid        NOT NULL,
    task            text        NOT NULL,
    spec            text        NOT NULL,
    idempotency_key text,
    request_sha256  text        NOT NULL,
    state           text        NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    base            text        NOT NULL,
    method          text        NOT NULL,
    priority        integer     NOT NULL,
    cpu_only        boolean     NOT NULL,
    gpu_type        text,
    gpu_memory_mb   integer     NOT NULL,
    not_before      timestamptz NOT NULL,
    fence           bigint      NOT NULL DEFAULT 0,
    tries           integer     NOT NULL DEFAULT 0,
    attempt_limit   integer     NOT NULL,
    lease_until     timestamptz,
    progress        text,
    student         text,
    reason          text,
    submitted_by    text        NOT NULL,
    created_at      timestamptz NOT NULL,
    started_at      timestamptz,
    finished_at     timestamptz,
    UNIQUE (tenant, id),
    UNIQUE (tenant, idempotency_key),
    FOREIGN KEY (tenant, student) REFERENCES students (tenant, id)
);

CREATE INDEX jobs_by_number ON jobs (tenant, number DESC);
CREATE INDEX jobs_queue ON jobs (tenant, priority DESC, number) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (tenant) WHERE state = 'running';
CREATE INDEX jobs_leases ON jobs (lease_until) WHERE state = 'running';

-- Each claim of a job: who had it, and how that ended.
CREATE TABLE job_attempts (
    job        bigint      NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    fence      bigint      NOT NULL,
    claim      uuid        NOT NULL UNIQUE,
    worker     text        NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    outcome    text        NOT NULL CHECK (outcome IN ('running', 'completed', 'failed', 'lost', 'released', 'cancelled')),
    reason     text,
    PRIMARY KEY (job, fence)
);

-- What an event stream shows. Written while the job's row is locked, so numbers of a job grow in the order of their commits.
CREATE TABLE job_events (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job    bigint      NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    kind   text        NOT NULL CHECK (kind IN ('state', 'metrics', 'log')),
    at     timestamptz NOT NULL,
    data   text        NOT NULL
);

CREATE INDEX job_events_by_job ON job_events (job, number);

-- Where the next worker goes on. The bytes lie in the artifact store under their hash.
CREATE TABLE job_checkpoints (
    job      bigint      NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    step     integer     NOT NULL,
    sha256   text        NOT NULL,
    bytes    bigint      NOT NULL,
    fence    bigint      NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (job, step)
);
