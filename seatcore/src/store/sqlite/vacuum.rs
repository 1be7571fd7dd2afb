//! Giving back to the disk what a file no longer needs.

use crate::error::Error;
use crate::store::sqlite::statement::run;
use crate::store::sqlite::turnstile::Turnstile;
use crate::store::sqlite::{checkpointer, open, room};
use std::path::Path;

/// What a file took before and takes now, its write-ahead log included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Vacuumed {
    /// Bytes before.
    pub before: u64,
    /// Bytes now; readers that are still at it keep the write-ahead log large for a while.
    pub after: u64,
}

/// Writes a file anew without the room that removed rows left, whoever else has it open. Nobody
/// writes meanwhile; reading goes on.
///
/// # Errors
/// `storage` with reason `disk full`, before anything is done, where there is no room for twice the
/// file; `busy` if a writer does not let go; else as opening it.
pub fn vacuum(path: &Path) -> Result<Vacuumed, Error> {
    let connection = open::writer(path)?;
    let before = room::needed_by_copy(path);
    room::require(path, before.saturating_mul(2), "writing the file anew")?;
    Turnstile::beside(path).pass(|| run(&connection, "VACUUM", []))?;
    // Who still reads keeps it large for a while.
    checkpointer::empty(&connection)?;
    Ok(Vacuumed { before, after: room::needed_by_copy(path) })
}
