-- The log, and what is folded from it. Forward only: a later release adds 0002, never edits this.

CREATE TABLE meta (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    schema      INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    followed_to INTEGER NOT NULL DEFAULT 0 CHECK (followed_to >= 0),
    quarantines INTEGER NOT NULL DEFAULT 0,
    recoveries  INTEGER NOT NULL DEFAULT 0,
    copied      INTEGER NOT NULL DEFAULT 0 CHECK (copied IN (0, 1)),
    ticket_key  BLOB    NOT NULL CHECK (length(ticket_key) = 32)
) STRICT;

CREATE TABLE journal (
    n      INTEGER PRIMARY KEY CHECK (n > 0),
    show   INTEGER NOT NULL CHECK (show BETWEEN 0 AND 16777215),
    seq    INTEGER,
    at     INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    prev_n INTEGER NOT NULL CHECK (prev_n >= 0 AND prev_n < n),
    hash   BLOB    NOT NULL CHECK (length(hash) = 16),
    body   BLOB    NOT NULL,
    CHECK ((kind = 12) = (seq IS NULL))
) STRICT;

-- The second proof. The key is show * 64 + chunk of 4,096 seats: one integer is found fastest.
CREATE TABLE sold (
    id   INTEGER PRIMARY KEY CHECK (id >= 64),
    bits BLOB    NOT NULL CHECK (length(bits) <= 512)
) STRICT;

CREATE TABLE quarantine (
    show   INTEGER PRIMARY KEY,
    reason TEXT NOT NULL
) STRICT;

CREATE TABLE standing (
    show        INTEGER PRIMARY KEY,
    n           INTEGER NOT NULL,
    seq         INTEGER NOT NULL,
    held        INTEGER NOT NULL CHECK (held >= 0),
    booked      INTEGER NOT NULL CHECK (booked >= 0),
    blocked     INTEGER NOT NULL CHECK (blocked >= 0),
    next_expiry INTEGER
) STRICT;
CREATE INDEX standing_expiry ON standing (next_expiry) WHERE next_expiry IS NOT NULL;

CREATE TABLE checkpoint (
    show  INTEGER PRIMARY KEY,
    n     INTEGER NOT NULL,
    house BLOB    NOT NULL
) STRICT;

CREATE TABLE receipt_chunk (
    show     INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    receipts BLOB    NOT NULL CHECK (length(receipts) % 32 = 0),
    PRIMARY KEY (show, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE booking (
    n            INTEGER PRIMARY KEY,
    id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    show         INTEGER NOT NULL,
    holder       TEXT    NOT NULL,
    state        INTEGER NOT NULL CHECK (state IN (1, 4)),
    booked_at    INTEGER NOT NULL,
    total_minor  INTEGER NOT NULL CHECK (total_minor >= 0),
    reference    TEXT,
    first_ticket INTEGER NOT NULL CHECK (first_ticket > 0),
    seats        BLOB    NOT NULL,
    seq          INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_holder ON booking (holder, n);
CREATE UNIQUE INDEX booking_ticket ON booking (show, first_ticket);

-- The third proof: one valid ticket for a seat of a show. The key is show * 262144 + seat; a
-- cancelled booking's tickets are gone from here, and still found through booking_ticket.
CREATE TABLE ticket (
    id      INTEGER PRIMARY KEY CHECK (id >= 262144),
    number  INTEGER NOT NULL,
    booking INTEGER NOT NULL
) STRICT;

CREATE TABLE layout (
    hash  BLOB PRIMARY KEY CHECK (length(hash) = 32),
    seats INTEGER NOT NULL CHECK (seats > 0),
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE movie (
    id          INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id <= 4294967295),
    title       TEXT    NOT NULL,
    minutes     INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
    description TEXT    NOT NULL
) STRICT;

CREATE TABLE poster (
    movie INTEGER PRIMARY KEY REFERENCES movie (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE screen (
    id         INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id <= 4294967295),
    name       TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    layout     BLOB    NOT NULL REFERENCES layout (hash),
    tz         TEXT,
    cleaning_s INTEGER NOT NULL CHECK (cleaning_s >= 0)
) STRICT;

CREATE TABLE show (
    id        INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id <= 16777215),
    movie     INTEGER NOT NULL REFERENCES movie (id),
    screen    INTEGER NOT NULL REFERENCES screen (id),
    layout    BLOB    NOT NULL REFERENCES layout (hash),
    starts_at INTEGER NOT NULL,
    ends_at   INTEGER NOT NULL CHECK (ends_at > starts_at),
    cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1)),
    opening   BLOB    NOT NULL
) STRICT;
CREATE INDEX show_start ON show (starts_at, id);
CREATE INDEX show_screen ON show (screen, starts_at);
CREATE INDEX show_movie ON show (movie, starts_at);

CREATE TABLE user (
    id         INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id <= 4294967295),
    name       TEXT    NOT NULL COLLATE NOCASE UNIQUE,
    password   TEXT    NOT NULL,
    role       TEXT    NOT NULL CHECK (role IN ('customer', 'staff', 'manager')),
    disabled   INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

-- For people with SQL, from another process. Each says how far the tables have followed the log.
CREATE VIEW v_show AS
    SELECT show.id, movie.title AS movie, screen.name AS screen,
           strftime('%Y-%m-%dT%H:%M:%fZ', show.starts_at / 1000.0, 'unixepoch') AS starts_at,
           show.cancelled, layout.seats AS capacity,
           coalesce(standing.held, 0) AS held, coalesce(standing.booked, 0) AS booked,
           coalesce(standing.blocked, 0) AS blocked, meta.followed_to
    FROM show
    JOIN movie ON movie.id = show.movie
    JOIN screen ON screen.id = show.screen
    JOIN layout ON layout.hash = show.layout
    LEFT JOIN standing ON standing.show = show.id
    CROSS JOIN meta;
CREATE VIEW v_booking AS
    SELECT hex(booking.id) AS uuid, booking.show, booking.holder,
           CASE booking.state WHEN 1 THEN 'booked' ELSE 'cancelled' END AS state,
           strftime('%Y-%m-%dT%H:%M:%fZ', booking.booked_at / 1000.0, 'unixepoch') AS booked_at,
           booking.total_minor, booking.reference, meta.followed_to
    FROM booking CROSS JOIN meta;
CREATE VIEW v_ticket AS
    SELECT ticket.id >> 18 AS show, ticket.id & 262143 AS seat, ticket.number, booking.holder,
           meta.followed_to
    FROM ticket JOIN booking ON booking.n = ticket.booking CROSS JOIN meta;
CREATE VIEW v_activity AS
    SELECT journal.n, journal.show, journal.seq,
           strftime('%Y-%m-%dT%H:%M:%fZ', journal.at / 1000.0, 'unixepoch') AS at,
           CASE journal.kind
               WHEN 1 THEN 'show_opened' WHEN 2 THEN 'show_changed' WHEN 3 THEN 'show_cancelled'
               WHEN 4 THEN 'held' WHEN 5 THEN 'extended' WHEN 6 THEN 'booked'
               WHEN 7 THEN 'released' WHEN 8 THEN 'expired' WHEN 9 THEN 'cancelled'
               WHEN 10 THEN 'blocked' WHEN 11 THEN 'unblocked' WHEN 12 THEN 'noted'
               ELSE 'clock_accepted'
           END AS kind, meta.followed_to
    FROM journal CROSS JOIN meta;
