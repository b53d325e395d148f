-- What a decision was told of those before it in its episode: null in tasks that remember nothing. Kept with the decision, so that a replay
-- is told the same after those have been erased or were too old.
ALTER TABLE decisions ADD COLUMN memory json;
