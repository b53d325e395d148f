-- Two bytes a dimension instead of four: the vector index is little more than half as large, and a search reads as many fewer pages.
-- Only stages with many functions are searched through it, so only theirs are in it; those of small ones, however many tasks
-- there are, cost nothing to put in and lie in nobody's way.
-- The index of some 200,000 functions is built in this memory, that of more takes longer; without workers, for whose shared
-- memory a container may have no room.
SET LOCAL maintenance_work_mem = '256MB';
SET LOCAL max_parallel_maintenance_workers = 0;
DROP INDEX functions_by_meaning;
-- Row-level security kept every search from using it, and every function put in had to be entered.
DROP INDEX functions_by_words;
ALTER TABLE functions ALTER COLUMN embedding TYPE halfvec(384);
ALTER TABLE functions ADD COLUMN indexed boolean NOT NULL DEFAULT false;
-- No tenant is named here, and rows of all are meant.
ALTER TABLE functions NO FORCE ROW LEVEL SECURITY;
UPDATE functions SET indexed = true
WHERE (task_id, stage) IN (SELECT task_id, stage FROM functions GROUP BY task_id, stage HAVING count(*) > 2000);
ALTER TABLE functions FORCE ROW LEVEL SECURITY;
CREATE INDEX functions_by_meaning ON functions USING hnsw (embedding halfvec_cosine_ops) WHERE indexed;
