//! The store: how the log and its folds are kept. A driver knows load, turn, follow and clockless
//! mechanics, and nothing of the rules.
//!
//! # The contract
//! One [`Store`] belongs to one lane. A turn is `begin`, any number of reads, at most one
//! `append`, `follow` and any number of `change`s, then `commit` or `roll_back`. Between `begin`
//! for writing and `commit` no other process commits. What was appended is durable when `commit`
//! returns `Ok`, and not before. A `commit` that returns an error leaves its fate open: the lane
//! calls `recover`, after which the file's content is settled. Records are numbered without a gap
//! and never change. Reads inside a turn see the turn's own writes.
//!
//! [`Tables`] is the other half: questions to committed rows, from any thread.

use self::accounts::{AccountChange, AccountTables};
use crate::catalogue::layout::Layout;
use crate::catalogue::movie::{Movie, MoviePatch, NewMovie, Poster};
use crate::catalogue::screen::{NewScreen, Screen};
use crate::catalogue::show::{Opening, Show, ShowFilter, Terms};
use crate::clock::Timestamp;
use crate::error::Error;
use crate::house::event::{ChainHash, Key, KeyTag, N, Record, Seq};
use crate::house::hold::HoldState;
use crate::house::rejection::Rejection;
use crate::house::{House, Receipt};
use crate::id::{
    BookingId, Epoch, Holder, LayoutHash, MovieId, ScreenId, ShowId, TicketKey, UserId,
};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

pub mod accounts;
pub mod memory;
#[cfg(feature = "sqlite")]
pub mod sqlite;

/// Seats in one chunk of sold bits.
pub const SOLD_CHUNK_SEATS: u32 = 4_096;

/// A turn's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only reads; never waits for a writer.
    Read,
    /// The write lock is taken.
    Write,
}

/// What a turn finds: if any of it is not as the lane remembers, the lane catches up or stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// The file's history.
    pub epoch: Epoch,
    /// The newest record; 0 in an empty log.
    pub head: N,
    /// Its hash.
    pub hash: ChainHash,
    /// Its moment; none in an empty log.
    pub at: Option<Timestamp>,
    /// Every record up to here is in the tables.
    pub followed_to: N,
    /// Grows whenever a show is quarantined or set free.
    pub quarantines: u64,
    /// Grows whenever a show's records leave.
    pub archives: u64,
}

/// What is kept of a show besides its records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptHouse {
    /// The show's newest record as of `followed_to`; 0 if none was followed.
    pub head: N,
    /// Bytes of a house, as of some record of it.
    pub checkpoint: Option<Vec<u8>>,
    /// Receipts up to that record.
    pub receipts: Vec<(KeyTag, Receipt)>,
    /// Why the show is stopped, if it is.
    pub quarantine: Option<String>,
}

/// Sold seats of one chunk, before and after a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoldChange {
    /// The show.
    pub show: ShowId,
    /// The chunk: seats from `chunk * 4096` on.
    pub chunk: u32,
    /// What the house had before the turn; the file must say the same.
    pub before: Vec<u8>,
    /// What it has now.
    pub after: Vec<u8>,
}

/// Where a show stands, for lists and for the sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The show.
    pub show: ShowId,
    /// Its newest record.
    pub n: N,
    /// Its newest event.
    pub seq: Seq,
    /// Seats under a hold by the log's word, lapses not looked at.
    pub held: u32,
    /// Sold seats.
    pub booked: u32,
    /// Seats off sale.
    pub blocked: u32,
    /// The earliest deadline that is not published as lapsed.
    pub next_expiry: Option<Timestamp>,
}

impl Standing {
    /// Where this house stands.
    pub fn of(house: &House) -> Self {
        let (head, counts) = (house.head(), house.stats(Timestamp::from_millis(0)));
        Self {
            show: house.show(),
            n: head.n,
            seq: head.seq,
            held: counts.held,
            booked: counts.booked,
            blocked: counts.blocked,
            next_expiry: house.next_expiry(),
        }
    }

    /// Where a show stands of which nothing is known.
    pub const fn before_all(show: ShowId) -> Self {
        Self { show, n: 0, seq: 0, held: 0, booked: 0, blocked: 0, next_expiry: None }
    }
}

/// A house to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The show.
    pub show: ShowId,
    /// The record it is as of.
    pub n: N,
    /// Its bytes.
    pub house: Vec<u8>,
    /// Receipts since the last chunk.
    pub receipts: Vec<(KeyTag, Receipt)>,
}

/// What one step of following writes. `followed_to` moves in the same transaction.
#[derive(Debug, Default)]
pub struct Slice {
    /// The records, in order, from the first that was not followed.
    pub records: Vec<Arc<Record>>,
    /// Every record up to here is followed with it.
    pub followed_to: N,
    /// Where the shows of these records stand.
    pub standings: Vec<Standing>,
    /// Houses to keep.
    pub checkpoints: Vec<Checkpoint>,
}

/// A booking that following refuses: a seat of it has a valid ticket already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondTicket {
    /// The show.
    pub show: ShowId,
    /// Its record, the earliest of a slice that is refused.
    pub n: N,
}

