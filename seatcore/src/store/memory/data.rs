//! The rows, their indexes, and the one way in which they change.

use crate::accounts::{ApiKey, PasswordDigest, SecretHash, Session, User};
use crate::catalogue::layout::Layout;
use crate::catalogue::movie::{Movie, Poster};
use crate::catalogue::screen::Screen;
use crate::catalogue::show::Show;
use crate::clock::Timestamp;
use crate::house::Receipt;
use crate::house::event::{KeyTag, N, Record};
use crate::id::{
    BookingId, Epoch, Holder, KeyId, LayoutHash, MovieId, ScreenId, SessionId, ShowId, TicketKey,
    UserId,
};
use crate::store::{BookingRow, Changed, Standing, Verified};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Receipts written together.
pub(super) type ReceiptChunk = Arc<[(KeyTag, Receipt)]>;

/// Everything a store keeps.
#[derive(Debug, Clone)]
pub(super) struct Data {
    pub(super) epoch: Epoch,
    pub(super) ticket_key: TicketKey,
    pub(super) counters: Counters,
    pub(super) records: BTreeMap<N, Arc<Record>>,
    pub(super) sold: BTreeMap<(ShowId, u32), Arc<[u8]>>,
    pub(super) layouts: BTreeMap<LayoutHash, Arc<Layout>>,
    pub(super) movies: BTreeMap<MovieId, Arc<Movie>>,
    pub(super) posters: BTreeMap<MovieId, Arc<Poster>>,
    pub(super) screens: BTreeMap<ScreenId, Arc<Screen>>,
    pub(super) shows: BTreeMap<ShowId, Arc<Show>>,
    /// Shows in the order (start, number).
    pub(super) programme: BTreeMap<(Timestamp, u32), ShowId>,
    /// The same by screen.
    pub(super) on_screen: BTreeMap<ScreenId, BTreeSet<(Timestamp, ShowId)>>,
    pub(super) users: BTreeMap<UserId, Arc<Account>>,
    /// Users by folded name.
    pub(super) names: BTreeMap<String, UserId>,
    pub(super) sessions: BTreeMap<SessionId, Arc<KeptSession>>,
    /// Sessions by what is kept of their token.
    pub(super) tokens: BTreeMap<SecretHash, SessionId>,
    pub(super) keys: BTreeMap<KeyId, Arc<KeptKey>>,
    pub(super) standings: BTreeMap<ShowId, Standing>,
    /// Standings with a deadline, earliest first.
    pub(super) expiries: BTreeSet<(Timestamp, ShowId)>,
    pub(super) checkpoints: BTreeMap<ShowId, Arc<KeptCheckpoint>>,
    pub(super) receipts: BTreeMap<ShowId, Vec<ReceiptChunk>>,
    pub(super) bookings: BTreeMap<BookingId, Arc<BookingRow>>,
    pub(super) order: BookingOrder,
    pub(super) tickets: BTreeMap<(ShowId, u32), BookingId>,
    /// The number of the valid ticket of a seat: a seat has at most one.
    pub(super) seats: BTreeMap<(ShowId, u32), u32>,
    pub(super) quarantine: BTreeMap<ShowId, Arc<str>>,
    /// What was made under a key, and the fingerprint of what was asked.
    pub(super) creations: BTreeMap<KeyTag, (u64, Changed)>,
    pub(super) verified: Verified,
}

/// Numbers that only grow. The first four are the last ids given, so none is given twice.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counters {
    pub(super) movies: u32,
    pub(super) screens: u32,
    pub(super) shows: u32,
    pub(super) users: u32,
    pub(super) followed_to: N,
    pub(super) quarantines: u64,
    pub(super) archives: u64,
    /// Grows whenever somebody who was let in no longer is.
    pub(super) accounts: u64,
}

/// A user and their password.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) user: User,
    pub(super) password: PasswordDigest,
}

/// A session and what is kept of its token.
#[derive(Debug, Clone)]
pub(super) struct KeptSession {
    pub(super) session: Session,
    pub(super) token: SecretHash,
}

/// A key and what is kept of its secret.
#[derive(Debug, Clone)]
pub(super) struct KeptKey {
    pub(super) key: ApiKey,
    pub(super) secret: SecretHash,
}

/// A house as of a record of it.
#[derive(Debug)]
pub(super) struct KeptCheckpoint {
    pub(super) n: N,
    pub(super) house: Vec<u8>,
}

