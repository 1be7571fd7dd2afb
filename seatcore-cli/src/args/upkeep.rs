//! Arguments of what keeps a file healthy: `verify` and `db`.

use clap::{Args, Subcommand};
use seatcore::ShowId;
use std::path::PathBuf;

/// What to verify.
#[derive(Debug, Args)]
#[command(after_help = "\
A run that finds nothing is remembered. The next reads what came since, and
shows that changed from their first record on; of the others it compares all
but their old records, and says how many it did not read. Exit code 7 if
something contradicts the log. Sales go on meanwhile.

Examples:
  seatcore verify
  seatcore verify --all  # every record from the first on
  seatcore verify --show 1 --json
  seatcore verify --db copy.db --quiet")]
pub struct VerifyArgs {
    /// Only this show, from its first record; says why it is stopped, if so
    #[arg(long, value_name = "ID", conflicts_with = "all")]
    pub show: Option<ShowId>,
    /// From the first record on, whatever was verified before
    #[arg(long)]
    pub all: bool,
}

/// What can be done with the file.
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:
  seatcore db check
  seatcore db backup box-office-copy.db
  seatcore db stats")]
pub enum DbCommand {
    /// SQLite's own check of the file; exit code 7 if it complains
    #[command(after_help = "Examples:
  seatcore db check
  seatcore db check --json
  seatcore db check --db copy.db && echo sound")]
    Check,
    /// Write a consistent copy while sales go on
    #[command(after_help = "Examples:
  seatcore db backup monday.db
  seatcore db backup monday.db --verify  # and verify the copy
  seatcore db backup backups/ --json     # seatcore-20270109T043000Z.db
  seatcore db backup monday.db --json")]
    Backup(BackupArgs),
    /// Put a backup in the database's place; asks first. The old file is kept beside it
    #[command(after_help = "\
The backup is checked and verified first, and nobody may have the database open. The
restored file begins a new history: pages and feeds that know the old one start again.

Examples:
  seatcore db restore copy.db
  seatcore db restore copy.db --yes
  seatcore db restore copy.db --db restored.db --yes")]
    Restore(RestoreArgs),
    /// How much is in it
    #[command(after_help = "Examples:
  seatcore db stats
  seatcore db stats --json
  seatcore db stats --fields bytes,records")]
    Stats,
    /// Move a show that is over to a file of its own; asks first
    #[command(after_help = "\
The show must be cancelled, ended, or closed by hand, and nobody may hold seats
in it. Afterwards it is listed as it ended and its takings stay in the reports;
seats, bookings and tickets are in the new file, which is a database like any
other and is verified before anything is removed.

Examples:
  seatcore db archive 1 show-1.db
  seatcore shows cancel 2 --yes && seatcore db archive 2 show-2.db --yes
  seatcore db archive 1 show-1.db && seatcore bookings list --db show-1.db")]
    Archive(ArchiveArgs),
    /// Give back to the disk what removed rows left in the file
    #[command(after_help = "\
Writes the file anew, which needs room for twice its size on the disk. Reading
goes on; sales wait meanwhile.

Examples:
  seatcore db vacuum
  seatcore db vacuum --json
  seatcore db vacuum --db copy.db --quiet")]
    Vacuum,
    /// Bring an older file up to date
    #[command(after_help = "\
Every command does this when it opens a file; the schema only ever grows. The
file as it was is kept beside it, as FILE.schema-N.bak; where the disk has no
room for that, nothing is changed.

Examples:
  seatcore db migrate
  seatcore db migrate --json
  seatcore db migrate --no-backup  # where a backup was made already")]
    Migrate(MigrateArgs),
}

/// Which show goes where.
#[derive(Debug, Args)]
pub struct ArchiveArgs {
    /// The show
    pub show: ShowId,
    /// A path where nothing is yet; its folder is made
    pub file: PathBuf,
}

/// How the file is brought up to date.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Keep no copy of the file as it was
    #[arg(long)]
    pub no_backup: bool,
}

/// Where the copy goes.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// A path where nothing is yet, or a folder, such as backups/: there the moment becomes its name
    pub file: PathBuf,
    /// Verify the copy as `verify` does
    #[arg(long)]
    pub verify: bool,
}

/// Which backup.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// What `db backup` wrote
    pub file: PathBuf,
}
