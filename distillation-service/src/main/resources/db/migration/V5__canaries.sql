-- Students that decide a share of a task's decisions, to be compared with the one that serves. What serves is still said by
-- promotions alone, so whoever reads only those is never misled by a canary.
CREATE TABLE canaries (
    number                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant                    text             NOT NULL,
    id                        uuid             NOT NULL,
    task                      text             NOT NULL,
    student                   text             NOT NULL,
    serving                   text             NOT NULL CHECK (serving <> student),
    percent                   integer          NOT NULL CHECK (percent BETWEEN 1 AND 99),
    min_decisions             integer          NOT NULL,
    max_error_increase        double precision NOT NULL,
    max_escalation_increase   double precision NOT NULL,
    max_disagreement_increase double precision NOT NULL,
    figures                   text,
    looked_decisions          bigint           NOT NULL DEFAULT 0,
    looked_corrections        bigint           NOT NULL DEFAULT 0,
    started_at                timestamptz      NOT NULL,
    ended_at                  timestamptz,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, student) REFERENCES students (tenant, id),
    FOREIGN KEY (tenant, serving) REFERENCES students (tenant, id)
);

-- A task has one canary at most, whatever its writers believe.
CREATE UNIQUE INDEX canaries_running ON canaries (tenant, task) WHERE ended_at IS NULL;
CREATE INDEX canaries_by_task ON canaries (tenant, task, number DESC);

-- Who began, changed and ended a canary, when and why, and what was counted until then. Append-only. `promotion` is the entry by
-- which a canary was completed.
CREATE TABLE canary_events (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant     text        NOT NULL,
    canary     bigint      NOT NULL REFERENCES canaries (number),
    event      text        NOT NULL CHECK (event IN ('started', 'changed', 'completed', 'rolled-back', 'superseded')),
    terms      text        NOT NULL,
    figures    text,
    reason     text,
    overrode   text,
    decided_by text        NOT NULL,
    decided_at timestamptz NOT NULL,
    promotion  bigint REFERENCES promotions (number)
);

CREATE INDEX canary_events_by_canary ON canary_events (canary, number DESC);
CREATE INDEX canary_events_by_number ON canary_events (tenant, number DESC);
