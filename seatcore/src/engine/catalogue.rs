//! The catalogue: written through the lane like everything else.

use crate::catalogue::movie::{Movie, MoviePatch, NewMovie, Poster};
use crate::catalogue::screen::{NewScreen, Screen};
use crate::catalogue::show::{NewShow, Opening, Sales, Show, Terms};
use crate::engine::Engine;
use crate::error::{Error, Failure};
use crate::id::{MovieId, ScreenId};
use crate::store::{Change, Changed};
use std::time::Duration;

/// The catalogue.
impl Engine {
    /// Adds a movie.
    ///
    /// # Errors
    /// `invalid`.
    pub fn add_movie(&self, movie: NewMovie) -> Result<Movie, Failure> {
        movie.check()?;
        match self.changed(Change::AddMovie(movie))? {
            Changed::Movie(id) => self.movie(id),
            _ => Err(Error::OutcomeUnknown.into()),
        }
    }

    /// Changes a movie.
    ///
    /// # Errors
    /// `invalid`, `not_found`.
    pub fn edit_movie(&self, movie: MovieId, patch: MoviePatch) -> Result<Movie, Failure> {
        patch.check()?;
        self.changed(Change::EditMovie { movie, patch })?;
        self.movie(movie)
    }

    /// Removes a movie that no show uses.
    ///
    /// # Errors
    /// `not_found`, `in_use`.
    pub fn remove_movie(&self, movie: MovieId) -> Result<(), Failure> {
        self.changed(Change::RemoveMovie { movie }).map(drop)
    }

    /// Gives a movie a poster, or takes it away.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_poster(&self, movie: MovieId, poster: Option<Poster>) -> Result<(), Failure> {
        self.changed(Change::SetPoster { movie, poster }).map(drop)
    }

    /// Adds a screen.
    ///
    /// # Errors
    /// `invalid`, `name_taken`.
    pub fn add_screen(&self, screen: NewScreen) -> Result<Screen, Failure> {
        screen.check()?;
        match self.changed(Change::AddScreen(screen))? {
            Changed::Screen(id) => self.screen(id),
            _ => Err(Error::OutcomeUnknown.into()),
        }
    }

    /// Changes a screen; shows that exist keep their layout.
    ///
    /// # Errors
    /// `invalid`, `not_found`, `name_taken`.
    pub fn edit_screen(&self, screen: ScreenId, change: NewScreen) -> Result<Screen, Failure> {
        change.check()?;
        self.changed(Change::EditScreen { screen, change })?;
        self.screen(screen)
    }

    /// Removes a screen that no show uses.
    ///
    /// # Errors
    /// `not_found`, `in_use`.
    pub fn remove_screen(&self, screen: ScreenId) -> Result<(), Failure> {
        self.changed(Change::RemoveScreen { screen }).map(drop)
    }

    /// Opens a show: from its window on, it sells.
    ///
    /// # Errors
    /// `invalid`, `not_found` (movie, screen), `overlap` (the screen is busy then, or being
    /// cleaned), `over_limit`.
    pub fn open_show(&self, show: NewShow) -> Result<Show, Failure> {
        show.check()?;
        let opening = self.opening(show)?;
        match self.changed(Change::PlaceShow { opening })? {
            Changed::Show(id) => self.show(id),
            _ => Err(Error::OutcomeUnknown.into()),
        }
    }

    fn opening(&self, show: NewShow) -> Result<Opening, Failure> {
        let minutes = self.movie(show.movie)?.minutes;
        let layout = self.screen(show.screen)?.layout;
        let length = Duration::from_secs(u64::from(minutes) * 60);
        let ends_at = show.ends_at.unwrap_or_else(|| show.starts_at.plus(length));
        let opens_at = show.opens_at.unwrap_or_else(|| self.now());
        let sales = Sales { opens_at, closes_at: show.closes_at, closed: false };
        let mut prices = show.prices;
        prices.tiers.sort();
        let (starts_at, limits) = (show.starts_at, show.limits);
        let terms = Terms { starts_at, ends_at, sales, prices, limits };
        Ok(Opening { movie: show.movie, screen: show.screen, layout, terms })
    }
}
