-- What was made in the catalogue under an idempotency key: a retry finds it here.

CREATE TABLE creation (
    tag         BLOB    PRIMARY KEY CHECK (length(tag) = 16),
    fingerprint INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('movie', 'screen', 'show')),
    id          INTEGER NOT NULL CHECK (id > 0)
) STRICT, WITHOUT ROWID;
