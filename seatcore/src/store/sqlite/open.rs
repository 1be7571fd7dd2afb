//! Opening a file: what must be true before the first turn.

use crate::error::{Error, StorageReason};
use crate::id::Epoch;
use crate::store::sqlite::read_only::{ReadOnlyFile, only_reads};
use crate::store::sqlite::statement::{CACHED, all, one, run, script};
use crate::store::sqlite::tables::backup;
use crate::store::sqlite::{WAL_PAGES, fault, room};
use rusqlite::config::DbConfig;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The schema this release writes.
pub(super) const SCHEMA: i64 = 5;
const MARK_SCHEMA: &str = "PRAGMA user_version = 5";
/// Migrations in order; the file's `user_version` says how many have run.
const MIGRATIONS: [&str; SCHEMA as usize] = [
    include_str!("schema/0001_initial.sql"),
    include_str!("schema/0002_sessions_and_keys.sql"),
    include_str!("schema/0003_creations.sql"),
    include_str!("schema/0004_verified.sql"),
    include_str!("schema/0005_archives.sql"),
];
/// "Seat": tells our files from other people's databases.
const APPLICATION_ID: i64 = 0x5365_6174;
/// SQLite 3.51.3, the first without the WAL-reset race (sqlite.org/wal.html#walresetbug).
const SQLITE_MIN: i32 = 3_051_003;
/// Polls for the write lock: the first ones dense, then a millisecond apart, about 5 s in all.
const LOCK_POLLS_DENSE: i32 = 2_000;
const LOCK_POLLS_MAX: i32 = 6_600;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOptions {
    /// Whether a file that does not exist is made.
    pub create: bool,
    /// Whether a file of an earlier release is copied before its schema is brought up to date.
    pub migration_backup: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { create: true, migration_backup: true }
    }
}

/// What opening made of a file of an earlier release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The schema it had.
    pub from: i64,
    /// The schema it has.
    pub to: i64,
    /// The file as it was; none if that was not wanted.
    pub backup: Option<PathBuf>,
}

/// Opens the writer's connection to a file that is up to date.
pub(super) fn writer(path: &Path) -> Result<Connection, Error> {
    let options = OpenOptions { create: false, ..OpenOptions::default() };
    writer_with(path, options).map(|(connection, _)| connection)
}

/// Opens the writer's connection and brings the schema up to date.
pub(super) fn writer_with(
    path: &Path,
    options: OpenOptions,
) -> Result<(Connection, Option<Migration>), Error> {
    let free = || room::free(path).unwrap_or(u64::MAX);
    open_writer(path, options).map_err(|error| room::in_the_way(path, error, free))
}

fn open_writer(
    path: &Path,
    options: OpenOptions,
) -> Result<(Connection, Option<Migration>), Error> {
    require_library()?;
    require_local(path)?;
    require_file(path, options.create)?;
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut made = Ok(());
    if options.create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
        made = make_private(path);
    }
    let opened = Connection::open_with_flags(path, flags);
    // What stood in the way first says more than that nothing is there.
    let connection = opened.map_err(|error| match made {
        Ok(()) => fault::from_sqlite(error),
        Err(first) => fault::at(path, first),
    })?;
    prepare(&connection)?;
    require_acceptable(&connection)?;
    script(
        &connection,
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0;
         PRAGMA cache_size = -65536;",
    )?;
    if crate::sabotage::on("synchronous_below_full") || crate::sabotage::on("commits_not_flushed") {
        script(&connection, "PRAGMA synchronous = NORMAL")?;
    }
    require_wal(&connection)?;
    let migrated = migrate(&connection, path, options)?;
    renew_copied(&connection)?;
    connection.wal_hook(Some(count_wal_pages));
    Ok((connection, migrated))
}

/// What must be true of a file that is only read.
pub(super) fn require_readable(path: &Path) -> Result<(), Error> {
    require_library()?;
    require_file(path, false)
}

