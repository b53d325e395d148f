-- An L-LLM writes the function of an emergency too: what it is written for, and what came of it.
ALTER TABLE generations ADD COLUMN emergency jsonb;
ALTER TABLE generations ADD COLUMN result jsonb;
