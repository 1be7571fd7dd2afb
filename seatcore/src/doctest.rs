//! What the examples in the documentation take for granted.

use crate::catalogue::layout::Layout;
use crate::catalogue::movie::NewMovie;
use crate::catalogue::screen::NewScreen;
use crate::catalogue::show::NewShow;
use crate::{Engine, ShowId};
use std::time::Duration;

/// A film, a hall A–E × 10, the day after tomorrow at 12.50 EUR.
///
/// # Panics
/// If the engine refuses: only examples call this.
#[expect(clippy::unwrap_used, reason = "only examples call this")]
pub fn show(engine: &Engine) -> ShowId {
    let (title, description) = ("Arrival".to_owned(), String::new());
    let film = engine.add_movie(NewMovie { title, minutes: 116, description, poster: None });
    let hall = engine.add_screen(NewScreen::new("Main Hall", Layout::parse("A-E:10").unwrap()));
    let starts = engine.now().plus(Duration::from_secs(48 * 3_600));
    let price = "12.50 EUR".parse().unwrap();
    let show = NewShow::new(film.unwrap().id, hall.unwrap().id, starts, price);
    engine.open_show(show).unwrap().id
}
