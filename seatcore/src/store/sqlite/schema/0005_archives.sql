-- Shows whose records moved to a file of their own. What stays is the last record of each.

ALTER TABLE show ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));

-- Grows with each: whoever remembers records of before reads the log anew.
ALTER TABLE meta ADD COLUMN archives INTEGER NOT NULL DEFAULT 0 CHECK (archives >= 0);

DROP VIEW v_activity;
CREATE VIEW v_activity AS
    SELECT journal.n, journal.show, journal.seq,
           strftime('%Y-%m-%dT%H:%M:%fZ', journal.at / 1000.0, 'unixepoch') AS at,
           CASE journal.kind
               WHEN 1 THEN 'show_opened' WHEN 2 THEN 'show_changed' WHEN 3 THEN 'show_cancelled'
               WHEN 4 THEN 'held' WHEN 5 THEN 'extended' WHEN 6 THEN 'booked'
               WHEN 7 THEN 'released' WHEN 8 THEN 'expired' WHEN 9 THEN 'cancelled'
               WHEN 10 THEN 'blocked' WHEN 11 THEN 'unblocked' WHEN 12 THEN 'noted'
               WHEN 13 THEN 'clock_accepted' ELSE 'archived'
           END AS kind, meta.followed_to
    FROM journal CROSS JOIN meta;
