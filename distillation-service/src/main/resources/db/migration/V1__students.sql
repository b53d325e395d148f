-- A student as it was imported. Rows are never changed or removed: what serves is said by promotions.
CREATE TABLE students (
    number             bigint GENERATED ALWAYS AS IDENTITY,
    tenant             text        NOT NULL,
    id                 text        NOT NULL CHECK (id ~ '^sha256:[0-9a-f]{64}$'),
    name               text        NOT NULL,
    task               text        NOT NULL,
    method             text        NOT NULL,
    manifest           text        NOT NULL,
    adapter_sha256     text,
    activations_sha256 text        NOT NULL,
    imported_by        text        NOT NULL,
    created_at         timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX students_by_number ON students (tenant, number DESC);
CREATE INDEX students_by_name ON students (tenant, name, task, number DESC);

-- Who made which student serve, when and why. Append-only; the newest row of a tenant and task says what serves now, so there
-- can never be two. `earlier` is the row that held before: the place to which a rollback returns.
CREATE TABLE promotions (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      text        NOT NULL,
    task        text        NOT NULL,
    student     text        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('promotion', 'rollback')),
    reason      text,
    decided_by  text        NOT NULL,
    decided_at  timestamptz NOT NULL,
    earlier     bigint REFERENCES promotions (number),
    rolled_back text,
    FOREIGN KEY (tenant, student) REFERENCES students (tenant, id)
);

CREATE INDEX promotions_by_task ON promotions (tenant, task, number DESC);
