//! The office that works in the file itself: this process opens it and has an engine of its own.

use super::{Answer, Catalogue, NewBlock, ScreenPatch, SeatMap, Staff};
use crate::error::CliError;
use seatcore::accounts::{ApiKey, MintedKeyView, Role, Scope, User};
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::{Movie, MoviePatch, NewMovie, Poster};
use seatcore::catalogue::screen::{NewScreen, Screen};
use seatcore::catalogue::show::{NewShow, ShowFilter};
use seatcore::clock::Timestamp;
use seatcore::engine::ShowRow;
use seatcore::error::{Code, Failure};
use seatcore::house::command::ShowPatch;
use seatcore::house::event::Source;
use seatcore::id::KeyId;
use seatcore::wire::{SeatsView, ShowView, SnapshotView, WhyView};
use seatcore::{
    Block, CancelShow, ChangeShow, Engine, HoldDetails, Holder, MovieId, ScreenId, ShowId, Unblock,
    UserId,
};
use std::sync::Arc;
use std::time::Duration;

mod counter;
mod log;

/// Works in the file.
#[derive(Debug)]
pub struct FileOffice {
    /// The file, open.
    pub engine: Engine,
}

impl Catalogue for FileOffice {
    fn now(&self) -> Timestamp {
        self.engine.now()
    }

    fn movies(&self) -> Answer<Vec<Movie>> {
        Ok(self.engine.movies()?)
    }

    fn movie(&self, id: MovieId) -> Answer<Movie> {
        Ok(self.engine.movie(id)?)
    }

    fn add_movie(&self, movie: NewMovie) -> Answer<Movie> {
        Ok(self.engine.add_movie(movie)?)
    }

    fn edit_movie(&self, id: MovieId, patch: MoviePatch) -> Answer<Movie> {
        Ok(self.engine.edit_movie(id, patch)?)
    }

    fn set_poster(&self, id: MovieId, poster: Poster) -> Answer<()> {
        Ok(self.engine.set_poster(id, Some(poster))?)
    }

    fn remove_movie(&self, id: MovieId) -> Answer<()> {
        Ok(self.engine.remove_movie(id)?)
    }

    fn screens(&self) -> Answer<Vec<Screen>> {
        Ok(self.engine.screens()?)
    }

    fn screen(&self, id: ScreenId) -> Answer<Screen> {
        Ok(self.engine.screen(id)?)
    }

    fn plan(&self, screen: &Screen) -> Answer<Layout> {
        Ok(self.engine.layout(screen.layout)?)
    }

    fn add_screen(&self, screen: NewScreen) -> Answer<Screen> {
        Ok(self.engine.add_screen(screen)?)
    }

    fn edit_screen(&self, id: ScreenId, patch: ScreenPatch) -> Answer<Screen> {
        let screen = self.engine.screen(id)?;
        let layout = patch.layout.map_or_else(|| self.engine.layout(screen.layout), Ok)?;
        let cleaning = Duration::from_secs(u64::from(screen.cleaning_s));
        let change = NewScreen {
            name: patch.name.unwrap_or(screen.name),
            layout: Arc::new(layout),
            tz: patch.tz.or(screen.tz),
            cleaning: patch.cleaning.unwrap_or(cleaning),
        };
        Ok(self.engine.edit_screen(id, change)?)
    }

    fn remove_screen(&self, id: ScreenId) -> Answer<()> {
        Ok(self.engine.remove_screen(id)?)
    }

    fn shows(&self, filter: ShowFilter) -> Answer<Vec<ShowView>> {
        Ok(every_show(&self.engine, filter)?.iter().map(ShowView::of).collect())
    }

    fn show(&self, id: ShowId) -> Answer<ShowView> {
        Ok(ShowView::of(&self.engine.show_row(id)?))
    }

    fn open_show(&self, show: NewShow) -> Answer<ShowView> {
        let desk = self.engine.creating().source(Source::Cli);
        let id = desk.open_show(show)?.value.id;
        self.show(id)
    }

    fn change_show(&self, id: ShowId, patch: ShowPatch) -> Answer<ShowView> {
        self.engine.change_show(ChangeShow::new(id, patch).source(Source::Cli)).wait()?;
        self.show(id)
    }

