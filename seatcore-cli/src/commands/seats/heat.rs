//! `seats map --heat`: how often each seat sold, in every show on the same plan.

use crate::error::CliError;
use crate::office::{Office, SeatMap};
use crate::output::{Paint, Style, paint};
use crate::seat_map::Picture;
use crate::session::Session;
use seatcore::ShowId;
use seatcore::catalogue::show::{ShowFilter, ShowStatus};
use seatcore::error::Code;
use serde_json::json;

/// From never to nearly always.
const STEPS: usize = 5;
const SHADES: [&str; STEPS] = ["·", "░", "▒", "▓", "█"];
const DIGITS: [&str; STEPS] = [".", "1", "2", "3", "4"];

/// Counts and draws.
pub fn run(
    session: &mut Session<'_, '_>,
    office: &dyn Office,
    show: ShowId,
    style: Style,
) -> Result<(), CliError> {
    let SeatMap { layout, view, .. } = office.seat_map(show)?;
    let hash = view.layout;
    let mut rows = office.shows(ShowFilter::default())?;
    rows.retain(|row| row.layout == hash && row.status != ShowStatus::Cancelled);
    let mut sold = vec![0_u32; layout.len() as usize];
    let mut shows = 0_usize;
    for row in &rows {
        let view = match office.seat_map(row.id) {
            // The seats of an archived show are in another file.
            Err(error) if error.code() == Code::ShowClosed => continue,
            map => map?.view,
        };
        shows += 1;
        for (count, symbol) in sold.iter_mut().zip(view.s.bytes()) {
            *count += u32::from(symbol == b'b');
        }
    }
    if session.json(&json!({"show": show, "layout": hash, "shows": shows, "sold": sold}))? {
        return Ok(());
    }
    let signs = if style.unicode { SHADES } else { DIGITS };
    let step = |seat: u32| {
        let count = sold.get(seat as usize).copied().unwrap_or(0) as usize;
        (count * (STEPS - 1)).div_ceil(shows.max(1)).min(STEPS - 1)
    };
    let sign = |seat: u32| {
        let step = step(seat);
        let warm = if step == 0 { Paint::Dim } else { Paint::Red };
        paint(signs.get(step).copied().unwrap_or_default(), warm, style.colour)
    };
    let picture = Picture { layout: &layout, style, sign: &sign };
    picture.lines().iter().try_for_each(|line| session.line(line))?;
    session.line("")?;
    let quarter = |step: usize| format!("{} up to {} %", signs[step], step * 100 / (STEPS - 1));
    let legend: Vec<_> = (1..STEPS).map(quarter).collect();
    let plural = if shows == 1 { "show" } else { "shows" };
    session.line(&format!("{} never   {}   of {shows} {plural}", signs[0], legend.join("   ")))
}
