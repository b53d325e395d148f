CREATE TABLE half_made (id bigint PRIMARY KEY);
ALTER TABLE no_such_table ADD COLUMN note text;
