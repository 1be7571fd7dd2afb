//! Catalogue and quarantine: ordinary rows, written inside a turn.

use crate::catalogue::layout::Layout;
use crate::catalogue::movie::{MoviePatch, NewMovie, Poster};
use crate::catalogue::screen::NewScreen;
use crate::catalogue::show::{Opening, Terms};
use crate::error::Error;
use crate::house::event::codec::{Writer, encode_opening};
use crate::house::event::{Key, KeyTag};
use crate::house::rejection::{Limit, Rejection, What};
use crate::id::{MovieId, SHOW_ID_MAX, ScreenId, ShowId};
use crate::store::sqlite::accounts;
use crate::store::sqlite::rows::show_id;
use crate::store::sqlite::statement::{one, run};
use crate::store::sqlite::tables::{folds, read_opening};
use crate::store::{Change, Changed, Made};
use rusqlite::{Connection, Params};

/// Makes a change, or says why not; the caller takes back what a refusal left half done.
pub(super) fn make(connection: &Connection, change: &Change) -> Made {
    let to = Maker(connection);
    match change {
        Change::AddMovie(movie) => to.add_movie(movie),
        Change::EditMovie { movie, patch } => to.edit_movie(*movie, patch),
        Change::RemoveMovie { movie } => to.remove_movie(*movie),
        Change::SetPoster { movie, poster } => to.set_poster(*movie, poster.as_ref()),
        Change::AddScreen(screen) => to.add_screen(screen),
        Change::EditScreen { screen, change } => to.edit_screen(*screen, change),
        Change::RemoveScreen { screen } => to.remove_screen(*screen),
        Change::PlaceShow { opening } => to.place_show(opening),
        Change::MoveShow { show, terms, cancelled } => to.move_show(*show, terms, *cancelled),
        Change::Account(change) => accounts::make(connection, change),
        Change::Remember { key, made } => to.remember(key, *made),
        Change::Quarantine { show, reason } => to.quarantine(*show, reason),
        Change::Verified(verified) => {
            folds::remember(connection, verified).map(|()| Ok(Changed::File))
        }
    }
}

fn missing<T>(what: What) -> Result<Result<T, Rejection>, Error> {
    Ok(Err(Rejection::NotFound { what }))
}

/// What was made under a key.
pub(super) fn creation(
    connection: &Connection,
    tag: KeyTag,
) -> Result<Option<(u64, Changed)>, Error> {
    let sql = "SELECT fingerprint, kind, id FROM creation WHERE tag = ?1";
    let row = one(connection, sql, [&tag[..]], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
    })?;
    let Some((fingerprint, kind, id)) = row else { return Ok(None) };
    let made = match kind.as_str() {
        "movie" => Changed::Movie(movie_id(id)?),
        "screen" => Changed::Screen(screen_id(id)?),
        _ => Changed::Show(show_id(id)?),
    };
    Ok(Some((fingerprint as u64, made)))
}

struct Maker<'c>(&'c Connection);

