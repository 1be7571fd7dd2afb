//! Where commands are carried out: in the file itself, or at a server that has it open. Both answer
//! in the shapes of the contract, so a command does not ask which of them it talks to.

use crate::args::Acting;
use crate::error::CliError;
use seatcore::accounts::{ApiKey, MintedKeyView, Role, Scope, User};
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::{Movie, MoviePatch, NewMovie, Poster};
use seatcore::catalogue::screen::{NewScreen, Screen};
use seatcore::catalogue::show::{NewShow, ShowFilter};
use seatcore::clock::Timestamp;
use seatcore::engine::reports::{Grouping, Occupancy, Popularity, Revenue};
use seatcore::house::command::ShowPatch;
use seatcore::house::seat::SeatState;
use seatcore::id::{KeyId, SeatIndex};
use seatcore::store::BookingFilter;
use seatcore::wire::{ActivityView, SeatsView, ShowView, SnapshotView, TicketView, WhyView};
use seatcore::{
    Booking, BookingId, HoldDetails, HoldId, Holder, MovieId, ScreenId, ShowId, TicketCode, UserId,
};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

pub mod file;
pub mod server;

/// What an office answers.
pub type Answer<T> = Result<T, CliError>;

/// Where commands are carried out.
pub trait Office: Catalogue + Floor + Counter + Staff + Log + Send + Sync {}

impl<T: Catalogue + Floor + Counter + Staff + Log + Send + Sync> Office for T {}

/// What is on.
pub trait Catalogue {
    /// What time it is there.
    fn now(&self) -> Timestamp;
    /// Every movie, by title.
    fn movies(&self) -> Answer<Vec<Movie>>;
    /// A movie.
    fn movie(&self, id: MovieId) -> Answer<Movie>;
    /// Adds a movie, with its poster if it has one.
    fn add_movie(&self, movie: NewMovie) -> Answer<Movie>;
    /// Changes a movie.
    fn edit_movie(&self, id: MovieId, patch: MoviePatch) -> Answer<Movie>;
    /// Gives a movie a poster.
    fn set_poster(&self, id: MovieId, poster: Poster) -> Answer<()>;
    /// Removes a movie that no show uses.
    fn remove_movie(&self, id: MovieId) -> Answer<()>;
    /// Every screen, by number.
    fn screens(&self) -> Answer<Vec<Screen>>;
    /// A screen.
    fn screen(&self, id: ScreenId) -> Answer<Screen>;
    /// The plan that new shows on a screen get.
    fn plan(&self, screen: &Screen) -> Answer<Layout>;
    /// Adds a screen.
    fn add_screen(&self, screen: NewScreen) -> Answer<Screen>;
    /// Changes a screen; shows that exist keep their plan.
    fn edit_screen(&self, id: ScreenId, patch: ScreenPatch) -> Answer<Screen>;
    /// Removes a screen that no show uses.
    fn remove_screen(&self, id: ScreenId) -> Answer<()>;
    /// Every show that the filter lets through, by start; its `limit` is a page's.
    fn shows(&self, filter: ShowFilter) -> Answer<Vec<ShowView>>;
    /// A show.
    fn show(&self, id: ShowId) -> Answer<ShowView>;
    /// Opens a show.
    fn open_show(&self, show: NewShow) -> Answer<ShowView>;
    /// Changes a show's terms.
    fn change_show(&self, id: ShowId, patch: ShowPatch) -> Answer<ShowView>;
    /// Cancels a show with all its holds and bookings.
    fn cancel_show(&self, id: ShowId, reason: Option<String>) -> Answer<ShowView>;

    /// What movies and screens are called.
    fn names(&self) -> Answer<Names> {
        let movies = self.movies()?.into_iter().map(|movie| (movie.id, movie.title));
        let screens = self.screens()?.into_iter().map(|screen| (screen.id, screen.name));
        Ok(Names { movies: movies.collect(), screens: screens.collect() })
    }
}

/// A show's seats.
pub trait Floor {
    /// Every seat as one character, and the plan they stand in.
    fn seat_map(&self, show: ShowId) -> Answer<SeatMap>;
    /// Every seat as a row; `asker` marks what is theirs.
    fn seats(&self, show: ShowId, asker: Option<&Holder>) -> Answer<SeatsView>;
    /// Why a seat is as it is.
    fn why(&self, show: ShowId, seat: &str) -> Answer<WhyView>;
    /// Takes seats off sale.
    fn block(&self, block: NewBlock) -> Answer<HoldDetails>;
    /// Puts seats on sale again.
    fn unblock(&self, show: ShowId, seats: &[String], staff: Option<&str>) -> Answer<HoldDetails>;
}