/// Bookings by the record that made them, oldest first: all, by show and by holder.
#[derive(Debug, Clone, Default)]
pub(super) struct BookingOrder {
    pub(super) all: BTreeSet<(N, BookingId)>,
    pub(super) by_show: BTreeMap<ShowId, BTreeSet<(N, BookingId)>>,
    pub(super) by_holder: BTreeMap<Holder, BTreeSet<(N, BookingId)>>,
}

/// One primitive change: a row as it shall be, or none. Rows are shared, because each change is
/// kept until the turn ends and is made in both copies.
#[derive(Debug, Clone)]
pub(super) enum Put {
    Counters(Counters),
    Record(N, Option<Arc<Record>>),
    Sold((ShowId, u32), Option<Arc<[u8]>>),
    Layout(LayoutHash, Option<Arc<Layout>>),
    Movie(MovieId, Option<Arc<Movie>>),
    Poster(MovieId, Option<Arc<Poster>>),
    Screen(ScreenId, Option<Arc<Screen>>),
    Show(ShowId, Option<Arc<Show>>),
    User(UserId, Option<Arc<Account>>),
    Session(SessionId, Option<Arc<KeptSession>>),
    Key(KeyId, Option<Arc<KeptKey>>),
    Standing(ShowId, Option<Standing>),
    Checkpoint(ShowId, Option<Arc<KeptCheckpoint>>),
    /// One more at the end, or one less.
    Receipts(ShowId, Option<ReceiptChunk>),
    Booking(BookingId, Option<Arc<BookingRow>>),
    Ticket((ShowId, u32), Option<BookingId>),
    Seat((ShowId, u32), Option<u32>),
    Quarantine(ShowId, Option<Arc<str>>),
    Creation(KeyTag, Option<(u64, Changed)>),
    Verified(Verified),
}

/// A name as names are compared: like SQLite's NOCASE, so that both stores refuse the same names.
pub(super) fn folded(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}

/// Sets or removes a row; what was there comes back.
fn swap<K: Ord, V>(rows: &mut BTreeMap<K, V>, key: K, row: Option<V>) -> Option<V> {
    match row {
        Some(row) => rows.insert(key, row),
        None => rows.remove(&key),
    }
}

/// Adds to or removes from one of several sets; a set that is empty is not kept.
fn mark<K: Ord, V: Ord>(sets: &mut BTreeMap<K, BTreeSet<V>>, key: K, value: V, there: bool) {
    if there {
        sets.entry(key).or_default().insert(value);
    } else if let Some(set) = sets.get_mut(&key) {
        set.remove(&value);
        if set.is_empty() {
            sets.remove(&key);
        }
    }
}

impl Data {
    /// A log without a record and tables without a row.
    pub(super) fn empty(epoch: Epoch, ticket_key: TicketKey) -> Self {
        Self {
            epoch,
            ticket_key,
            counters: Counters::default(),
            records: BTreeMap::new(),
            sold: BTreeMap::new(),
            layouts: BTreeMap::new(),
            movies: BTreeMap::new(),
            posters: BTreeMap::new(),
            screens: BTreeMap::new(),
            shows: BTreeMap::new(),
            programme: BTreeMap::new(),
            on_screen: BTreeMap::new(),
            users: BTreeMap::new(),
            names: BTreeMap::new(),
            sessions: BTreeMap::new(),
            tokens: BTreeMap::new(),
            keys: BTreeMap::new(),
            standings: BTreeMap::new(),
            expiries: BTreeSet::new(),
            checkpoints: BTreeMap::new(),
            receipts: BTreeMap::new(),
            bookings: BTreeMap::new(),
            order: BookingOrder::default(),
            tickets: BTreeMap::new(),
            seats: BTreeMap::new(),
            quarantine: BTreeMap::new(),
            creations: BTreeMap::new(),
            verified: Verified::default(),
        }
    }

