-- How long students took over the same rows on one machine. `stages` holds the figures by stage as they are shown. Rows are never
-- changed; the newest counts.
CREATE TABLE timings (
    number      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      text        NOT NULL,
    id          uuid        NOT NULL,
    student     text        NOT NULL,
    serving     text,
    dataset     uuid        NOT NULL,
    snapshot    text        NOT NULL,
    machine     text        NOT NULL,
    stages      text        NOT NULL,
    measured_by text        NOT NULL,
    measured_at timestamptz NOT NULL,
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, student) REFERENCES students (tenant, id),
    FOREIGN KEY (tenant, serving) REFERENCES students (tenant, id)
);

CREATE INDEX timings_by_student ON timings (tenant, student, number DESC);
