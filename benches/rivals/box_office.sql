CREATE TABLE seat(
    show integer NOT NULL, number integer NOT NULL, state smallint NOT NULL DEFAULT 0,
    holder integer, expires_at timestamptz, PRIMARY KEY (show, number)
) WITH (fillfactor = 70);

CREATE FUNCTION lay_out(shows integer, seats integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE seat;
    INSERT INTO seat(show, number)
    SELECT show, number FROM generate_series(0, shows - 1) show, generate_series(0, seats - 1) number;
END $$;

-- step: 0 holds four free seats, 1 books what is held, 2 cancels what is booked.
CREATE FUNCTION command(which integer, first integer, step integer, asker integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE changed integer;
BEGIN
    PERFORM 1 FROM seat WHERE show = which AND number BETWEEN first AND first + 3
    ORDER BY number FOR UPDATE;
    UPDATE seat SET state = (step + 1) % 3,
        holder = CASE step WHEN 2 THEN NULL ELSE asker END,
        expires_at = CASE step WHEN 0 THEN now() + interval '10 minutes' END
    WHERE show = which AND number BETWEEN first AND first + 3
        AND CASE step
            WHEN 0 THEN state = 0 OR (state = 1 AND expires_at <= now())
            WHEN 1 THEN state = 1 AND holder = asker AND expires_at > now()
            ELSE state = 2 AND holder = asker END;
    GET DIAGNOSTICS changed = ROW_COUNT;
    IF changed <> 4 THEN
        RAISE EXCEPTION 'refused: show % seat % step % changed %', which, first, step, changed;
    END IF;
END $$;
