-- What spoke against a student that was promoted all the same; null where the gate had let it pass.
ALTER TABLE promotions ADD COLUMN overrode text;
