//! New things in the catalogue: by whom, through which face, and under a key, so that a retry
//! finds what the first attempt made.

use crate::catalogue::movie::{Movie, NewMovie};
use crate::catalogue::screen::{NewScreen, Screen};
use crate::catalogue::show::{NewShow, Opening, Sales, Show, Terms};
use crate::engine::Engine;
use crate::error::{Error, Failure};
use crate::house::command::creation;
use crate::house::event::codec::{Writer, encode_limits, encode_prices};
use crate::house::event::{Caller, Key, Source};
use crate::house::rejection::Rejection;
use crate::id::ShowId;
use crate::store::{Change, Changed, Store};
use std::time::Duration;

/// A change of the catalogue or the accounts as the lane is asked for it.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) change: Change,
    /// Finds what an earlier attempt made.
    pub(crate) key: Option<Key>,
    pub(crate) caller: Caller,
    pub(crate) source: Source,
}

impl From<Change> for Wanted {
    fn from(change: Change) -> Self {
        Self { change, key: None, caller: Caller::Unnamed, source: Source::Rust }
    }
}

/// What was made, and whether this attempt made it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created<T> {
    /// The thing, as it is now.
    pub value: T,
    /// The key was seen before: an earlier attempt made it.
    pub replayed: bool,
}

/// Makes new things in the catalogue on somebody's behalf; see [`Engine::creating`].
#[derive(Debug, Clone)]
#[must_use = "it makes nothing until it is told what"]
pub struct Creating<'e> {
    engine: &'e Engine,
    by: Option<String>,
    source: Source,
    key: Option<String>,
}

impl Engine {
    /// Makes new things in the catalogue on somebody's behalf, safe to retry.
    ///
    /// ```
    /// use seatcore::Engine;
    /// use seatcore::catalogue::movie::NewMovie;
    /// let engine = Engine::in_memory();
    /// let film = || NewMovie { title: "Arrival".into(), minutes: 116, ..NewMovie::default() };
    /// let import = engine.creating().by("user:1").key("import-17");
    /// let first = import.add_movie(film())?;
    /// let retry = import.add_movie(film())?;
    /// assert!(retry.replayed && retry.value == first.value);
    /// assert_eq!(engine.movies()?.len(), 1);
    /// # Ok::<(), seatcore::Failure>(())
    /// ```
    pub const fn creating(&self) -> Creating<'_> {
        Creating { engine: self, by: None, source: Source::Rust, key: None }
    }
}

