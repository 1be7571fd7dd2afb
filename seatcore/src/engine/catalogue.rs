//! The catalogue: written through the lane like everything else.

use crate::catalogue::movie::{Movie, MoviePatch, NewMovie, Poster};
use crate::catalogue::screen::{NewScreen, Screen};
use crate::catalogue::show::{NewShow, Show};
use crate::engine::Engine;
use crate::error::Failure;
use crate::id::{MovieId, ScreenId};
use crate::store::Change;
use std::collections::HashMap;

/// The catalogue.
impl Engine {
    /// Adds a movie.
    ///
    /// # Errors
    /// `invalid`.
    pub fn add_movie(&self, movie: NewMovie) -> Result<Movie, Failure> {
        Ok(self.creating().add_movie(movie)?.value)
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
        Ok(self.creating().add_screen(screen)?.value)
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
        Ok(self.creating().open_show(show)?.value)
    }

    /// Numbers of every movie and screen, for those who print many shows.
    ///
    /// # Errors
    /// A fault.
    #[expect(clippy::type_complexity, reason = "two plain maps")]
    pub fn names(&self) -> Result<(HashMap<MovieId, String>, HashMap<ScreenId, String>), Failure> {
        let movies = self.movies()?.into_iter().map(|movie| (movie.id, movie.title));
        let screens = self.screens()?.into_iter().map(|screen| (screen.id, screen.name));
        Ok((movies.collect(), screens.collect()))
    }
}