    /// Makes a change and says how it is taken back.
    pub(super) fn put(&mut self, put: Put) -> Put {
        match put {
            Put::Counters(new) => Put::Counters(std::mem::replace(&mut self.counters, new)),
            Put::Record(n, row) => Put::Record(n, swap(&mut self.records, n, row)),
            Put::Sold(key, bits) => Put::Sold(key, swap(&mut self.sold, key, bits)),
            Put::Layout(hash, row) => Put::Layout(hash, swap(&mut self.layouts, hash, row)),
            Put::Movie(id, row) => Put::Movie(id, swap(&mut self.movies, id, row)),
            Put::Poster(id, row) => Put::Poster(id, swap(&mut self.posters, id, row)),
            Put::Screen(id, row) => Put::Screen(id, swap(&mut self.screens, id, row)),
            Put::Show(id, row) => self.put_show(id, row),
            Put::User(id, row) => self.put_user(id, row),
            Put::Session(id, row) => self.put_session(id, row),
            Put::Key(id, row) => Put::Key(id, swap(&mut self.keys, id, row)),
            Put::Standing(id, row) => self.put_standing(id, row),
            Put::Checkpoint(id, row) => Put::Checkpoint(id, swap(&mut self.checkpoints, id, row)),
            Put::Receipts(show, chunk) => self.put_receipts(show, chunk),
            Put::Booking(id, row) => self.put_booking(id, row),
            Put::Ticket(key, id) => Put::Ticket(key, swap(&mut self.tickets, key, id)),
            Put::Seat(key, number) => Put::Seat(key, swap(&mut self.seats, key, number)),
            Put::Quarantine(id, row) => Put::Quarantine(id, swap(&mut self.quarantine, id, row)),
            Put::Creation(tag, row) => Put::Creation(tag, swap(&mut self.creations, tag, row)),
            Put::Verified(new) => Put::Verified(std::mem::replace(&mut self.verified, new)),
        }
    }

    fn put_receipts(&mut self, show: ShowId, chunk: Option<ReceiptChunk>) -> Put {
        let chunks = self.receipts.entry(show).or_default();
        let back = match chunk {
            Some(chunk) => {
                chunks.push(chunk);
                None
            }
            None => chunks.pop(),
        };
        if chunks.is_empty() {
            self.receipts.remove(&show);
        }
        Put::Receipts(show, back)
    }

    fn put_show(&mut self, id: ShowId, row: Option<Arc<Show>>) -> Put {
        let new = row.clone();
        let old = swap(&mut self.shows, id, row);
        for (show, there) in [(&old, false), (&new, true)] {
            let Some(show) = show else { continue };
            let starts_at = show.opening.terms.starts_at;
            swap(&mut self.programme, (starts_at, id.get()), there.then_some(id));
            mark(&mut self.on_screen, show.opening.screen, (starts_at, id), there);
        }
        Put::Show(id, old)
    }

    fn put_user(&mut self, id: UserId, row: Option<Arc<Account>>) -> Put {
        let new = row.as_ref().map(|account| folded(&account.user.name));
        let old = swap(&mut self.users, id, row);
        if let Some(account) = &old {
            self.names.remove(&folded(&account.user.name));
        }
        if let Some(name) = new {
            self.names.insert(name, id);
        }
        Put::User(id, old)
    }

    fn put_session(&mut self, id: SessionId, row: Option<Arc<KeptSession>>) -> Put {
        let new = row.as_ref().map(|kept| kept.token);
        let old = swap(&mut self.sessions, id, row);
        if let Some(kept) = &old {
            self.tokens.remove(&kept.token);
        }
        if let Some(token) = new {
            self.tokens.insert(token, id);
        }
        Put::Session(id, old)
    }

    fn put_standing(&mut self, show: ShowId, row: Option<Standing>) -> Put {
        let old = swap(&mut self.standings, show, row);
        if let Some(at) = old.and_then(|old| old.next_expiry) {
            self.expiries.remove(&(at, show));
        }
        if let Some(at) = row.and_then(|new| new.next_expiry) {
            self.expiries.insert((at, show));
        }
        Put::Standing(show, old)
    }

    fn put_booking(&mut self, id: BookingId, row: Option<Arc<BookingRow>>) -> Put {
        let new = row.clone();
        let old = swap(&mut self.bookings, id, row);
        for (booking, there) in [(&old, false), (&new, true)] {
            if let Some(booking) = booking {
                self.order.mark(booking, there);
            }
        }
        Put::Booking(id, old)
    }
}

impl BookingOrder {
    fn mark(&mut self, booking: &BookingRow, there: bool) {
        let place = (booking.n, booking.id);
        if there {
            self.all.insert(place);
        } else {
            self.all.remove(&place);
        }
        mark(&mut self.by_show, booking.show, place, there);
        mark(&mut self.by_holder, booking.holder.clone(), place, there);
    }
}