impl Maker<'_> {
    fn exists(&self, sql: &'static str, params: impl Params) -> Result<bool, Error> {
        one(self.0, sql, params, |_| Ok(())).map(|row| row.is_some())
    }

    fn new_id(&self) -> i64 {
        self.0.last_insert_rowid()
    }

    fn add_movie(&self, movie: &NewMovie) -> Made {
        let row = (movie.title.trim(), movie.minutes, &movie.description);
        run(self.0, "INSERT INTO movie (title, minutes, description) VALUES (?1, ?2, ?3)", row)?;
        let id = movie_id(self.new_id())?;
        match &movie.poster {
            Some(poster) => self.set_poster(id, Some(poster)),
            None => Ok(Ok(Changed::Movie(id))),
        }
    }

    fn remember(&self, key: &Key, made: Changed) -> Made {
        let (kind, id) = match made {
            Changed::Movie(id) => ("movie", id.get()),
            Changed::Screen(id) => ("screen", id.get()),
            Changed::Show(id) => ("show", id.get()),
            Changed::User(_) | Changed::Account | Changed::File => {
                return Err(Error::corrupt("only the catalogue is made under keys"));
            }
        };
        let sql = "INSERT INTO creation (tag, fingerprint, kind, id) VALUES (?1, ?2, ?3, ?4)";
        run(self.0, sql, (&key.tag[..], key.fingerprint as i64, kind, id))?;
        Ok(Ok(made))
    }

    fn edit_movie(&self, movie: MovieId, patch: &MoviePatch) -> Made {
        let title = patch.title.as_deref().map(str::trim);
        let changed = run(
            self.0,
            "UPDATE movie SET title = coalesce(?2, title), minutes = coalesce(?3, minutes),
                              description = coalesce(?4, description) WHERE id = ?1",
            (movie.get(), title, patch.minutes, &patch.description),
        )?;
        if changed == 0 { missing(What::Movie) } else { Ok(Ok(Changed::Movie(movie))) }
    }

    fn remove_movie(&self, movie: MovieId) -> Made {
        if self.exists("SELECT 1 FROM show WHERE movie = ?1 LIMIT 1", [movie.get()])? {
            return Ok(Err(Rejection::InUse { by: What::Show }));
        }
        let removed = run(self.0, "DELETE FROM movie WHERE id = ?1", [movie.get()])?;
        if removed == 0 { missing(What::Movie) } else { Ok(Ok(Changed::Movie(movie))) }
    }

    fn set_poster(&self, movie: MovieId, poster: Option<&Poster>) -> Made {
        if !self.exists("SELECT 1 FROM movie WHERE id = ?1", [movie.get()])? {
            return missing(What::Movie);
        }
        match poster {
            Some(poster) => run(
                self.0,
                "INSERT INTO poster (movie, bytes) VALUES (?1, ?2)
                 ON CONFLICT (movie) DO UPDATE SET bytes = excluded.bytes",
                (movie.get(), poster.bytes()),
            )?,
            None => run(self.0, "DELETE FROM poster WHERE movie = ?1", [movie.get()])?,
        };
        Ok(Ok(Changed::Movie(movie)))
    }

    fn keep_layout(&self, layout: &Layout) -> Result<(), Error> {
        let row = (&layout.hash().0[..], layout.len(), layout.to_bytes());
        let sql = "INSERT INTO layout (hash, seats, bytes) VALUES (?1, ?2, ?3)
                   ON CONFLICT (hash) DO NOTHING";
        run(self.0, sql, row).map(drop)
    }

    fn name_taken(&self, name: &str, but: u32) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM screen WHERE name = ?1 AND id <> ?2";
        self.exists(sql, (name.trim(), but))
    }

    fn add_screen(&self, screen: &NewScreen) -> Made {
        if self.name_taken(&screen.name, 0)? {
            return Ok(Err(Rejection::NameTaken));
        }
        self.keep_layout(&screen.layout)?;
        let hash = screen.layout.hash();
        let cleaning_s = screen.cleaning.as_secs() as i64;
        let row = (screen.name.trim(), &hash.0[..], &screen.tz, cleaning_s);
        let sql = "INSERT INTO screen (name, layout, tz, cleaning_s) VALUES (?1, ?2, ?3, ?4)";
        run(self.0, sql, row)?;
        Ok(Ok(Changed::Screen(screen_id(self.new_id())?)))
    }

    fn edit_screen(&self, screen: ScreenId, change: &NewScreen) -> Made {
        if !self.exists("SELECT 1 FROM screen WHERE id = ?1", [screen.get()])? {
            return missing(What::Screen);
        }
        if self.name_taken(&change.name, screen.get())? {
            return Ok(Err(Rejection::NameTaken));
        }
        self.keep_layout(&change.layout)?;
        let hash = change.layout.hash();
        let cleaning_s = change.cleaning.as_secs() as i64;
        let row = (screen.get(), change.name.trim(), &hash.0[..], &change.tz, cleaning_s);
        let sql =
            "UPDATE screen SET name = ?2, layout = ?3, tz = ?4, cleaning_s = ?5 WHERE id = ?1";
        run(self.0, sql, row)?;
        Ok(Ok(Changed::Screen(screen)))
    }

    fn remove_screen(&self, screen: ScreenId) -> Made {
        if self.exists("SELECT 1 FROM show WHERE screen = ?1 LIMIT 1", [screen.get()])? {
            return Ok(Err(Rejection::InUse { by: What::Show }));
        }
        let removed = run(self.0, "DELETE FROM screen WHERE id = ?1", [screen.get()])?;
        if removed == 0 { missing(What::Screen) } else { Ok(Ok(Changed::Screen(screen))) }
    }

    fn place_show(&self, opening: &Opening) -> Made {
        if !self.exists("SELECT 1 FROM movie WHERE id = ?1", [opening.movie.get()])? {
            return missing(What::Movie);
        }
        if !self.exists("SELECT 1 FROM screen WHERE id = ?1", [opening.screen.get()])? {
            return missing(What::Screen);
        }
        if !self.exists("SELECT 1 FROM layout WHERE hash = ?1", [&opening.layout.0[..]])? {
            return missing(What::Layout);
        }
        let last = "SELECT 1 FROM sqlite_sequence WHERE name = 'show' AND seq >= ?1";
        if self.exists(last, [SHOW_ID_MAX])? {
            return Ok(Err(Rejection::OverLimit { limit: Limit::Shows }));
        }
        if let Some(show) = self.overlapping(opening, 0)? {
            return Ok(Err(Rejection::Overlap { show }));
        }
        let (starts, ends) = (opening.terms.starts_at.millis(), opening.terms.ends_at.millis());
        let (movie, screen) = (opening.movie.get(), opening.screen.get());
        let row = (movie, screen, &opening.layout.0[..], starts, ends, bytes(opening));
        let sql = "INSERT INTO show (movie, screen, layout, starts_at, ends_at, opening)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        run(self.0, sql, row)?;
        Ok(Ok(Changed::Show(show_id(self.new_id())?)))
    }

    fn opening(&self, show: ShowId) -> Result<Option<Opening>, Error> {
        let sql = "SELECT opening FROM show WHERE id = ?1";
        let bytes = one(self.0, sql, [show.get()], |row| row.get::<_, Vec<u8>>(0))?;
        bytes.map(|bytes| read_opening(show, &bytes)).transpose()
    }

    fn move_show(&self, show: ShowId, terms: &Terms, cancelled: bool) -> Made {
        let Some(before) = self.opening(show)? else { return missing(What::Show) };
        // Rules that grew since, such as a longer cleaning, do not bind a show that stays.
        let moves = !cancelled && !before.terms.same_times(terms);
        let opening = Opening { terms: terms.clone(), ..before };
        if moves && let Some(other) = self.overlapping(&opening, show.get())? {
            return Ok(Err(Rejection::Overlap { show: other }));
        }
        let (starts, ends) = (opening.terms.starts_at.millis(), opening.terms.ends_at.millis());
        let row = (show.get(), starts, ends, cancelled, bytes(&opening));
        let sql = "UPDATE show SET starts_at = ?2, ends_at = ?3, cancelled = ?4, opening = ?5
                   WHERE id = ?1";
        run(self.0, sql, row)?;
        Ok(Ok(Changed::Show(show)))
    }

    /// The earliest show on the same screen that is too close; found through `show_screen`. No
    /// show is longer than a day, so only a day before the start need be looked at.
    fn overlapping(&self, opening: &Opening, but: u32) -> Result<Option<ShowId>, Error> {
        let sql = "SELECT show.id FROM show JOIN screen ON screen.id = show.screen
                   WHERE show.screen = ?1 AND show.id <> ?2 AND show.cancelled = 0
                     AND show.starts_at > ?3 - 172800000
                     AND show.starts_at < ?4 + screen.cleaning_s * 1000
                     AND show.ends_at + screen.cleaning_s * 1000 > ?3
                   ORDER BY show.starts_at, show.id LIMIT 1";
        let (starts, ends) = (opening.terms.starts_at.millis(), opening.terms.ends_at.millis());
        let found = one(self.0, sql, (opening.screen.get(), but, starts, ends), |row| row.get(0))?;
        found.map(show_id).transpose()
    }

    fn quarantine(&self, show: ShowId, reason: &str) -> Made {
        let sql = "INSERT INTO quarantine (show, reason) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        run(self.0, sql, (show.get(), reason))?;
        run(self.0, "UPDATE meta SET quarantines = quarantines + 1", [])?;
        Ok(Ok(Changed::Show(show)))
    }
}

fn bytes(opening: &Opening) -> Vec<u8> {
    let mut out = Writer::new();
    encode_opening(opening, &mut out);
    out.finish()
}

fn movie_id(number: i64) -> Result<MovieId, Error> {
    let id = u32::try_from(number).ok().and_then(MovieId::new);
    id.ok_or_else(|| Error::corrupt("no movie numbers left"))
}

fn screen_id(number: i64) -> Result<ScreenId, Error> {
    let id = u32::try_from(number).ok().and_then(ScreenId::new);
    id.ok_or_else(|| Error::corrupt("no screen numbers left"))
}