impl Creating<'_> {
    /// For the log, and the scope of the key.
    pub fn by(mut self, name: impl Into<String>) -> Self {
        self.by = Some(name.into());
        self
    }

    /// Through which face this came, for the log.
    pub const fn source(mut self, source: Source) -> Self {
        self.source = source;
        self
    }

    /// Makes a retry safe: what the first success under this key made is the answer for ever;
    /// refusals are not remembered. At most 255 bytes; its scope is the caller and the catalogue.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Adds a movie.
    ///
    /// # Errors
    /// `invalid`, `key_reused`; `not_found` if it was removed since.
    pub fn add_movie(&self, movie: NewMovie) -> Result<Created<Movie>, Failure> {
        movie.check()?;
        let asked = words_of_movie(&movie);
        let (changed, replayed) = self.make(Change::AddMovie(movie), asked)?;
        let Changed::Movie(id) = changed else { return Err(Error::OutcomeUnknown.into()) };
        Ok(Created { value: self.engine.movie(id)?, replayed })
    }

    /// Adds a screen.
    ///
    /// # Errors
    /// `invalid`, `key_reused`, `name_taken`; `not_found` if it was removed since.
    pub fn add_screen(&self, screen: NewScreen) -> Result<Created<Screen>, Failure> {
        screen.check()?;
        let asked = words_of_screen(&screen);
        let (changed, replayed) = self.make(Change::AddScreen(screen), asked)?;
        let Changed::Screen(id) = changed else { return Err(Error::OutcomeUnknown.into()) };
        Ok(Created { value: self.engine.screen(id)?, replayed })
    }

    /// Opens a show: from its window on, it sells.
    ///
    /// # Errors
    /// `invalid`, `not_found` (movie, screen), `key_reused`, `over_limit`, `overlap` (the screen is
    /// busy then, or being cleaned).
    pub fn open_show(&self, show: NewShow) -> Result<Created<Show>, Failure> {
        show.check()?;
        if let Some(before) = self.opened_before(&show)? {
            return Ok(Created { value: self.engine.show(before)?, replayed: true });
        }
        let asked = words_of_show(&show);
        let opening = self.opening(show)?;
        let (changed, replayed) = self.make(Change::PlaceShow { opening }, asked)?;
        let Changed::Show(id) = changed else { return Err(Error::OutcomeUnknown.into()) };
        Ok(Created { value: self.engine.show(id)?, replayed })
    }

    fn make(&self, change: Change, asked: Writer) -> Result<(Changed, bool), Failure> {
        let (caller, key) = creation(self.by.as_deref(), self.key.as_deref(), asked)?;
        let answer = self.engine.change(Wanted { change, key, caller, source: self.source });
        let answer = answer.answer();
        Ok((answer.result?, answer.replayed))
    }

    /// The show that was opened under this key, if there is one: what its screen has become since
    /// is no matter to a retry.
    fn opened_before(&self, show: &NewShow) -> Result<Option<ShowId>, Failure> {
        let (_, key) = creation(self.by.as_deref(), self.key.as_deref(), words_of_show(show))?;
        let Some(key) = key else { return Ok(None) };
        let made = self.engine.ask(move |desk| Ok(made_before(&mut *desk.store, key)?)).wait()?;
        match made.transpose()? {
            Some(Changed::Show(show)) => Ok(Some(show)),
            _ => Ok(None),
        }
    }

    fn opening(&self, show: NewShow) -> Result<Opening, Failure> {
        let minutes = self.engine.movie(show.movie)?.minutes;
        let layout = self.engine.screen(show.screen)?.layout;
        let prices = match show.prices {
            flat if flat.tiers.is_empty() => flat,
            tiered => tiered.on(&self.engine.layout(layout)?)?,
        };
        let length = Duration::from_secs(u64::from(minutes) * 60);
        let ends_at = show.ends_at.unwrap_or_else(|| show.starts_at.plus(length));
        let opens_at = show.opens_at.unwrap_or_else(|| self.engine.now());
        let sales = Sales { opens_at, closes_at: show.closes_at, closed: false };
        let (starts_at, limits) = (show.starts_at, show.limits);
        let terms = Terms { starts_at, ends_at, sales, prices, limits };
        terms.check_times()?;
        Ok(Opening { movie: show.movie, screen: show.screen, layout, terms })
    }
}

/// What the first success under this key made; refused, if something else was asked then.
pub(super) fn made_before(
    store: &mut dyn Store,
    key: Key,
) -> Result<Option<Result<Changed, Rejection>>, Error> {
    let same = |(asked, made)| {
        if asked == key.fingerprint { Ok(made) } else { Err(Rejection::KeyReused) }
    };
    Ok(store.creation(key.tag)?.map(same))
}

/// The request as asked, for the fingerprint.
fn words_of_movie(movie: &NewMovie) -> Writer {
    let mut words = Writer::new();
    words.byte(b'm');
    words.text(&movie.title);
    words.number(u64::from(movie.minutes));
    words.text(&movie.description);
    words.raw(movie.poster.as_ref().map_or(&[], |poster| poster.bytes()));
    words
}

fn words_of_screen(screen: &NewScreen) -> Writer {
    let mut words = Writer::new();
    words.byte(b's');
    words.text(&screen.name);
    words.raw(&screen.layout.hash().0);
    words.maybe_text(screen.tz.as_deref());
    words.number(screen.cleaning.as_secs());
    words
}

fn words_of_show(show: &NewShow) -> Writer {
    let mut words = Writer::new();
    words.byte(b'o');
    words.number(u64::from(show.movie.get()));
    words.number(u64::from(show.screen.get()));
    words.moment(show.starts_at);
    for moment in [show.ends_at, show.opens_at, show.closes_at] {
        words.byte(u8::from(moment.is_some()));
        if let Some(moment) = moment {
            words.moment(moment);
        }
    }
    encode_prices(&show.prices, &mut words);
    encode_limits(&show.limits, &mut words);
    words
}
