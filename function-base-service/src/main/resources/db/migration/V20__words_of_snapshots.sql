-- Which functions of a stage a word stands in, for snapshots with many and words of few. The index on functions.words can not
-- say it: row-level security keeps Postgres from using an operator that is not leakproof, and @@ is none.
CREATE TABLE snapshot_words (
    tenant text NOT NULL,
    snapshot_id bigint NOT NULL REFERENCES snapshots ON DELETE CASCADE,
    stage text NOT NULL,
    word text NOT NULL,
    functions bigint[] NOT NULL,
    PRIMARY KEY (snapshot_id, stage, word)
);
ALTER TABLE snapshot_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE snapshot_words FORCE ROW LEVEL SECURITY;
CREATE POLICY rows_of_the_tenant ON snapshot_words USING (tenant = current_setting('app.tenant', true));