/// Selling.
pub trait Counter {
    /// Who holds what is held here, where that is not for the caller to say.
    ///
    /// # Errors
    /// `not_signed_in`, where nobody is signed in and somebody must be.
    fn own_holder(&self) -> Answer<Option<Holder>>;
    /// Holds seats until a deadline.
    fn hold(&self, wish: &Wish, holder: &str, key: Option<String>) -> Answer<HoldDetails>;
    /// Holds seats and books them: both or neither.
    fn sell(&self, wish: &Wish, holder: &str, key: Option<String>) -> Answer<Booking>;
    /// Gives a hold more time.
    fn extend(&self, hold: HoldId, ttl: Duration, acting: Acting) -> Answer<HoldDetails>;
    /// Gives seats of a hold back; all, if none is named.
    fn release(&self, hold: HoldId, seats: &[String], acting: Acting) -> Answer<HoldDetails>;
    /// Gives back everything that somebody holds.
    fn release_all(&self, holder: &Holder) -> Answer<Vec<HoldDetails>>;
    /// Books a hold.
    fn book(&self, hold: HoldId, part: Part, acting: Acting) -> Answer<Booking>;
    /// The live holds of one holder, or of everybody; in one show, or in all.
    fn holds(&self, holder: Option<&Holder>, show: Option<ShowId>) -> Answer<Vec<HoldDetails>>;
    /// A hold, ended ones for a day.
    fn find_hold(&self, id: HoldId) -> Answer<HoldDetails>;
    /// Bookings, newest first; at most `limit` of the filter.
    fn bookings(&self, filter: BookingFilter) -> Answer<Vec<Booking>>;
    /// A booking.
    fn booking(&self, id: BookingId) -> Answer<Booking>;
    /// Undoes a booking.
    fn cancel(&self, id: BookingId, reason: Option<String>, acting: Acting) -> Answer<Booking>;
    /// A ticket and its booking.
    fn ticket(&self, code: TicketCode) -> Answer<TicketView>;
}

/// Who may come in.
pub trait Staff {
    /// Everybody, by number.
    fn users(&self) -> Answer<Vec<User>>;
    /// A person, by name in any case.
    fn user(&self, name: &str) -> Answer<User>;
    /// Adds a person.
    fn add_user(&self, name: &str, password: &str, role: Role) -> Answer<User>;
    /// Gives a person another role.
    fn set_role(&self, id: UserId, role: Role) -> Answer<User>;
    /// Lets a person sign in, or not.
    fn set_disabled(&self, id: UserId, disabled: bool) -> Answer<User>;
    /// Gives a person another password.
    fn set_password(&self, id: UserId, password: &str) -> Answer<()>;
    /// Deletes a person's name, password and sessions.
    fn remove_user(&self, id: UserId) -> Answer<()>;
    /// Every API key, revoked ones too.
    fn keys(&self) -> Answer<Vec<ApiKey>>;
    /// Makes an API key.
    fn add_key(&self, name: &str, scopes: &[Scope]) -> Answer<MintedKeyView>;
    /// Revokes an API key.
    fn revoke_key(&self, id: KeyId) -> Answer<ApiKey>;
}

/// What happened.
pub trait Log {
    /// The newest events, oldest of them first, and the record up to which that is all.
    fn newest(&self, show: Option<ShowId>, limit: usize) -> Answer<Read>;
    /// Events behind a record.
    fn behind(&self, show: Option<ShowId>, after: u64, limit: usize) -> Answer<Read>;
    /// What happens from now on in some shows; in as many as can be watched, if none is named.
    fn feed(&self, shows: &[ShowId]) -> Answer<Box<dyn Feed>>;
    /// What was sold and given back.
    fn revenue(&self, by: Grouping, days: &Days) -> Answer<Revenue>;
    /// How full shows are.
    fn occupancy(&self, by: Grouping, days: &Days) -> Answer<Occupancy>;
    /// Which movies sell.
    fn popular(&self, days: &Days, limit: u32) -> Answer<Popularity>;
}

