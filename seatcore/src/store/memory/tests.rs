//! Every kind of change is taken back, published by a commit, and seen by nobody before it.

use super::MemoryStore;
use crate::accounts::{NewUser, PasswordDigest, Role};
use crate::catalogue::layout::Layout;
use crate::catalogue::movie::{MoviePatch, NewMovie, Poster};
use crate::catalogue::price::Prices;
use crate::catalogue::screen::NewScreen;
use crate::catalogue::show::{Opening, Sales, ShowFilter, ShowLimits, Terms};
use crate::clock::Timestamp;
use crate::error::{BusyReason, Error};
use crate::house::Receipt;
use crate::house::event::{Caller, Entry, Fact, N, Part, Record, Rest, Source};
use crate::house::hold::{HoldState, SeatPrice};
use crate::house::rejection::{Rejection, What};
use crate::id::{BookingId, HoldId, Holder, MovieId, ScreenId, SeatIndex, ShowId, UserId};
use crate::money::Currency;
use crate::store::accounts::AccountChange;
use crate::store::{
    Access, BookingFilter, Change, Changed, Checkpoint, SecondTicket, Slice, SoldChange, Standing,
    Store,
};
use std::sync::Arc;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(1_800_000_000_000 + minutes * 60_000)
}

fn show() -> ShowId {
    ShowId::new(1).expect("a show")
}

fn layout() -> Layout {
    Layout::parse("A-B:5").expect("a layout")
}

fn movie(title: &str, poster: bool) -> NewMovie {
    let image = Poster::new(b"\xFF\xD8\xFFposter".to_vec()).expect("a poster");
    let poster = poster.then_some(image);
    NewMovie { title: title.to_owned(), minutes: 100, description: String::new(), poster }
}

fn terms(starts: i64) -> Terms {
    Terms {
        starts_at: at(starts),
        ends_at: at(starts + 100),
        sales: Sales { opens_at: at(-1_000), closes_at: None, closed: false },
        prices: Prices::flat(Currency::EUR, 1_000),
        limits: ShowLimits::default(),
    }
}

fn place(starts: i64) -> Change {
    let movie = MovieId::new(1).expect("a movie");
    let screen = ScreenId::new(1).expect("a screen");
    let layout = layout().hash();
    Change::PlaceShow { opening: Opening { movie, screen, layout, terms: terms(starts) } }
}

fn user(name: &str) -> Change {
    let password = PasswordDigest::from_stored("hash".to_owned());
    let user = NewUser { name: name.to_owned(), password, role: Role::Customer };
    Change::Account(AccountChange::AddUser { user, at: at(0) })
}

/// A movie with a poster, a screen, a show at 0 and a user, each with number 1.
fn catalogue() -> Vec<Change> {
    let screen = NewScreen::new("One", layout());
    vec![Change::AddMovie(movie("Alien", true)), Change::AddScreen(screen), place(0), user("Ada")]
}

fn record(n: N, fact: Fact) -> Arc<Record> {
    let (caller, source) = (Caller::Unnamed, Source::Rust);
    let entry = Entry { fact, caller, source, key: None, span: 1 };
    let (show, seq, prev_n) = (show().get(), Some(n), n - 1);
    let (hash, body) = ([n as u8; 16], Box::default());
    Arc::new(Record { n, show, seq, at: at(n as i64), prev_n, hash, entry, body })
}

fn hold(number: u64) -> HoldId {
    HoldId::mint(0, number, show())
}

fn part(number: u64, seats: &[u32]) -> Part {
    let priced = |seat: &u32| SeatPrice { seat: SeatIndex(*seat), price: 1_000 };
    let holder = Holder::parse("ada").expect("a holder");
    let seats = seats.iter().map(priced).collect();
    Part { hold: hold(number), holder, seats, reference: None }
}

fn booked(n: N, seats: &[u32], first_ticket: u32) -> Arc<Record> {
    let (part, from) = (part(n, seats), hold(n));
    record(n, Fact::Booked { part, from, first_ticket, rest: Rest::None })
}

fn slice(records: Vec<Arc<Record>>) -> Slice {
    let n = records.last().map_or(0, |record| record.n);
    let next_expiry = Some(at(n as i64));
    let standing =
        Standing { show: show(), n, seq: n, held: 0, booked: 1, blocked: 0, next_expiry };
    let receipts = vec![([n as u8; 16], Receipt { n, fingerprint: n })];
    let checkpoint = Checkpoint { show: show(), n, house: vec![n as u8], receipts };
    Slice { records, followed_to: n, standings: vec![standing], checkpoints: vec![checkpoint] }
}

