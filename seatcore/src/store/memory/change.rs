//! Writes that are no records: the catalogue and quarantine.

use super::data::{Put, folded};
use super::turn::Writing;
use crate::catalogue::movie::{Movie, MoviePatch, NewMovie, Poster};
use crate::catalogue::screen::{NewScreen, Screen};
use crate::catalogue::show::{Opening, Show, Terms};
use crate::error::Error;
use crate::house::rejection::{Limit, Rejection, What};
use crate::id::{MovieId, ScreenId, ShowId};
use crate::store::{Change, Changed, Made, Verified};
use std::sync::Arc;
use std::time::Duration;

impl Writing {
    /// Writes a change, or refuses it.
    pub(super) fn change(&mut self, change: &Change) -> Made {
        match change {
            Change::AddMovie(movie) => self.add_movie(movie),
            Change::AddScreen(screen) => self.add_screen(screen),
            Change::Account(change) => self.account(change),
            Change::PlaceShow { opening } => Ok(self.place_show(opening)),
            Change::EditMovie { movie, patch } => Ok(self.edit_movie(*movie, patch)),
            Change::RemoveMovie { movie } => Ok(self.remove_movie(*movie)),
            Change::SetPoster { movie, poster } => Ok(self.set_poster(*movie, poster.as_ref())),
            Change::EditScreen { screen, change } => Ok(self.edit_screen(*screen, change)),
            Change::RemoveScreen { screen } => Ok(self.remove_screen(*screen)),
            Change::MoveShow { show, terms, cancelled } => {
                Ok(self.move_show(*show, terms, *cancelled))
            }
            Change::Remember { key, made } => {
                self.put(Put::Creation(key.tag, Some((key.fingerprint, *made))));
                Ok(Ok(*made))
            }
            Change::Quarantine { show, reason } => Ok(Ok(self.quarantine(*show, reason))),
            Change::Verified(verified) => Ok(Ok(self.remember(verified))),
        }
    }

    /// A run that ended later than another keeps its word.
    fn remember(&mut self, verified: &Verified) -> Changed {
        let mut kept = self.data().verified.clone();
        kept.to = kept.to.max(verified.to);
        kept.marks.retain(|mark| verified.marks.iter().all(|new| new.show != mark.show));
        kept.marks.extend(&verified.marks);
        self.put(Put::Verified(kept));
        Changed::File
    }

    fn add_movie(&mut self, new: &NewMovie) -> Made {
        let number = self.data().counters.movies.saturating_add(1);
        let Some(id) = MovieId::new(number) else { return exhausted() };
        let (title, description) = (new.title.trim().to_owned(), new.description.clone());
        let movie = Movie { id, title, minutes: new.minutes, description, poster_url: None };
        self.count(|counters| counters.movies = number);
        self.put(Put::Movie(id, Some(Arc::new(movie))));
        if let Some(poster) = &new.poster {
            self.put(Put::Poster(id, Some(Arc::new(poster.clone()))));
        }
        Ok(Ok(Changed::Movie(id)))
    }

    fn movie(&self, id: MovieId) -> Result<&Arc<Movie>, Rejection> {
        self.data().movies.get(&id).ok_or(Rejection::NotFound { what: What::Movie })
    }

    fn edit_movie(&mut self, id: MovieId, patch: &MoviePatch) -> Result<Changed, Rejection> {
        let mut movie = Movie::clone(self.movie(id)?);
        movie.title = patch.title.as_deref().map_or(movie.title, |title| title.trim().to_owned());
        movie.minutes = patch.minutes.unwrap_or(movie.minutes);
        movie.description = patch.description.clone().unwrap_or(movie.description);
        self.put(Put::Movie(id, Some(Arc::new(movie))));
        Ok(Changed::Movie(id))
    }

    fn remove_movie(&mut self, id: MovieId) -> Result<Changed, Rejection> {
        self.movie(id)?;
        if self.data().shows.values().any(|show| show.opening.movie == id) {
            return Err(Rejection::InUse { by: What::Show });
        }
        self.put(Put::Poster(id, None));
        self.put(Put::Movie(id, None));
        Ok(Changed::Movie(id))
    }

    fn set_poster(&mut self, id: MovieId, poster: Option<&Poster>) -> Result<Changed, Rejection> {
        self.movie(id)?;
        self.put(Put::Poster(id, poster.cloned().map(Arc::new)));
        Ok(Changed::Movie(id))
    }

    fn add_screen(&mut self, new: &NewScreen) -> Made {
        let number = self.data().counters.screens.saturating_add(1);
        let Some(id) = ScreenId::new(number) else { return exhausted() };
        self.count(|counters| counters.screens = number);
        Ok(self.set_screen(id, new))
    }

