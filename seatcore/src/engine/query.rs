//! Questions: snapshots without asking anybody, houses through the lane, tables through the pool.

use crate::catalogue::layout::Layout;
use crate::catalogue::movie::{Movie, Poster};
use crate::catalogue::screen::Screen;
use crate::catalogue::show::{Show, ShowFilter, ShowStatus};
use crate::engine::feed::Activity;
use crate::engine::job::{Desk, Job, Question};
use crate::engine::reply::{Answer, Reply, cell};
use crate::engine::snapshot::Snapshot;
use crate::engine::{Engine, advice, houses::Scene};
use crate::error::{Error, Failure};
use crate::house::event::{N, Record, Seq};
use crate::house::hold::HoldState;
use crate::house::outcome::{Booking, HoldDetails, Ticket, TicketState};
use crate::house::rejection::{Problem, Rejection, What};
use crate::house::seat::SeatState;
use crate::house::{House, Stats};
use crate::id::{
    BookingId, Epoch, HoldId, Holder, LayoutHash, MovieId, ScreenId, SeatIndex, ShowId, TicketCode,
};
use crate::money::Money;
use crate::store::{BookingFilter, BookingRow, Standing};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// A show in a list, with how many seats are what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShowRow {
    /// The show.
    pub show: Show,
    /// Whether it can be bought now.
    pub status: ShowStatus,
    /// Its seats, counted.
    pub stats: Stats,
    /// Its newest event.
    pub seq: Seq,
}

/// A seat in a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct SeatRow {
    /// Its label.
    pub seat: String,
    /// The row's label, with its section.
    pub row: String,
    /// Its number in the row.
    pub number: u16,
    /// What everybody sees.
    pub status: SeatState,
    /// Its tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// What it costs now; in a hold of the asker, what it cost when it was held.
    pub price: Money,
    /// Whether the asker has it.
    pub mine: bool,
}

/// Why a seat is as it is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Why {
    /// The seat.
    #[serde(flatten)]
    pub row: SeatRow,
    /// The hold, booking or block that has it. For staff: it names the holder.
    pub hold: Option<HoldDetails>,
}