    fn cancel_show(&self, id: ShowId, reason: Option<String>) -> Answer<ShowView> {
        let mut request = CancelShow::new(id).source(Source::Cli);
        if let Some(reason) = reason {
            request = request.reason(reason);
        }
        self.engine.cancel_show(request).wait()?;
        self.show(id)
    }
}

impl FileOffice {
    /// What was asked about a show; of an archived one, another file knows.
    fn about<T>(&self, show: ShowId, answer: Result<T, Failure>) -> Answer<T> {
        answer.map_err(|failure| match failure.code() {
            Code::ShowClosed if self.engine.show(show).is_ok_and(|show| show.archived) => {
                let what = format!("show {show} was archived: ask the file that it was moved to");
                CliError::refused(Code::ShowClosed, what)
            }
            _ => failure.into(),
        })
    }
}

/// Reads page after page: a list that ends early reads as a programme that ends early.
pub fn every_show(engine: &Engine, mut filter: ShowFilter) -> Result<Vec<ShowRow>, Failure> {
    let mut all: Vec<ShowRow> = Vec::new();
    loop {
        let page = engine.shows(&filter)?;
        let Some(last) = page.last() else { return Ok(all) };
        filter.after = Some((last.show.opening.terms.starts_at, last.show.id));
        all.extend(page);
    }
}

impl super::Floor for FileOffice {
    fn seat_map(&self, show: ShowId) -> Answer<SeatMap> {
        let snapshot = self.about(show, self.engine.seat_map(show))?;
        let view = SnapshotView::of(&snapshot).into_owned();
        Ok(SeatMap { view, layout: snapshot.layout.clone(), tag: snapshot.etag() })
    }

    fn seats(&self, show: ShowId, asker: Option<&Holder>) -> Answer<SeatsView> {
        // Read first: the rows are at least as new as this number says.
        let seq = self.about(show, self.engine.seat_map(show))?.seq;
        Ok(SeatsView { data: self.engine.seats(show, asker)?, next: None, seq })
    }

    fn why(&self, show: ShowId, seat: &str) -> Answer<WhyView> {
        let seq = self.about(show, self.engine.seat_map(show))?.seq;
        let why = self.engine.why(show, seat)?;
        Ok(WhyView { row: why.row, hold: why.hold, seq })
    }

    fn block(&self, block: NewBlock) -> Answer<HoldDetails> {
        let mut request =
            Block::new(block.show, &block.seats).reason(block.reason).source(Source::Cli);
        if block.force {
            request = request.force();
        }
        if let Some(staff) = block.staff {
            request = request.by(staff);
        }
        self.about(block.show, self.engine.block(request).wait())
    }

    fn unblock(&self, show: ShowId, seats: &[String], staff: Option<&str>) -> Answer<HoldDetails> {
        let mut request = Unblock::new(show, seats).source(Source::Cli);
        if let Some(staff) = staff {
            request = request.by(staff);
        }
        self.about(show, self.engine.unblock(request).wait())
    }
}

impl Staff for FileOffice {
    fn users(&self) -> Answer<Vec<User>> {
        Ok(self.engine.users()?)
    }

    fn user(&self, name: &str) -> Answer<User> {
        Ok(self.engine.user(name)?)
    }

    fn add_user(&self, name: &str, password: &str, role: Role) -> Answer<User> {
        Ok(self.engine.add_user(name, password, role)?)
    }

    fn set_role(&self, id: UserId, role: Role) -> Answer<User> {
        self.engine.set_role(id, role)?;
        Ok(self.engine.user_numbered(id)?)
    }

    fn set_disabled(&self, id: UserId, disabled: bool) -> Answer<User> {
        self.engine.set_disabled(id, disabled)?;
        Ok(self.engine.user_numbered(id)?)
    }

    fn set_password(&self, id: UserId, password: &str) -> Answer<()> {
        Ok(self.engine.set_password(id, password)?)
    }

    fn remove_user(&self, id: UserId) -> Answer<()> {
        Ok(self.engine.remove_user(id)?)
    }

    fn keys(&self) -> Answer<Vec<ApiKey>> {
        Ok(self.engine.api_keys()?)
    }

    fn add_key(&self, name: &str, scopes: &[Scope]) -> Answer<MintedKeyView> {
        Ok(self.engine.add_api_key(name, scopes)?.shown_once())
    }

    fn revoke_key(&self, id: KeyId) -> Answer<ApiKey> {
        Ok(self.engine.revoke_api_key(id)?)
    }
}