    fn screen(&self, id: ScreenId) -> Result<&Arc<Screen>, Rejection> {
        self.data().screens.get(&id).ok_or(Rejection::NotFound { what: What::Screen })
    }

    fn edit_screen(&mut self, id: ScreenId, new: &NewScreen) -> Result<Changed, Rejection> {
        self.screen(id)?;
        self.set_screen(id, new)
    }

    fn set_screen(&mut self, id: ScreenId, new: &NewScreen) -> Result<Changed, Rejection> {
        let name = folded(&new.name);
        let mut others = self.data().screens.values().filter(|screen| screen.id != id);
        if others.any(|screen| folded(&screen.name) == name) {
            return Err(Rejection::NameTaken);
        }
        let layout = new.layout.hash();
        let screen = Screen {
            id,
            name: new.name.trim().to_owned(),
            seats: new.layout.len(),
            layout,
            tz: new.tz.clone(),
            cleaning_s: u32::try_from(new.cleaning.as_secs()).unwrap_or(u32::MAX),
        };
        if !self.data().layouts.contains_key(&layout) {
            self.put(Put::Layout(layout, Some(Arc::clone(&new.layout))));
        }
        self.put(Put::Screen(id, Some(Arc::new(screen))));
        Ok(Changed::Screen(id))
    }

    fn remove_screen(&mut self, id: ScreenId) -> Result<Changed, Rejection> {
        self.screen(id)?;
        if self.data().on_screen.contains_key(&id) {
            return Err(Rejection::InUse { by: What::Show });
        }
        self.put(Put::Screen(id, None));
        Ok(Changed::Screen(id))
    }

    fn place_show(&mut self, opening: &Opening) -> Result<Changed, Rejection> {
        self.movie(opening.movie)?;
        self.screen(opening.screen)?;
        if !self.data().layouts.contains_key(&opening.layout) {
            return Err(Rejection::NotFound { what: What::Layout });
        }
        let number = self.data().counters.shows.saturating_add(1);
        let id = ShowId::new(number).ok_or(Rejection::OverLimit { limit: Limit::Shows })?;
        self.check_free(opening.screen, &opening.terms, None)?;
        let show = Show { id, opening: opening.clone(), cancelled: false, archived: false };
        self.count(|counters| counters.shows = number);
        self.put(Put::Show(id, Some(Arc::new(show))));
        Ok(Changed::Show(id))
    }

    fn move_show(
        &mut self,
        id: ShowId,
        terms: &Terms,
        cancelled: bool,
    ) -> Result<Changed, Rejection> {
        let show = self.data().shows.get(&id).ok_or(Rejection::NotFound { what: What::Show })?;
        // Rules that grew since, such as a longer cleaning, do not bind a show that stays.
        if !cancelled && !show.opening.terms.same_times(terms) {
            self.check_free(show.opening.screen, terms, Some(id))?;
        }
        let opening = Opening { terms: terms.clone(), ..show.opening.clone() };
        let archived = show.archived;
        self.put(Put::Show(id, Some(Arc::new(Show { id, opening, cancelled, archived }))));
        Ok(Changed::Show(id))
    }

    /// Whether a screen is free at a time, cleaned before and after. Named is the earliest show in
    /// the way.
    fn check_free(
        &self,
        screen: ScreenId,
        terms: &Terms,
        besides: Option<ShowId>,
    ) -> Result<(), Rejection> {
        let gap = Duration::from_secs(u64::from(self.screen(screen)?.cleaning_s));
        let data = self.data();
        let placed = data.on_screen.get(&screen).into_iter().flatten();
        let mut earlier = placed.take_while(|(starts_at, _)| starts_at.minus(gap) < terms.ends_at);
        let in_the_way = |id: &ShowId| {
            data.shows.get(id).is_some_and(|other| {
                let free_from = other.opening.terms.ends_at.plus(gap);
                !other.cancelled && besides != Some(*id) && terms.starts_at < free_from
            })
        };
        match earlier.find(|(_, id)| in_the_way(id)) {
            Some((_, show)) => Err(Rejection::Overlap { show: *show }),
            None => Ok(()),
        }
    }

    /// The first reason stays: later ones are mostly its consequences.
    fn quarantine(&mut self, show: ShowId, reason: &str) -> Changed {
        if !self.data().quarantine.contains_key(&show) {
            self.put(Put::Quarantine(show, Some(reason.into())));
        }
        self.count(|counters| counters.quarantines += 1);
        Changed::Show(show)
    }
}

/// The last number was given, or `saturating_add` would give it again; no catalogue gets there.
pub(super) fn exhausted() -> Made {
    Err(Error::corrupt("no number is left"))
}