/// A write that is no record: catalogue, accounts, quarantine.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "fields are the parts named by their types")]
pub enum Change {
    /// A new movie.
    AddMovie(NewMovie),
    /// Another title, length or description.
    EditMovie { movie: MovieId, patch: MoviePatch },
    /// Gone; refused while shows use it.
    RemoveMovie { movie: MovieId },
    /// Another poster, or none.
    SetPoster { movie: MovieId, poster: Option<Poster> },
    /// A new screen; its layout is kept for ever.
    AddScreen(NewScreen),
    /// Another name or plan for new shows.
    EditScreen { screen: ScreenId, change: NewScreen },
    /// Gone; refused while shows use it.
    RemoveScreen { screen: ScreenId },
    /// A number for a new show and its row; refused if the screen is busy then.
    PlaceShow { opening: Opening },
    /// Other terms; refused if the screen is busy then. A cancelled show frees its screen.
    MoveShow { show: ShowId, terms: Terms, cancelled: bool },
    /// Who may ask.
    Account(AccountChange),
    /// What was made under a key, for retries.
    Remember { key: Key, made: Changed },
    /// The show stops until somebody repairs it.
    Quarantine { show: ShowId, reason: String },
    /// How far the log was verified.
    Verified(Verified),
}

/// What a change made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Changed {
    Movie(MovieId),
    Screen(ScreenId),
    Show(ShowId),
    User(UserId),
    /// A session or an API key.
    Account,
    /// What the file says of itself.
    File,
}

/// What a change made, or why it was refused, or what failed.
pub(crate) type Made = Result<Result<Changed, Rejection>, Error>;

/// The writer's half. See the [module](self) for the contract.
pub trait Store: Send + fmt::Debug {
    /// Begins a turn and reads the fence. Checks that commits are durable.
    fn begin(&mut self, access: Access) -> Result<Fence, Error>;
    /// Records behind `after`, in order, at most `limit`.
    fn records(&mut self, after: N, limit: usize) -> Result<Vec<Record>, Error>;
    /// What is kept of a show.
    fn house(&mut self, show: ShowId) -> Result<KeptHouse, Error>;
    /// A layout by its hash.
    fn layout(&mut self, hash: LayoutHash) -> Result<Option<Layout>, Error>;
    /// Shows whose next expiry is `until` or earlier, earliest first, at most `limit`.
    fn due(&mut self, until: Timestamp, limit: usize) -> Result<Vec<ShowId>, Error>;
    /// Compares and swaps sold bits, then appends records. The inner error names a show whose
    /// sold bits are not what its house says.
    fn append(
        &mut self,
        records: &[Arc<Record>],
        sold: &[SoldChange],
    ) -> Result<Result<(), ShowId>, Error>;
    /// Writes a slice of following. The inner error names what would sell a seat twice.
    fn follow(&mut self, slice: &Slice) -> Result<Result<(), SecondTicket>, Error>;
    /// Removes what is kept of a show besides its newest record, which ends its chain and which
    /// this standing is of. Every record before it was followed.
    fn archive(&mut self, standing: &Standing) -> Result<(), Error>;
    /// What the first success under this key made, and the fingerprint of what was asked.
    fn creation(&mut self, tag: KeyTag) -> Result<Option<(u64, Changed)>, Error>;
    /// Writes a change, or refuses it and leaves no trace.
    fn change(&mut self, change: &Change) -> Result<Result<Changed, Rejection>, Error>;
    /// Makes the turn durable.
    fn commit(&mut self) -> Result<(), Error>;
    /// Ends the turn without a trace.
    fn roll_back(&mut self);
    /// After a failed commit: settles what the file says, and starts anew.
    fn recover(&mut self) -> Result<(), Error>;
    /// Upkeep between turns, when nobody waits or it can no longer wait.
    fn tend(&mut self, idle: bool) -> Result<(), Error>;
    /// The readers' half.
    fn tables(&self) -> Arc<dyn Tables>;
}

/// Where the records of an archived show are.
pub trait Shelf: Send + fmt::Debug {
    /// Adds the record that ends the chain and makes all of it durable, under its name.
    fn seal(&mut self, record: &Record) -> Result<(), Error>;
}

/// A booking as the tables have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingRow {
    /// The record that booked it: newer bookings have larger numbers.
    pub n: N,
    /// Its name.
    pub id: BookingId,
    /// Its show.
    pub show: ShowId,
    /// Whose it is.
    pub holder: Holder,
    /// `booked` or `cancelled`.
    pub state: HoldState,
    /// When it was booked.
    pub booked_at: Timestamp,
    /// What it cost, in minor units.
    pub total_minor: i64,
    /// The caller's reference.
    pub reference: Option<String>,
    /// The number of its first ticket.
    pub first_ticket: u32,
    /// Its seats in plan order.
    pub seats: Vec<u32>,
    /// The event that made it so.
    pub seq: Seq,
}

/// Which bookings are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BookingFilter {
    /// In this show.
    pub show: Option<ShowId>,
    /// Of this holder.
    pub holder: Option<Holder>,
    /// Older than this one: where the last page ended.
    pub before: Option<BookingId>,
    /// At most this many; 0 means 200.
    pub limit: u32,
}

