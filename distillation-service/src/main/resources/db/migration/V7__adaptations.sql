-- In which way a worker must be able to train: every one can train LoRA, not every one holds a base model in four bits.
ALTER TABLE jobs
    ADD COLUMN adaptation text NOT NULL DEFAULT 'lora';
