-- Who is signed in, and which machines may ask. Secrets are kept as their SHA-256 only.

CREATE TABLE session (
    id           INTEGER PRIMARY KEY CHECK (id BETWEEN 0 AND 1099511627775),
    token        BLOB    NOT NULL UNIQUE CHECK (length(token) = 32),
    user         INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL CHECK (last_seen_at >= created_at),
    expires_at   INTEGER NOT NULL CHECK (expires_at > created_at),
    agent        TEXT CHECK (length(agent) BETWEEN 1 AND 120)
) STRICT;
CREATE INDEX session_user ON session (user);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE api_key (
    id         INTEGER PRIMARY KEY CHECK (id BETWEEN 0 AND 1099511627775),
    secret     BLOB    NOT NULL UNIQUE CHECK (length(secret) = 32),
    name       TEXT    NOT NULL,
    scopes     INTEGER NOT NULL CHECK (scopes BETWEEN 1 AND 7),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

-- Grows whenever somebody who was let in no longer is: what processes remember of whom they let
-- in holds while it stands still.
ALTER TABLE meta ADD COLUMN accounts INTEGER NOT NULL DEFAULT 0;