/// What the readers' half knows of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// The file's history.
    pub epoch: Epoch,
    /// The newest record.
    pub head: N,
    /// Every record up to here is in the tables.
    pub followed_to: N,
    /// Makes ticket codes.
    pub ticket_key: TicketKey,
}

/// What `verify` compares with its own fold: everything a file keeps besides its records, by show,
/// read at one moment.
pub type KeptFolds = BTreeMap<ShowId, KeptRows>;

/// Rows that are folded from one show's records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptRows {
    /// Its row in the programme.
    pub show: Option<Show>,
    /// Where it stands.
    pub standing: Option<Standing>,
    /// Sold bits by chunk.
    pub sold: Vec<(u32, Vec<u8>)>,
    /// Its bookings.
    pub bookings: Vec<BookingRow>,
    /// Valid tickets: seat, number.
    pub tickets: Vec<(u32, u32)>,
    /// The record that its checkpoint is as of.
    pub checkpoint: Option<N>,
    /// Receipts in chunks.
    pub receipts: Vec<(KeyTag, Receipt)>,
    /// Why it is stopped, if it is.
    pub stopped: Option<String>,
}

pub(crate) fn rows_of(folds: &mut KeptFolds, show: ShowId) -> &mut KeptRows {
    folds.entry(show).or_default()
}

/// How far the log was verified, and what each show was then.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Every record up to here was folded, and agreed with all that is kept.
    pub to: N,
    /// By show.
    pub marks: Vec<Mark>,
}

/// What a show was when it was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The show's number; [`FILE_SHOW`](crate::house::event::FILE_SHOW) for the file's own records.
    pub show: u32,
    /// Its newest record.
    pub n: N,
    /// That record's hash.
    pub hash: ChainHash,
    /// How many records it had.
    pub records: u64,
    /// A hash of its house.
    pub house: [u8; 16],
    /// A hash of its rows.
    pub rows: [u8; 16],
}

/// What a pass over the log is given.
pub trait LogVisitor {
    /// Checkpoints as of a record at or before the one behind which the pass begins.
    fn checkpoints(&mut self, kept: Vec<(ShowId, N, Vec<u8>)>);
    /// A segment of records, with the checkpoints whose record lies in it.
    fn segment(&mut self, records: Vec<Record>, checkpoints: Vec<(ShowId, N, Vec<u8>)>);
    /// The last segment was read at this moment; these are the folds of the same moment.
    fn end(&mut self, state: FileState, folds: KeptFolds);
}

/// The readers' half: committed rows, from any thread.
pub trait Tables: AccountTables + Send + Sync + fmt::Debug {
    /// The file as of now.
    fn state(&self) -> Result<FileState, Error>;
    /// Movies by title.
    fn movies(&self) -> Result<Vec<Movie>, Error>;
    /// One movie.
    fn movie(&self, movie: MovieId) -> Result<Option<Movie>, Error>;
    /// A movie's poster.
    fn poster(&self, movie: MovieId) -> Result<Option<Poster>, Error>;
    /// Screens by number.
    fn screens(&self) -> Result<Vec<Screen>, Error>;
    /// One screen.
    fn screen(&self, screen: ScreenId) -> Result<Option<Screen>, Error>;
    /// A layout by its hash.
    fn layout(&self, hash: LayoutHash) -> Result<Option<Layout>, Error>;
    /// Shows by start.
    fn shows(&self, filter: &ShowFilter) -> Result<Vec<Show>, Error>;
    /// One show.
    fn show(&self, show: ShowId) -> Result<Option<Show>, Error>;
    /// Where shows stand, for those that were followed.
    fn standings(&self, shows: &[ShowId]) -> Result<Vec<Standing>, Error>;
    /// Bookings, newest first.
    fn bookings(&self, filter: &BookingFilter) -> Result<Vec<BookingRow>, Error>;
    /// One booking.
    fn booking(&self, booking: BookingId) -> Result<Option<BookingRow>, Error>;
    /// The booking that a ticket belongs to.
    fn ticket(&self, show: ShowId, number: u32) -> Result<Option<BookingRow>, Error>;
    /// A show's records, newest first: from its head, or from before `before`, until `seq` is
    /// `down_to` or less; at most `limit`.
    fn history(
        &self,
        show: ShowId,
        before: Option<N>,
        down_to: Seq,
        limit: usize,
    ) -> Result<Vec<Record>, Error>;
    /// Records of all shows behind `after`, in order.
    fn records(&self, after: N, limit: usize) -> Result<Vec<Record>, Error>;
    /// Walks the log behind `after` in segments of `size` records, each read at one moment.
    fn walk(&self, after: N, size: usize, visitor: &mut dyn LogVisitor) -> Result<(), Error>;
    /// How far the log was verified.
    fn verified(&self) -> Result<Verified, Error>;
    /// Writes a consistent copy to a path that must not exist.
    fn backup(&self, to: &Path) -> Result<(), Error>;
    /// The store's own check of its file: an empty list is good news.
    fn check(&self) -> Result<Vec<String>, Error>;
}
