-- The answer to an emergency is a candidate whatever the search finds.
ALTER TABLE functions ADD COLUMN pinned boolean NOT NULL DEFAULT false;