impl Engine {
    /// Asks the lane something about houses; answered after the commit in flight, so whoever got
    /// an answer before sees what it did.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Desk<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Reply<T> {
        let (sender, cell) = cell();
        let asked = Box::new(move |desk: Result<&mut Desk<'_>, Error>| {
            let result = desk.map_err(Failure::from).and_then(question);
            sender.send(Answer::plain(result));
        });
        self.push(Job::Ask(Question(asked)));
        Reply::asked(cell)
    }

    /// Lets the tables come to the newest commit. Where they are there, which a reader can see, nobody
    /// waits for the writer: a door scans on while somebody else keeps the write lock. Who only reads
    /// takes them as they stand.
    pub(super) fn follow_log(&self) -> Result<(), Failure> {
        let state = self.inner.tables.state()?;
        let behind = state.followed_to < state.head && !self.inner.read_only;
        // Of a closed engine: that it is closed.
        if behind || self.inner.shared.queue.is_closed() {
            self.follow().wait()?;
        }
        Ok(())
    }

    /// A show's seats as of now: from memory, without asking the lane, while nothing changed.
    ///
    /// # Errors
    /// `not_found`; `show_closed`, if the show was archived; `corrupt`, if it was stopped.
    pub fn seat_map(&self, show: ShowId) -> Result<Arc<Snapshot>, Failure> {
        let shared = &self.inner.shared;
        if let Some(snapshot) = shared.board.read_fresh(show, &shared.time) {
            return Ok(snapshot);
        }
        self.ask(move |desk| desk.snapshot(show)).wait()
    }

    /// How many seats of a show are what.
    ///
    /// # Errors
    /// As [`seat_map`](Self::seat_map).
    pub fn stats(&self, show: ShowId) -> Result<Stats, Failure> {
        self.seat_map(show).map(|snapshot| snapshot.stats)
    }

    /// Every seat of a show; `asker` marks what is theirs.
    ///
    /// # Errors
    /// `not_found`.
    pub fn seats(&self, show: ShowId, asker: Option<&Holder>) -> Result<Vec<SeatRow>, Failure> {
        let asker = asker.cloned();
        let list = move |desk: &mut Desk<'_>| {
            let now = desk.now;
            let (house, _) = desk.house(show)?;
            let seats = (0..house.layout().len()).map(SeatIndex);
            Ok(seats.map(|seat| seat_row(house, seat, asker.as_ref(), now)).collect())
        };
        self.ask(list).wait()
    }

    /// Why a seat is as it is; one that somebody has, at the price that was fixed when it was held.
    ///
    /// # Errors
    /// `not_found`, `unknown_seat`.
    pub fn why(&self, show: ShowId, label: &str) -> Result<Why, Failure> {
        let label = label.to_owned();
        let look = move |desk: &mut Desk<'_>| {
            let now = desk.now;
            let (house, scene) = desk.house(show)?;
            let fault = crate::house::rejection::SeatFault::Unknown;
            let conflict = crate::house::rejection::Conflict { seat: label.clone(), fault };
            let unknown = Rejection::Seats { conflicts: vec![conflict] };
            let seat = house.layout().seat(&label).ok_or(unknown)?;
            let claim = house.hold_on(seat).filter(|hold| hold.state_at(now).claims());
            let (seq, printer) = (house.head().seq, scene.printer());
            let hold = claim.and_then(|hold| HoldDetails::at(hold, now, seq, printer));
            let row = seat_row(house, seat, claim.map(|hold| &hold.holder), now);
            Ok(Why { row: SeatRow { mine: false, ..row }, hold })
        };
        self.ask(look).wait()
    }

    /// Up to three placements of as many seats, nearest to those asked for first: advice for
    /// whoever was refused.
    ///
    /// # Errors
    /// `not_found`.
    pub fn alternatives(&self, show: ShowId, asked: &[&str]) -> Result<Vec<Vec<String>>, Failure> {
        let snapshot = self.seat_map(show)?;
        Ok(advice::alternatives(&snapshot, asked))
    }

    /// A hold; one that has ended for a day, as long as it is among the show's newest: 1,024, or as
    /// many as a larger hall has seats. A block is none.
    ///
    /// # Errors
    /// `not_found`; `show_closed`, if its show was archived.
    pub fn find_hold(&self, hold: HoldId) -> Result<HoldDetails, Failure> {
        let missing = Rejection::NotFound { what: What::Hold };
        let show = hold.show().ok_or_else(|| missing.clone())?;
        let find = move |desk: &mut Desk<'_>| {
            let now = desk.now;
            let (house, scene) = match desk.house(show) {
                Err(Failure::Rejected(Rejection::NotFound { .. })) => return Err(missing.into()),
                house => house?,
            };
            let (seq, printer) = (house.head().seq, scene.printer());
            let found = house.hold(hold).filter(|hold| !hold.is_block());
            let details = found.and_then(|hold| HoldDetails::at(hold, now, seq, printer));
            details.ok_or_else(|| missing.into())
        };
        self.ask(find).wait()
    }

    /// The live holds of one holder, or of everybody; in one show, or in all.
    ///
    /// # Errors
    /// For one show as [`seat_map`](Self::seat_map); in all, those that are stopped or archived have
    /// none.
    pub fn live_holds(
        &self,
        holder: Option<&Holder>,
        show: Option<ShowId>,
    ) -> Result<Vec<HoldDetails>, Failure> {
        self.follow_log()?;
        let holder = holder.cloned();
        let list = move |desk: &mut Desk<'_>| {
            let mut found = Vec::new();
            for each in desk.shows_with_clocks(show)? {
                match desk.live_holds(each, holder.as_ref()) {
                    // A stopped show must not take the others' holds with it.
                    Err(Failure::Fault(Error::Corrupt { .. })) if show.is_none() => {}
                    holds => found.extend(holds?),
                }
            }
            found.sort_by_key(|hold| (hold.expires_at, hold.id));
            Ok(found)
        };
        self.ask(list).wait()
    }

    /// Shows by start, each with its seats counted exactly.
    ///
    /// # Errors
    /// A fault.
    pub fn shows(&self, filter: &ShowFilter) -> Result<Vec<ShowRow>, Failure> {
        self.follow_log()?;
        let shows = self.inner.tables.shows(filter)?;
        self.counted(shows)
    }

    /// One show with its seats counted.
    ///
    /// # Errors
    /// `not_found`.
    pub fn show_row(&self, show: ShowId) -> Result<ShowRow, Failure> {
        self.follow_log()?;
        let rows = self.counted(vec![self.show(show)?])?;
        rows.into_iter().next().ok_or_else(|| missing(What::Show))
    }

    /// Counts from the tables; where a lapse made them old, from the house.
    fn counted(&self, shows: Vec<Show>) -> Result<Vec<ShowRow>, Failure> {
        let now = self.now();
        let ids: Vec<_> = shows.iter().map(|show| show.id).collect();
        let standings = self.inner.tables.standings(&ids)?;
        let standings: HashMap<_, _> =
            standings.into_iter().map(|standing| (standing.show, standing)).collect();
        let mut capacities = HashMap::new();
        let mut rows = Vec::with_capacity(shows.len());
        for show in shows {
            let standing = standings.get(&show.id);
            let fresh = standing.filter(|s| s.next_expiry.is_none_or(|next| next > now));
            let snapshot = match fresh {
                Some(_) => None,
                None => match self.seat_map(show.id) {
                    // A stopped show is listed as it stood.
                    Err(Failure::Fault(Error::Corrupt { .. })) => None,
                    snapshot => Some(snapshot?),
                },
            };
            let (stats, seq) = match (snapshot, standing) {
                (Some(snapshot), _) => (snapshot.stats, snapshot.seq),
                (None, Some(standing)) => {
                    let capacity = self.capacity(show.opening.layout, &mut capacities)?;
                    (standing_stats(standing, capacity), standing.seq)
                }
                (None, None) => continue,
            };
            rows.push(ShowRow { status: show.status(now), show, stats, seq });
        }
        Ok(rows)
    }

    fn capacity(
        &self,
        layout: LayoutHash,
        known: &mut HashMap<LayoutHash, u32>,
    ) -> Result<u32, Failure> {
        if let Some(capacity) = known.get(&layout) {
            return Ok(*capacity);
        }
        let capacity = self.layout(layout)?.len();
        known.insert(layout, capacity);
        Ok(capacity)
    }

    /// A show.
    ///
    /// # Errors
    /// `not_found`.
    pub fn show(&self, show: ShowId) -> Result<Show, Failure> {
        self.inner.tables.show(show)?.ok_or_else(|| missing(What::Show))
    }

    /// Every movie, by title.
    ///
    /// # Errors
    /// A fault.
    pub fn movies(&self) -> Result<Vec<Movie>, Failure> {
        Ok(self.inner.tables.movies()?)
    }

    /// A movie.
    ///
    /// # Errors
    /// `not_found`.
    pub fn movie(&self, movie: MovieId) -> Result<Movie, Failure> {
        self.inner.tables.movie(movie)?.ok_or_else(|| missing(What::Movie))
    }

    /// A movie's poster.
    ///
    /// # Errors
    /// `not_found`.
    pub fn poster(&self, movie: MovieId) -> Result<Poster, Failure> {
        self.inner.tables.poster(movie)?.ok_or_else(|| missing(What::Poster))
    }

    /// Every screen, by number.
    ///
    /// # Errors
    /// A fault.
    pub fn screens(&self) -> Result<Vec<Screen>, Failure> {
        Ok(self.inner.tables.screens()?)
    }

    /// A screen.
    ///
    /// # Errors
    /// `not_found`.
    pub fn screen(&self, screen: ScreenId) -> Result<Screen, Failure> {
        self.inner.tables.screen(screen)?.ok_or_else(|| missing(What::Screen))
    }

    /// A layout by its hash.
    ///
    /// # Errors
    /// `not_found`.
    pub fn layout(&self, hash: LayoutHash) -> Result<Layout, Failure> {
        self.inner.tables.layout(hash)?.ok_or_else(|| missing(What::Layout))
    }

    /// Bookings, newest first; of an unknown show none.
    ///
    /// # Errors
    /// `show_closed`, if the filter names an archived show: its archive has them.
    pub fn bookings(&self, filter: &BookingFilter) -> Result<Vec<Booking>, Failure> {
        self.follow_log()?;
        if let Some(show) = filter.show {
            self.require_here(show)?;
        }
        let rows = self.inner.tables.bookings(filter)?;
        self.printed(rows)
    }

    /// A booking.
    ///
    /// # Errors
    /// `not_found`; `show_closed`, if its show was archived.
    pub fn booking(&self, booking: BookingId) -> Result<Booking, Failure> {
        self.follow_log()?;
        let row = self.inner.tables.booking(booking)?;
        if let (None, Some(show)) = (&row, booking.hold().show()) {
            self.require_here(show)?;
        }
        self.only(row, What::Booking)
    }

    /// The booking of a ticket, and which of its tickets it is.
    ///
    /// # Errors
    /// `not_found`; `show_closed`, if its show was archived.
    pub fn ticket(&self, code: TicketCode) -> Result<(Booking, Ticket), Failure> {
        let key = self.inner.tables.state()?.ticket_key;
        let (show, number) = key.decode(code).ok_or_else(|| missing(What::Ticket))?;
        self.follow_log()?;
        let row = self.inner.tables.ticket(show, number)?;
        if row.is_none() {
            self.require_here(show)?;
        }
        let booking = self.only(row, What::Ticket)?;
        let ticket = booking.tickets.iter().find(|ticket| ticket.code == code).cloned();
        ticket.map(|ticket| (booking, ticket)).ok_or_else(|| missing(What::Ticket))
    }

    /// What an archived show had is in its archive.
    fn require_here(&self, show: ShowId) -> Result<(), Failure> {
        let row = self.inner.tables.show(show)?;
        if row.is_some_and(|row| row.archived) { Err(Rejection::ShowClosed.into()) } else { Ok(()) }
    }

    fn only(&self, row: Option<BookingRow>, what: What) -> Result<Booking, Failure> {
        let printed = self.printed(row.into_iter().collect())?;
        printed.into_iter().next().ok_or_else(|| missing(what))
    }

    /// Rows as bookings: seats by label, tickets by code.
    fn printed(&self, rows: Vec<BookingRow>) -> Result<Vec<Booking>, Failure> {
        let tickets = self.inner.tables.state()?.ticket_key;
        let mut scenes: HashMap<ShowId, Scene> = HashMap::new();
        for row in &rows {
            if let Entry::Vacant(vacant) = scenes.entry(row.show) {
                let opening = self.show(row.show)?.opening;
                let layout = Arc::new(self.layout(opening.layout)?);
                let currency = opening.terms.prices.currency;
                vacant.insert(Scene { layout, currency, tickets });
            }
        }
        Ok(rows.iter().filter_map(|row| Some(booking(row, scenes.get(&row.show)?))).collect())
    }

    /// A show's events, newest first, from before its record `before`; at most `limit`.
    ///
    /// # Errors
    /// `not_found`; `invalid`, if `before` is no record of this show.
    pub fn history(
        &self,
        show: ShowId,
        before: Option<N>,
        limit: usize,
    ) -> Result<Vec<Activity>, Failure> {
        self.follow_log()?;
        self.show(show)?;
        if let Some(before) = before {
            self.check_own(show, before)?;
        }
        // Notes stand between events and count for none.
        let (mut events, mut before) = (Vec::new(), before);
        loop {
            let records = self.inner.tables.history(show, before, 0, limit)?;
            before = records.last().map(|record| record.n);
            events.extend(records.iter().filter_map(Activity::of));
            if records.len() < limit || events.len() >= limit {
                events.truncate(limit);
                return Ok(events);
            }
        }
    }

    /// A number that a caller gives is no proof that the record is this show's.
    fn check_own(&self, show: ShowId, n: N) -> Result<(), Failure> {
        let records = self.inner.tables.records(n.saturating_sub(1), 1)?;
        let own = |record: &Record| record.n == n && record.show_id() == Some(show);
        if records.first().is_some_and(own) {
            return Ok(());
        }
        Err(Rejection::invalid("before", Problem::Foreign).into())
    }

    /// Records of every show behind number `after`, in order; at most `limit`.
    ///
    /// # Errors
    /// A fault.
    pub fn records(&self, after: N, limit: usize) -> Result<Vec<Record>, Failure> {
        Ok(self.inner.tables.records(after, limit)?)
    }

    /// The file's history and its newest record.
    ///
    /// # Errors
    /// A fault.
    pub fn position(&self) -> Result<(Epoch, N), Failure> {
        let state = self.inner.tables.state()?;
        Ok((state.epoch, state.head))
    }

    /// Bytes that houses in memory occupy, and how many there are.
    ///
    /// # Errors
    /// A fault.
    pub fn house_weight(&self) -> Result<(usize, usize), Failure> {
        self.ask(|desk| Ok(desk.houses.weight())).wait()
    }

    /// Jobs that wait for the writer.
    pub fn queued(&self) -> u64 {
        self.inner.shared.queue.len() as u64
    }

    /// Records that the tables have not followed.
    pub fn lag(&self) -> u64 {
        self.inner.shared.lag.load(std::sync::atomic::Ordering::Relaxed)
    }
}

