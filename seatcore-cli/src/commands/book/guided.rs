//! The questions of `book` without arguments: film, time, seats. The seats are held while the last
//! question is open, and given back if the answer is no, or Ctrl-C.

use crate::args::Acting;
use crate::commands::{bookings, holds, seats};
use crate::error::CliError;
use crate::office::{Best, Choice, Office, Part, Wish};
use crate::reading;
use crate::session::Session;
use inquire::validator::Validation;
use inquire::{Confirm, CustomUserError, InquireError, Select, Text};
use seatcore::catalogue::show::{ShowFilter, ShowStatus};
use seatcore::wire::ShowView;
use seatcore::{HoldDetails, ShowId};
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
pub fn run(
    session: &mut Session<'_, '_>,
    holder: Option<String>,
    reference: Option<String>,
) -> Result<(), CliError> {
    session.require_person("what to book?", "a hold, or a show and seats")?;
    let office = session.office()?;
    let own = office.own_holder()?;
    let show = choose_show(session, &*office)?;
    if !session.style.json {
        seats::print_map(session, &*office, show, None, session.style)?;
        session.io.stdout.flush()?;
    }
    let holder = match (holder, own) {
        (holder, Some(_)) => holds::buyer(session, &*office, holder)?,
        (Some(holder), None) => holder,
        (None, None) => asked(Text::new("For whom?").with_validator(may_hold).prompt())?,
    };
    let hold = hold_some(session, &*office, show, &holder)?;
    let question = format!("Book {} for {}, {}?", hold.seats.join(" "), hold.holder, hold.total);
    let answer = asked(Confirm::new(&question).with_default(true).prompt());
    if !matches!(answer, Ok(true)) {
        office.release(hold.id, &[], Acting::default())?;
        session.note("nothing was sold; the seats are free again")?;
        return answer.and(Err(CliError::Declined));
    }
    let part = Part { reference, ..Part::default() };
    let booking = office.book(hold.id, part, Acting::default())?;
    bookings::print_new(session, &booking)
}

/// A film, then one of its shows.
pub fn choose_show(session: &Session<'_, '_>, office: &dyn Office) -> Result<ShowId, CliError> {
    let filter = ShowFilter { from: Some(office.now()), ..ShowFilter::default() };
    let mut shows = office.shows(filter)?;
    shows.retain(|show| show.status == ShowStatus::OnSale);
    let names = office.names()?;
    let mut films: BTreeMap<String, Vec<ShowView>> = BTreeMap::new();
    for show in shows {
        films.entry(crate::output::clean(&names.movie(&show))).or_default().push(show);
    }
    if films.is_empty() {
        return Err(CliError::usage("no show is on sale").hint("`seatcore shows add` opens one"));
    }
    let zone = session.zone();
    let film = |(title, shows): (String, Vec<ShowView>)| {
        let next = shows.first().map(|show| reading::print_minute(show.starts_at, zone));
        let (next, count) = (next.unwrap_or_default(), shows.len());
        Item { text: format!("{title}   next {next}, {count} on sale"), value: shows }
    };
    let films = films.into_iter().map(film).collect();
    let shows = asked(Select::new("Which film?", films).with_page_size(LINES).prompt())?.value;
    let time = |show: ShowView| {
        let starts = reading::print_minute(show.starts_at, zone);
        let (hall, stats) = (names.screen(&show), show.stats);
        let text = format!("{starts}  {hall}   {} of {} free", stats.available, stats.capacity);
        Item { text: crate::output::clean(&text), value: show.id }
    };
    let times = shows.into_iter().map(time).collect();
    Ok(asked(Select::new("When?", times).with_page_size(LINES).prompt())?.value)
}

/// Asks for seats until some can be held: others may be faster.
fn hold_some(
    session: &mut Session<'_, '_>,
    office: &dyn Office,
    show: ShowId,
    holder: &str,
) -> Result<HoldDetails, CliError> {
    loop {
        let wish = Text::new("Which seats?")
            .with_help_message("labels such as C5 C6, or a number for the best that are left")
            .with_default("2")
            .prompt();
        let wish = Wish::new(show, choice(&asked(wish)?));
        match office.hold(&wish, holder, None) {
            Err(error) if error.is_refusal() => {
                error.tell(session.io, false, session.global.color);
            }
            held => return held,
        }
    }
}

/// A name that no holder has is asked for again, in the words that `--as` has for it.
fn may_hold(text: &str) -> Result<Validation, CustomUserError> {
    Ok(match reading::holder(text) {
        Ok(_) => Validation::Valid,
        Err(wrong) => Validation::Invalid(wrong.into()),
    })
}

/// A number asks for so many of the best; anything else names seats.
fn choice(text: &str) -> Choice {
    let words: Vec<String> =
        text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    match words.as_slice() {
        [count] if count.chars().all(|c| c.is_ascii_digit()) => {
            Choice::Best(Best { count: count.parse().unwrap_or(u32::MAX), ..Best::default() })
        }
        _ => Choice::Seats(words),
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