/// A file that cannot be written cannot be brought up to date either.
pub(super) fn require_current(connection: &Connection) -> Result<(), Error> {
    match version(connection)? {
        0 => Err(foreign()),
        from if from > SCHEMA => Err(newer(from)),
        from => {
            require_ours(connection)?;
            if from == SCHEMA {
                return Ok(());
            }
            let what = format!(
                "the file has schema {from}, this release reads {SCHEMA}: open it once where it \
                 can be written"
            );
            Err(Error::storage(StorageReason::ReadOnly, what))
        }
    }
}

/// Opens a connection that only copies the write-ahead log into the file, of which a writer made
/// sure before.
pub(super) fn checkpointer(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fault::from_sqlite)?;
    prepare(&connection)?;
    script(&connection, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")?;
    Ok(connection)
}

/// A file that does not exist yet is made for its owner alone: it will keep names and hashes, and
/// SQLite gives its write-ahead log the same mode. Made without being opened, since closing it here
/// would drop the locks that another connection of this process just took.
///
/// # Errors
/// What stands in the way; some file systems cannot do this, and let SQLite make the file.
pub(super) fn make_private(path: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    use rustix::io::Errno;
    match mknodat(CWD, path, FileType::RegularFile, Mode::RUSR | Mode::WUSR, 0) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Makes a connection a reader.
pub(super) fn make_reader(connection: &Connection) -> Result<(), rusqlite::Error> {
    keep_statements(connection)?;
    wait_for_locks(connection)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "query_only", true)
}

fn prepare(connection: &Connection) -> Result<(), Error> {
    let configured = keep_statements(connection)
        .and_then(|()| wait_for_locks(connection))
        .and_then(|()| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true))
        .and_then(|_| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false));
    configured.map(drop).map_err(fault::from_sqlite)
}

/// Statements are planned once. By default SQLite looks at what is bound to `LIMIT ?`, and plans
/// the statement anew each time it is bound: that took three quarters of reading one record.
fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(CACHED);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// A connection waits for locks with patience of our own.
pub(super) fn wait_for_locks(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(poll_lock))
}

fn poll_lock(tries: i32) -> bool {
    let step = if tries < LOCK_POLLS_DENSE { 50 } else { 1_000 };
    std::thread::sleep(Duration::from_micros(step));
    tries < LOCK_POLLS_MAX
}

fn count_wal_pages(_: &Wal, pages: std::ffi::c_int) -> rusqlite::Result<()> {
    WAL_PAGES.set(pages);
    Ok(())
}

fn require_library() -> Result<(), Error> {
    if rusqlite::version_number() >= SQLITE_MIN {
        return Ok(());
    }
    let found = format!("SQLite {} is older than 3.51.3", rusqlite::version());
    Err(Error::storage(StorageReason::Library, found))
}

/// Locks of network file systems cannot be trusted (sqlite.org/wal.html).
pub(super) fn require_local(path: &Path) -> Result<(), Error> {
    const NETWORK: [i64; 5] = [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x00C3_6400];
    // SQLite follows links: what counts is where the file is, or is going to be.
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = match real.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let found = rustix::fs::statfs(folder).map_err(|error| fault::at(path, error.into()))?;
    if NETWORK.contains(&(found.f_type as i64 & 0xFFFF_FFFF)) {
        let what = format!("{} is on a network file system", folder.display());
        return Err(Error::storage(StorageReason::NetworkFileSystem, what));
    }
    Ok(())
}

/// A device is no file, and an empty one no database unless one is to be made: SQLite would write
/// into either. What is not there is for SQLite to say.
fn require_file(path: &Path, create: bool) -> Result<(), Error> {
    let what = match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => "is no file",
        Ok(found) if found.len() == 0 && !create => "is empty, and no database",
        _ => return Ok(()),
    };
    Err(Error::storage(StorageReason::Open, format!("{} {what}", path.display())))
}

