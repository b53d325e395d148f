-- What a worker must be able to do, beside what V3 says: run a sweep, and train on so many GPUs at once.
ALTER TABLE jobs
    ADD COLUMN sweep boolean NOT NULL DEFAULT false,
    ADD COLUMN gpus  integer NOT NULL DEFAULT 0;