impl Desk<'_> {
    /// A show's house.
    pub(super) fn house(&mut self, show: ShowId) -> Result<(&House, Arc<Scene>), Failure> {
        let loaded = self.houses.get(self.store, show)?.ok_or_else(|| missing(What::Show))?;
        if loaded.house.is_hollow() {
            return Err(Rejection::ShowClosed.into());
        }
        Ok((&loaded.house, loaded.scene.clone()))
    }

    /// A fresh snapshot, put up for everybody; if another question just did so, that one.
    pub(super) fn snapshot(&mut self, show: ShowId) -> Result<Arc<Snapshot>, Failure> {
        if let Some(snapshot) = self.board.read(show, self.now) {
            return Ok(snapshot);
        }
        let (epoch, now) = (self.epoch, self.now);
        let (house, _) = self.house(show)?;
        let snapshot = Arc::new(Snapshot::of(house, epoch, now));
        self.board.put(snapshot.clone());
        Ok(snapshot)
    }

    /// Shows in which somebody holds something under a clock, in memory or not.
    fn shows_with_clocks(&mut self, only: Option<ShowId>) -> Result<BTreeSet<ShowId>, Failure> {
        if let Some(show) = only {
            return Ok(BTreeSet::from([show]));
        }
        let end = crate::clock::Timestamp::from_millis(i64::MAX);
        let kept = self.store.due(end, usize::MAX >> 1)?;
        Ok(kept.into_iter().chain(self.houses.due(end).map(|(_, show)| show)).collect())
    }

    fn live_holds(
        &mut self,
        show: ShowId,
        holder: Option<&Holder>,
    ) -> Result<Vec<HoldDetails>, Failure> {
        let now = self.now;
        let (house, scene) = self.house(show)?;
        let (seq, printer) = (house.head().seq, scene.printer());
        let live = house
            .holds()
            .filter(|hold| hold.live_at(now))
            .filter(|hold| holder.is_none_or(|holder| *holder == hold.holder));
        Ok(live.filter_map(|hold| HoldDetails::at(hold, now, seq, printer)).collect())
    }
}

