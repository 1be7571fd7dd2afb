//! The questions of `book` without arguments: film, time, seats. The seats are held while the last
//! question is open, and given back if the answer is no, or Ctrl-C.

use crate::commands::shows::{Names, every_show};
use crate::commands::{bookings, holds, seats};
use crate::error::CliError;
use crate::reading;
use crate::session::Session;
use inquire::{Confirm, InquireError, Select, Text};
use seatcore::catalogue::show::{ShowFilter, ShowStatus};
use seatcore::engine::ShowRow;
use seatcore::error::Failure;
use seatcore::house::event::Source;
use seatcore::{Book, Engine, Hold, HoldDetails, Release, ShowId};
use std::collections::BTreeMap;
use std::fmt;

/// Lines of a list before it scrolls.
const LINES: usize = 12;

/// Something to choose, as it is listed.
struct Item<T> {
    text: String,
    value: T,
}

impl<T> fmt::Display for Item<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Asks, holds, asks again, books.
pub fn run(session: &mut Session<'_, '_>, holder: Option<String>) -> Result<(), CliError> {
    session.require_person("what to book?", "a hold, or a show and seats")?;
    let engine = session.engine()?;
    let show = choose_show(session, &engine)?;
    seats::print_map(session, &engine, show, None, session.style)?;
    session.io.stdout.flush()?;
    let holder = match holder {
        Some(holder) => holder,
        None => asked(Text::new("For whom?").prompt())?,
    };
    let hold = hold_some(session, &engine, show, &holder)?;
    let question = format!("Book {} for {}, {}?", hold.seats.join(" "), hold.holder, hold.total);
    let answer = asked(Confirm::new(&question).with_default(true).prompt());
    if !matches!(answer, Ok(true)) {
        engine.release(Release::new(hold.id).source(Source::Cli)).wait()?;
        session.note("nothing was sold; the seats are free again")?;
        return answer.and(Err(CliError::Declined));
    }
    let booking = engine.book(Book::new(hold.id).source(Source::Cli)).wait()?;
    bookings::print_new(session, &booking)
}

/// A film, then one of its shows.
pub fn choose_show(session: &Session<'_, '_>, engine: &Engine) -> Result<ShowId, CliError> {
    let filter = ShowFilter { from: Some(engine.now()), ..ShowFilter::default() };
    let mut rows = every_show(engine, filter)?;
    rows.retain(|row| row.status == ShowStatus::OnSale);
    let names = Names::of(engine)?;
    let mut films: BTreeMap<String, Vec<ShowRow>> = BTreeMap::new();
    for row in rows {
        films.entry(crate::output::clean(&names.movie(&row))).or_default().push(row);
    }
    if films.is_empty() {
        return Err(CliError::usage("no show is on sale").hint("`seatcore shows add` opens one"));
    }
    let zone = session.zone();
    let film = |(title, rows): (String, Vec<ShowRow>)| {
        let next = rows.first().map(|row| row.show.opening.terms.starts_at);
        let next = next.map_or_else(String::new, |next| reading::print_minute(next, zone));
        let count = rows.len();
        Item { text: format!("{title}   next {next}, {count} on sale"), value: rows }
    };
    let films = films.into_iter().map(film).collect();
    let rows = asked(Select::new("Which film?", films).with_page_size(LINES).prompt())?.value;
    let time = |row: ShowRow| {
        let starts = reading::print_minute(row.show.opening.terms.starts_at, zone);
        let (hall, stats) = (names.screen(&row), row.stats);
        let text = format!("{starts}  {hall}   {} of {} free", stats.available, stats.capacity);
        Item { text: crate::output::clean(&text), value: row.show.id }
    };
    let times = rows.into_iter().map(time).collect();
    Ok(asked(Select::new("When?", times).with_page_size(LINES).prompt())?.value)
}

/// Asks for seats until some can be held: others may be faster.
fn hold_some(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    show: ShowId,
    holder: &str,
) -> Result<HoldDetails, CliError> {
    loop {
        let wish = Text::new("Which seats?")
            .with_help_message("labels such as C5 C6, or a number for the best that are left")
            .with_default("2")
            .prompt();
        let words: Vec<String> =
            asked(wish)?.split([' ', ',']).filter(|w| !w.is_empty()).map(str::to_owned).collect();
        let request = match words.as_slice() {
            [count] if count.chars().all(|c| c.is_ascii_digit()) => {
                Hold::best(show, count.parse().unwrap_or(u32::MAX))
            }
            _ => Hold::new(show, &words),
        };
        match engine.hold(request.by(holder).source(Source::Cli)).wait() {
            Ok(hold) => return Ok(hold),
            Err(Failure::Rejected(rejection)) => {
                let error = holds::offer(engine, show, &words, rejection.into());
                error.tell(session.io, false, session.global.color);
            }
            Err(failure) => return Err(failure.into()),
        }
    }
}

fn asked<T>(answer: Result<T, InquireError>) -> Result<T, CliError> {
    answer.map_err(|error| match error {
        InquireError::OperationInterrupted => CliError::Interrupted,
        InquireError::OperationCanceled => CliError::Declined,
        InquireError::IO(error) => CliError::Output(error),
        other => CliError::usage(other.to_string()),
    })
}
