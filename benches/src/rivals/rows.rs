//! Rows in SQLite: one row committed again and again, and the naive way to sell seats, a connection
//! for each thread with a transaction and an UPDATE of its own.
#![expect(clippy::disallowed_methods, reason = "a rival, which does not go through the engine")]

use crate::Outcome;
use crate::clients::{Load, Round, run_with};
use crate::place::remove_database;
use crate::work::{Block, SEATS, SHOWS, Step};
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::Duration;

const TABLES: &str = "
CREATE TABLE one(n INTEGER NOT NULL);
INSERT INTO one VALUES (0);
CREATE TABLE seat(
  id INTEGER PRIMARY KEY, state INTEGER NOT NULL DEFAULT 0, holder TEXT, expires_at INTEGER);
";
const SEAT_ROWS: &str = "
WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < ?)
INSERT INTO seat(id) SELECT n FROM number";
const ONE: &str = "UPDATE one SET n = n + 1";
const CHANGE: &str = "UPDATE seat SET state = ?1, holder = ?2, expires_at = ?3
 WHERE id BETWEEN ?4 AND ?4 + 3 AND state = ?5 AND (state = 0 OR holder = ?2)";
/// How long a connection asks again for the write lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// A one-row UPDATE committed at FULL in a loop: what one flush and SQLite around it take.
pub fn one_row(load: Load, path: &Path) -> Outcome<Round> {
    lay_out(path)?;
    let round = run_with(
        load,
        |_| connect(path).ok(),
        |connection| connection.as_ref().is_some_and(|it| committed(it, |it| it.execute(ONE, []))),
    );
    remove_database(path);
    Ok(round)
}

struct Client {
    number: usize,
    command: u64,
    connection: Option<Connection>,
}

/// Every client has a connection and commits for itself.
pub fn pool(load: Load, path: &Path) -> Outcome<Round> {
    lay_out(path)?;
    let make = |number| Client { number, command: 0, connection: connect(path).ok() };
    let round = run_with(load, make, change);
    remove_database(path);
    Ok(round)
}

/// A client whose command was refused asks again.
fn change(client: &mut Client) -> bool {
    let Some(connection) = &client.connection else { return false };
    let (before, after) = Step::of(client.command).states();
    let block = Block::of(client.number);
    let (first, holder) = ((block.show * SEATS + block.first) as i64, client.number.to_string());
    let done = committed(connection, |it| {
        let values = params![after, holder, 600, first, before];
        let changed = it.prepare_cached(CHANGE)?.execute(values)?;
        if changed == 4 { Ok(changed) } else { Err(rusqlite::Error::StatementChangedRows(changed)) }
    });
    client.command += u64::from(done);
    done
}

fn committed(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<usize>,
) -> bool {
    let begin = connection.prepare_cached("BEGIN IMMEDIATE").and_then(|mut it| it.execute([]));
    if begin.is_err() {
        return false;
    }
    let end = if work(connection).is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = connection.prepare_cached(end).and_then(|mut it| it.execute([]));
    ended.is_ok() && end == "COMMIT"
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

fn lay_out(path: &Path) -> Outcome<()> {
    remove_database(path);
    let connection = connect(path)?;
    connection.execute_batch(TABLES)?;
    connection.execute(SEAT_ROWS, [(SHOWS * SEATS) as i64])?;
    Ok(())
}
