//! Files of earlier releases.

use rusqlite::Connection;
use std::path::Path;

/// The first release's schema, as it will be for ever.
const FIRST: &str = include_str!("../../seatcore/src/store/sqlite/schema/0001_initial.sql");

/// Runs a script on a file, from outside.
#[expect(clippy::disallowed_methods, reason = "what an earlier release left")]
pub fn sql(path: &Path, script: &str) {
    let connection = Connection::open(path).expect("the file opens");
    connection.execute_batch(script).expect("valid SQL");
}

/// The words in a file that answer a question, asked from outside.
#[expect(clippy::disallowed_methods, reason = "a look from outside")]
pub fn words(path: &Path, question: &str) -> Vec<String> {
    let connection = Connection::open(path).expect("the file opens");
    let mut rows = connection.prepare(question).expect("valid SQL");
    let rows = rows.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("words")
}

/// Everything in a file of today that the first release knew, as the first release kept it.
pub fn as_the_first_release_left(today: &Path, path: &Path) {
    sql(path, FIRST);
    let tables = words(path, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    assert!(tables.iter().any(|table| table == "journal") && !tables.contains(&"session".into()));
    let mut script = format!("ATTACH '{}' AS today;", today.display());
    for table in tables {
        let columns = format!("SELECT group_concat(name, ', ') FROM pragma_table_info('{table}')");
        let columns = words(path, &columns).remove(0);
        script += &format!("INSERT INTO main.{table} SELECT {columns} FROM today.{table};");
    }
    script += "UPDATE main.meta SET schema = 1; PRAGMA main.application_id = 1399153012;
               PRAGMA main.user_version = 1; PRAGMA main.journal_mode = WAL;";
    sql(path, &script);
}