fn require_wal(connection: &Connection) -> Result<(), Error> {
    let mode = one(connection, "PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0))?;
    match mode.as_deref() {
        Some("wal") => Ok(()),
        other => {
            let what = format!("journal mode is {}, not wal", other.unwrap_or("unknown"));
            Err(Error::storage(StorageReason::Library, what))
        }
    }
}

/// Before anything is written, the journal mode included: is this file ours to write?
fn require_acceptable(connection: &Connection) -> Result<(), Error> {
    match version(connection)? {
        0 => require_empty(connection),
        from if from > SCHEMA => Err(newer(from)),
        _ => require_ours(connection),
    }
}

fn newer(from: i64) -> Error {
    let what = format!("the file has schema {from}, this release knows {SCHEMA}");
    Error::storage(StorageReason::NewerSchema, what)
}

/// Runs the migrations a file lacks, all in one transaction, after the file was copied. Nobody else
/// writes between the copy and the migration.
fn migrate(
    connection: &Connection,
    path: &Path,
    options: OpenOptions,
) -> Result<Option<Migration>, Error> {
    if version(connection)? == SCHEMA {
        return require_ours(connection).map(|()| None);
    }
    run(connection, "BEGIN IMMEDIATE", [])?;
    let mut backup = None;
    let migrated = back_up(connection, path, options, &mut backup)
        .and_then(|()| migrate_locked(connection))
        .and_then(|from| run(connection, "COMMIT", []).map(|_| from));
    if migrated.is_err() {
        if !connection.is_autocommit() {
            drop(run(connection, "ROLLBACK", []));
        }
        // The file is as it was: its copy says nothing that it does not.
        drop(backup.as_ref().map(std::fs::remove_file));
    }
    let from = migrated?;
    Ok((1..SCHEMA).contains(&from).then_some(Migration { from, to: SCHEMA, backup }))
}

/// Copies a file of an earlier release to a name beside it that says which.
fn back_up(
    connection: &Connection,
    path: &Path,
    options: OpenOptions,
    made: &mut Option<PathBuf>,
) -> Result<(), Error> {
    let from = version(connection)?;
    if !options.migration_backup || !(1..SCHEMA).contains(&from) {
        return Ok(());
    }
    require_ours(connection)?;
    let to = backup_name(path, from);
    room::require(path, room::needed_by_copy(path), COPY_FIRST)?;
    backup::copy(path, &to, || Ok(()))?;
    *made = Some(to);
    Ok(())
}

const COPY_FIRST: &str = "the copy that is kept before the schema is brought up to date \
                          (`db migrate --no-backup` keeps none)";

/// `<file>.schema-<version>.bak`, with a number where that is taken.
fn backup_name(path: &Path, from: i64) -> PathBuf {
    let named = |number: u32| {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".schema-{from}{number}.bak"));
        PathBuf::from(name)
    };
    let free = (1..).map(named).find(|name| !name.exists());
    free.unwrap_or_else(|| named(0))
}

/// Answers which schema the file had.
fn migrate_locked(connection: &Connection) -> Result<i64, Error> {
    let from = version(connection)?;
    match from {
        SCHEMA => return Ok(from),
        0 => require_empty(connection)?,
        newer_one if newer_one > SCHEMA => return Err(newer(newer_one)),
        _ => require_ours(connection)?,
    }
    for migration in MIGRATIONS.iter().skip(usize::try_from(from).unwrap_or(0)) {
        script(connection, migration)?;
    }
    if from == 0 {
        let (epoch, key) = (random::<8>()?, random::<32>()?);
        let epoch = Epoch::from_bits(u64::from_le_bytes(epoch)).bits() as i64;
        run(connection, MAKE_META, (SCHEMA, epoch, &key[..]))?;
        script(connection, "PRAGMA application_id = 1399153012")?;
    }
    run(connection, "UPDATE meta SET schema = ?1", [SCHEMA])?;
    script(connection, MARK_SCHEMA).map(|()| from)
}

