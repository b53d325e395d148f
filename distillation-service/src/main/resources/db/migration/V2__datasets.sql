-- What students learn from. Rows are only ever added, so a version is no copy: it is the rows up to a number.
CREATE TABLE datasets (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant     text             NOT NULL,
    id         uuid             NOT NULL,
    name       text             NOT NULL,
    task       text             NOT NULL,
    held_out   double precision NOT NULL CHECK (held_out > 0 AND held_out < 1),
    seed       bigint           NOT NULL,
    created_by text             NOT NULL,
    created_at timestamptz      NOT NULL,
    UNIQUE (tenant, id),
    UNIQUE (tenant, name)
);

CREATE INDEX datasets_by_number ON datasets (tenant, number DESC);

-- One decision of one stage. A view stands once per stage: two rows of it would teach nothing new, could contradict each other, and
-- could put one state on both sides of the split.
CREATE TABLE trajectories (
    dataset     bigint  NOT NULL REFERENCES datasets (number) ON DELETE CASCADE,
    number      bigint  NOT NULL,
    episode     text    NOT NULL,
    stage       text    NOT NULL,
    view_sha256 text    NOT NULL,
    chosen      text    NOT NULL,
    held_out    boolean NOT NULL,
    line        text    NOT NULL,
    PRIMARY KEY (dataset, number),
    UNIQUE (dataset, stage, view_sha256)
);

-- How far an upload has come, written in the transaction that stores its rows.
CREATE TABLE uploads (
    dataset    bigint      NOT NULL REFERENCES datasets (number) ON DELETE CASCADE,
    id         text        NOT NULL,
    lines      bigint      NOT NULL,
    accepted   bigint      NOT NULL,
    repeated   bigint      NOT NULL,
    refused    bigint      NOT NULL,
    errors     text        NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (dataset, id)
);

CREATE TABLE dataset_versions (
    dataset    bigint      NOT NULL REFERENCES datasets (number) ON DELETE CASCADE,
    version    integer     NOT NULL,
    up_to      bigint      NOT NULL,
    rows       bigint      NOT NULL,
    sha256     text        NOT NULL,
    created_by text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (dataset, version)
);