/// What happens, as it happens.
pub trait Feed {
    /// Waits so long for the next change; none came if nothing did. Seats that changed, as
    /// `{"show","from","to","c","n"}`, or `{"show","reset","n"}` after some were missed.
    fn next_within(&mut self, patience: Duration) -> Answer<Option<Value>>;
    /// Waits so long for anything to happen, and takes all that has: for those who look again.
    fn news_within(&mut self, patience: Duration) -> Answer<bool>;
}

/// Events, and the record up to which the log was read for them.
#[derive(Debug)]
pub struct Read {
    /// Oldest first.
    pub events: Vec<ActivityView>,
    /// Reading goes on behind this.
    pub to: u64,
}

/// Days that a report counts, in the zone in which they begin.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    /// From this day on, until just before that one.
    pub period: seatcore::engine::reports::Period,
    /// The zone; a server has its own.
    pub zone: chrono_tz::Tz,
}

/// What movies and screens are called.
#[derive(Debug, Default)]
pub struct Names {
    movies: HashMap<MovieId, String>,
    screens: HashMap<ScreenId, String>,
}

impl Names {
    /// A show's film.
    pub fn movie(&self, show: &ShowView) -> String {
        let known = self.movies.get(&show.movie).cloned();
        known.unwrap_or_else(|| format!("movie {}", show.movie))
    }

    /// A show's screen.
    pub fn screen(&self, show: &ShowView) -> String {
        let known = self.screens.get(&show.screen).cloned();
        known.unwrap_or_else(|| format!("screen {}", show.screen))
    }
}

/// A show's seats at one moment.
#[derive(Debug, Clone)]
pub struct SeatMap {
    /// As programs get it.
    pub view: SnapshotView<'static>,
    /// The plan that names the seats.
    pub layout: Arc<Layout>,
    /// Equal tags, equal seats.
    pub tag: String,
}

impl SeatMap {
    /// What a seat is; none outside the plan.
    pub fn seat(&self, seat: SeatIndex) -> Option<SeatState> {
        let symbol = *self.view.s.as_bytes().get(seat.0 as usize)?;
        let states = [SeatState::Available, SeatState::Held, SeatState::Booked, SeatState::Blocked];
        states.into_iter().find(|state| state.symbol() == symbol)
    }
}

/// What changes on a screen.
#[derive(Debug, Clone, Default)]
pub struct ScreenPatch {
    /// Another name.
    pub name: Option<String>,
    /// Another plan.
    pub layout: Option<Layout>,
    /// Another time zone.
    pub tz: Option<String>,
    /// Another pause between shows.
    pub cleaning: Option<Duration>,
}

/// Seats to take off sale.
#[derive(Debug, Clone)]
pub struct NewBlock {
    /// In this show.
    pub show: ShowId,
    /// These.
    pub seats: Vec<String>,
    /// Why.
    pub reason: String,
    /// Also out of somebody's hold.
    pub force: bool,
    /// Which member of staff.
    pub staff: Option<String>,
}

/// Seats that somebody wants, and how.
#[derive(Debug, Clone)]
pub struct Wish {
    /// In this show.
    pub show: ShowId,
    /// Which.
    pub seats: Choice,
    /// How long they are held.
    pub ttl: Option<Duration>,
    /// The caller's own reference.
    pub reference: Option<String>,
}

impl Wish {
    /// Seats, held as long as is usual.
    pub const fn new(show: ShowId, seats: Choice) -> Self {
        Self { show, seats, ttl: None, reference: None }
    }
}

/// Who chooses the seats.
#[derive(Debug, Clone)]
pub enum Choice {
    /// The caller: these.
    Seats(Vec<String>),
    /// The engine.
    Best(Best),
}

/// The best seats that are left.
#[derive(Debug, Clone, Default)]
pub struct Best {
    /// So many.
    pub count: u32,
    /// Of this tier.
    pub tier: Option<String>,
    /// So many of them accessible.
    pub accessible: u32,
    /// Beside each other, or none.
    pub together: bool,
}

/// How much of a hold is booked.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// These seats; all, if none is named.
    pub seats: Vec<String>,
    /// The rest stays held.
    pub keep_rest: bool,
    /// The caller's own reference.
    pub reference: Option<String>,
}
