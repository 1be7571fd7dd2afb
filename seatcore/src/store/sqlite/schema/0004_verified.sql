-- How far the log was verified, and what each show was then: the next run reads on from there.

ALTER TABLE meta ADD COLUMN verified_to INTEGER NOT NULL DEFAULT 0 CHECK (verified_to >= 0);

-- Show 0 stands for the records about the file itself.
CREATE TABLE verified (
    show    INTEGER PRIMARY KEY,
    n       INTEGER NOT NULL CHECK (n > 0),
    hash    BLOB    NOT NULL CHECK (length(hash) = 16),
    records INTEGER NOT NULL CHECK (records > 0),
    house   BLOB    NOT NULL CHECK (length(house) = 16),
    folds   BLOB    NOT NULL CHECK (length(folds) = 16)
) STRICT;