const MAKE_META: &str = "INSERT INTO meta (id, schema, epoch, ticket_key) VALUES (1, ?1, ?2, ?3)";

fn version(connection: &Connection) -> Result<i64, Error> {
    let read = one(connection, "PRAGMA user_version", [], |row| row.get(0))?;
    Ok(read.unwrap_or(0))
}

fn require_ours(connection: &Connection) -> Result<(), Error> {
    let id = one(connection, "PRAGMA application_id", [], |row| row.get::<_, i64>(0))?;
    if id == Some(APPLICATION_ID) { Ok(()) } else { Err(foreign()) }
}

fn require_empty(connection: &Connection) -> Result<(), Error> {
    let tables =
        one(connection, "SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    if tables == Some(0) { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Error {
    Error::storage(StorageReason::Foreign, "this is somebody else's database")
}

const RENEW: &str = "UPDATE meta SET epoch = ?1, copied = 0, verified_to = 0 WHERE copied = 1";

/// A file that was copied by a backup begins a history of its own at its first writer. Nobody is
/// signed in there: who signed out after the copy was made must not be back. Nothing in it was
/// verified yet: that was another file.
fn renew_copied(connection: &Connection) -> Result<(), Error> {
    let copied = one(connection, "SELECT copied FROM meta", [], |row| row.get::<_, i64>(0))?;
    if copied != Some(1) {
        return Ok(());
    }
    run(connection, "DELETE FROM session WHERE (SELECT copied FROM meta) = 1", [])?;
    run(connection, "DELETE FROM verified WHERE (SELECT copied FROM meta) = 1", [])?;
    let epoch = Epoch::from_bits(u64::from_le_bytes(random()?)).bits() as i64;
    run(connection, RENEW, [epoch]).map(drop)
}

pub(super) fn random<const LEN: usize>() -> Result<[u8; LEN], Error> {
    let mut bytes = [0; LEN];
    let filled = getrandom::fill(&mut bytes);
    filled.map_err(|error| Error::storage(StorageReason::Library, error))?;
    Ok(bytes)
}

/// What `doctor` and one test want to know of the library and a file's settings.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// SQLite's version.
    pub sqlite: String,
    /// Its compile options.
    pub compile_options: Vec<String>,
    /// Whether all connections share one page-cache mutex: slower with many readers.
    pub shared_page_cache_mutex: bool,
    /// How a writer commits here; none where the file can only be read.
    #[serde(flatten)]
    pub writer: Option<Commits>,
}

/// How a connection commits.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Commits {
    /// `PRAGMA synchronous`.
    pub synchronous: i64,
    /// `PRAGMA journal_mode`.
    pub journal_mode: String,
}

/// Looks at a file through a connection opened as the writer's is, or a reader's where it can only be
/// read.
pub fn diagnose(path: &Path) -> Result<Diagnosis, Error> {
    let only_read = only_reads(path);
    let connection = if only_read { ReadOnlyFile::at(path)?.connect()? } else { writer(path)? };
    let compile_options = all(&connection, "PRAGMA compile_options", [], |row| row.get(0))?;
    let shared = |option: &String| option == "ENABLE_MEMORY_MANAGEMENT";
    Ok(Diagnosis {
        sqlite: rusqlite::version().to_owned(),
        shared_page_cache_mutex: compile_options.iter().any(shared),
        compile_options,
        writer: if only_read { None } else { Some(commits(&connection)?) },
    })
}

fn commits(connection: &Connection) -> Result<Commits, Error> {
    let synchronous = one(connection, "PRAGMA synchronous", [], |row| row.get(0))?;
    let journal_mode = one(connection, "PRAGMA journal_mode", [], |row| row.get(0))?;
    let (synchronous, journal_mode) =
        (synchronous.unwrap_or_default(), journal_mode.unwrap_or_default());
    Ok(Commits { synchronous, journal_mode })
}