fn sold(before: u8, after: u8) -> SoldChange {
    SoldChange { show: show(), chunk: 0, before: vec![before], after: vec![after, 0] }
}

fn accepted<T, E: std::fmt::Debug>(done: Result<Result<T, E>, Error>) -> T {
    done.expect("no fault").expect("no refusal")
}

fn begin(store: &mut MemoryStore) {
    store.begin(Access::Write).expect("a turn");
}

/// A store with the catalogue and one booking of seats 0 and 1, committed.
fn furnished() -> MemoryStore {
    let mut store = MemoryStore::new(1);
    begin(&mut store);
    for change in catalogue() {
        accepted(store.change(&change));
    }
    let first = booked(1, &[0, 1], 1);
    accepted(store.append(&[Arc::clone(&first)], &[sold(0, 3)]));
    accepted(store.follow(&slice(vec![first])));
    store.commit().expect("committed");
    store
}

/// Everything the turn sees, in words; passwords apart, because they never print.
fn all_of(store: &MemoryStore) -> (String, Vec<String>) {
    store.read(|data| {
        let passwords = data.users.values().map(|account| account.password.as_stored().to_owned());
        (format!("{data:?}"), passwords.collect())
    })
}

/// Does something in a turn of a furnished store; it must change something, be taken back, and be
/// published whole.
fn is_taken_back(work: impl Fn(&mut MemoryStore)) {
    let mut store = furnished();
    let before = all_of(&store);
    begin(&mut store);
    work(&mut store);
    let changed = all_of(&store);
    assert_ne!(changed, before, "it changes something");
    assert_eq!(all_of(&store.share()), before, "nobody sees it before the commit");
    store.roll_back();
    assert_eq!(all_of(&store), before);
    begin(&mut store);
    assert_eq!(all_of(&store), before, "the copy that is worked on is as before too");
    work(&mut store);
    store.commit().expect("committed");
    assert_eq!(all_of(&store), changed, "a commit publishes all of it");
}

fn change_is_taken_back(change: &Change) {
    is_taken_back(|store| {
        accepted(store.change(change));
    });
}

#[test]
fn changes_of_movies_are_taken_back() {
    let id = MovieId::new(1).expect("a movie");
    let unused = Change::AddMovie(movie("Brazil", true));
    let patch = MoviePatch { title: Some("Aliens".to_owned()), ..MoviePatch::default() };
    change_is_taken_back(&unused);
    change_is_taken_back(&Change::EditMovie { movie: id, patch });
    change_is_taken_back(&Change::SetPoster { movie: id, poster: None });
    is_taken_back(|store| {
        let Changed::Movie(movie) = accepted(store.change(&unused)) else { panic!("a movie") };
        accepted(store.change(&Change::RemoveMovie { movie }));
    });
}

#[test]
fn changes_of_screens_and_shows_are_taken_back() {
    let screen = ScreenId::new(1).expect("a screen");
    let other = NewScreen::new("Two", Layout::parse("A-C:9").expect("a layout"));
    change_is_taken_back(&Change::AddScreen(other.clone()));
    change_is_taken_back(&Change::EditScreen { screen, change: other.clone() });
    change_is_taken_back(&place(115));
    for cancelled in [false, true] {
        change_is_taken_back(&Change::MoveShow { show: show(), terms: terms(50), cancelled });
    }
    change_is_taken_back(&Change::Quarantine { show: show(), reason: "why".to_owned() });
    is_taken_back(|store| {
        let made = accepted(store.change(&Change::AddScreen(other.clone())));
        let Changed::Screen(screen) = made else { panic!("a screen") };
        accepted(store.change(&Change::RemoveScreen { screen }));
    });
}

#[test]
fn changes_of_users_are_taken_back() {
    let id = UserId::new(1).expect("a user");
    let password = PasswordDigest::from_stored("another".to_owned());
    change_is_taken_back(&user("Bob"));
    change_is_taken_back(&Change::Account(AccountChange::EditUser {
        user: id,
        role: Some(Role::Staff),
        disabled: None,
    }));
    change_is_taken_back(&Change::Account(AccountChange::SetPassword {
        user: id,
        password,
        checked: None,
    }));
    change_is_taken_back(&Change::Account(AccountChange::EditUser {
        user: id,
        role: None,
        disabled: Some(true),
    }));
}

#[test]
fn appending_and_following_are_taken_back() {
    let second = booked(2, &[4], 3);
    let fact =
        Fact::Cancelled { part: part(1, &[0, 1]), booked_at: at(1), first_ticket: 1, reason: None };
    let cancelled = record(2, fact);
    let show_cancelled = record(2, Fact::ShowCancelled { reason: None });
    is_taken_back(|store| accepted(store.append(&[Arc::clone(&second)], &[sold(3, 19)])));
    for record in [&second, &cancelled, &show_cancelled] {
        is_taken_back(|store| accepted(store.follow(&slice(vec![Arc::clone(record)]))));
    }
}

