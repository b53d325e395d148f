-- In how many functions of a stage a word stands, for snapshots with many. A search then asks for its rarest words alone: a word
-- that most functions share tells them apart as little as it takes long to look up.
CREATE TABLE snapshot_words (
    tenant text NOT NULL,
    snapshot_id bigint NOT NULL REFERENCES snapshots ON DELETE CASCADE,
    stage text NOT NULL,
    word text NOT NULL,
    functions integer NOT NULL,
    PRIMARY KEY (snapshot_id, stage, word)
);
ALTER TABLE snapshot_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE snapshot_words FORCE ROW LEVEL SECURITY;
CREATE POLICY rows_of_the_tenant ON snapshot_words USING (tenant = current_setting('app.tenant', true));