fn missing(what: What) -> Failure {
    Rejection::NotFound { what }.into()
}

fn standing_stats(standing: &Standing, capacity: u32) -> Stats {
    let Standing { held, booked, blocked, .. } = *standing;
    let available = capacity.saturating_sub(held + booked + blocked);
    Stats { available, held, booked, blocked, capacity }
}

pub(super) fn seat_row(
    house: &House,
    seat: SeatIndex,
    asker: Option<&Holder>,
    now: crate::clock::Timestamp,
) -> SeatRow {
    let layout = house.layout();
    let label = layout.label(seat).to_string();
    let number = layout.number_of(seat);
    let row = label.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let claim = house.hold_on(seat).filter(|hold| hold.state_at(now).claims());
    let held = claim.filter(|hold| !hold.is_block());
    let mine = held.filter(|hold| asker.is_some_and(|asker| hold.holder == *asker));
    let own = mine.and_then(|hold| hold.seats.iter().find(|own| own.seat == seat));
    let tier = layout.tier_of(seat).and_then(|tier| layout.tiers().get(usize::from(tier.0)));
    let listed = house.terms().prices.of(tier.map(|name| &**name));
    let minor = own.map_or(listed, |own| own.price);
    SeatRow {
        seat: label,
        row,
        number,
        status: house.seat_at(seat, now),
        tier: tier.map(|name| name.to_string()),
        price: house.terms().prices.currency.minor(i64::from(minor)),
        mine: mine.is_some(),
    }
}

fn booking(row: &BookingRow, scene: &Scene) -> Booking {
    let label = |seat: u32| scene.layout.label(SeatIndex(seat)).to_string();
    let valid = row.state == HoldState::Booked;
    let ticket = |(number, seat): (u32, &u32)| Ticket {
        code: scene.tickets.encode(row.show, number),
        seat: label(*seat),
        state: if valid { TicketState::Valid } else { TicketState::Void },
    };
    Booking {
        id: row.id,
        show: row.show,
        holder: row.holder.clone(),
        seats: row.seats.iter().map(|seat| label(*seat)).collect(),
        state: row.state,
        total: scene.currency.minor(row.total_minor),
        booked_at: row.booked_at,
        reference: row.reference.clone(),
        tickets: (row.first_ticket..).zip(&row.seats).map(ticket).collect(),
        seq: row.seq,
    }
}