#[test]
fn what_is_refused_leaves_no_trace_in_its_turn() {
    let mut store = furnished();
    begin(&mut store);
    let before = all_of(&store);
    assert_eq!(store.append(&[], &[sold(3, 7), sold(0, 1)]), Ok(Err(show())));
    let doubled = slice(vec![booked(2, &[5, 1], 3)]);
    assert_eq!(store.follow(&doubled), Ok(Err(SecondTicket { show: show(), n: 2 })));
    assert!(store.append(&[booked(2, &[5], 3), booked(4, &[6], 4)], &[]).is_err(), "a gap");
    let overlap = Rejection::Overlap { show: show() };
    assert_eq!(store.change(&place(114)), Ok(Err(overlap)), "a minute too early");
    assert_eq!(store.change(&user(" ADA ")), Ok(Err(Rejection::NameTaken)));
    let screen = Change::RemoveScreen { screen: ScreenId::new(1).expect("a screen") };
    assert_eq!(store.change(&screen), Ok(Err(Rejection::InUse { by: What::Show })));
    assert_eq!(all_of(&store), before);
}

#[test]
fn a_cancelled_booking_frees_its_seats_and_keeps_its_row() {
    let mut store = furnished();
    begin(&mut store);
    let cancelled = record(2, Fact::ShowCancelled { reason: None });
    accepted(store.follow(&slice(vec![cancelled, booked(3, &[1], 3)])));
    store.commit().expect("committed");
    let tables = store.tables();
    let rows = tables.bookings(&BookingFilter::default()).expect("rows");
    let states: Vec<_> = rows.iter().map(|row| (row.n, row.state, row.seq)).collect();
    assert_eq!(states, [(3, HoldState::Booked, 3), (1, HoldState::Cancelled, 2)]);
    let before = Some(BookingId::from(hold(3)));
    let older = tables.bookings(&BookingFilter { before, ..BookingFilter::default() });
    assert_eq!(older.expect("rows"), rows[1..]);
    assert_eq!(tables.ticket(show(), 2).expect("a row").as_ref(), rows.get(1));
}

#[test]
fn a_turn_for_reading_stays_at_its_moment_and_waits_for_nobody() {
    let (mut writer, mut reader) = (furnished(), None);
    begin(&mut writer);
    let reader = reader.insert(writer.share());
    assert_eq!(reader.begin(Access::Read).expect("a turn").head, 1);
    accepted(writer.append(&[booked(2, &[4], 3)], &[sold(3, 19)]));
    writer.commit().expect("committed");
    assert_eq!(reader.records(0, 9).expect("records").len(), 1);
    reader.commit().expect("ended");
    assert_eq!(reader.begin(Access::Read).expect("a turn").head, 2);
}

#[test]
fn a_turn_for_writing_waits_for_the_other_store() {
    let mut first = MemoryStore::new(1);
    let mut second = first.share();
    begin(&mut first);
    let waiting = std::thread::spawn(move || second.begin(Access::Write).map(|fence| fence.head));
    accepted(first.append(&[booked(1, &[4], 1)], &[]));
    first.commit().expect("committed");
    assert_eq!(waiting.join().expect("no panic"), Ok(1));
    begin(&mut first);
    let busy = first.share().begin(Access::Write);
    assert!(matches!(busy, Err(Error::Busy { reason: BusyReason::Lock, .. })), "{busy:?}");
}

#[test]
fn shows_are_listed_by_start_and_paged_behind_the_last_one() {
    let mut store = furnished();
    begin(&mut store);
    for starts in [300, 115] {
        accepted(store.change(&place(starts)));
    }
    store.commit().expect("committed");
    let tables = store.tables();
    let listed = |filter: ShowFilter| -> Vec<u32> {
        tables.shows(&filter).expect("shows").iter().map(|show| show.id.get()).collect()
    };
    let all = ShowFilter::default();
    assert_eq!(listed(all.clone()), [1, 3, 2]);
    assert_eq!(listed(ShowFilter { limit: 1, ..all.clone() }), [1]);
    assert_eq!(listed(ShowFilter { after: Some((at(0), show())), ..all.clone() }), [3, 2]);
    assert_eq!(listed(ShowFilter { from: Some(at(115)), ..all.clone() }), [3, 2]);
    let both = ShowFilter { from: Some(at(-1)), after: Some((at(0), show())), ..all.clone() };
    assert_eq!(listed(ShowFilter { before: Some(at(300)), ..both }), [3]);
}
