//! The one way SQL reaches SQLite: text known at compile time, parameters bound.

use crate::error::Error;
use crate::store::sqlite::fault;
use rusqlite::{CachedStatement, Connection, Params, Row};

/// Statements kept prepared on each connection: all of ours.
pub(super) const CACHED: usize = 128;

/// Prepares a statement, or takes it from the cache.
#[expect(clippy::disallowed_methods, reason = "the one place: `sql` is known at compile time")]
pub(super) fn statement<'c>(
    connection: &'c Connection,
    sql: &'static str,
) -> Result<CachedStatement<'c>, Error> {
    connection.prepare_cached(sql).map_err(fault::from_sqlite)
}

/// Runs a statement; answers how many rows it changed.
pub(super) fn run(
    connection: &Connection,
    sql: &'static str,
    params: impl Params,
) -> Result<usize, Error> {
    statement(connection, sql)?.execute(params).map_err(fault::from_sqlite)
}

/// Runs several statements without parameters.
#[expect(clippy::disallowed_methods, reason = "the one place: `sql` is known at compile time")]
pub(super) fn script(connection: &Connection, sql: &'static str) -> Result<(), Error> {
    connection.execute_batch(sql).map_err(fault::from_sqlite)
}

/// Reads at most one row.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &'static str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, Error> {
    use rusqlite::OptionalExtension;
    statement(connection, sql)?.query_row(params, read).optional().map_err(fault::from_sqlite)
}

/// Reads every row.
pub(super) fn all<T>(
    connection: &Connection,
    sql: &'static str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, Error> {
    let mut statement = statement(connection, sql)?;
    let rows = statement.query_map(params, read).map_err(fault::from_sqlite)?;
    rows.collect::<Result<_, _>>().map_err(fault::from_sqlite)
}

/// Reads every row, each of which may be a contradiction.
pub(super) fn all_checked<T>(
    connection: &Connection,
    sql: &'static str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<Result<T, Error>>,
) -> Result<Vec<T>, Error> {
    let mut statement = statement(connection, sql)?;
    let mut rows = statement.query(params).map_err(fault::from_sqlite)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(fault::from_sqlite)? {
        all.push(read(row).map_err(fault::from_sqlite)??);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use crate::store::sqlite::open;
    use crate::store::sqlite::rows::{RECORDS_AFTER, bounds};
    use crate::store::sqlite::statement::statement;
    use rusqlite::StatementStatus;

    #[test]
    fn a_statement_is_planned_once_whatever_is_bound_to_its_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("box-office.db");
        let connection = open::writer_with(&path, open::OpenOptions::default());
        let (connection, _) = connection.expect("a new file");
        let mut records = statement(&connection, RECORDS_AFTER).expect("it is prepared");
        for limit in [1, 4_096, 1] {
            assert!(!records.exists(bounds(0, limit)).expect("it is read"));
        }
        assert_eq!(records.get_status(StatementStatus::RePrepare), 0);
    }
}
