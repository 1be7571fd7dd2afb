//! `shows`: the programme.

use crate::args::{AddShowArgs, CancelShowArgs, ListShowsArgs, ShowsCommand};
use crate::error::CliError;
use crate::reading;
use crate::session::Session;
use seatcore::catalogue::show::{NewShow, ShowFilter};
use seatcore::engine::ShowRow;
use seatcore::house::command::ShowPatch;
use seatcore::house::event::Source;
use seatcore::wire::ShowView;
use seatcore::{CancelShow, ChangeShow, Engine, MovieId, ScreenId, ShowId};
use std::collections::HashMap;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: ShowsCommand) -> Result<(), CliError> {
    match command {
        ShowsCommand::List(args) => list(session, &args),
        ShowsCommand::Show(args) => {
            let engine = session.engine()?;
            print(session, &engine, args.show)
        }
        ShowsCommand::Add(args) => add(session, &args),
        ShowsCommand::Cancel(args) => cancel(session, args),
        ShowsCommand::Close(args) => set_closed(session, args.show, true),
        ShowsCommand::Reopen(args) => set_closed(session, args.show, false),
    }
}

/// Titles and screens by number, for printing shows.
pub struct Names(HashMap<MovieId, String>, HashMap<ScreenId, String>);

impl Names {
    /// All of them.
    pub fn of(engine: &Engine) -> Result<Self, CliError> {
        let (movies, screens) = engine.names()?;
        Ok(Self(movies, screens))
    }

    /// A show's film.
    pub fn movie(&self, row: &ShowRow) -> String {
        let id = row.show.opening.movie;
        self.0.get(&id).cloned().unwrap_or_else(|| format!("movie {id}"))
    }

    /// A show's screen.
    pub fn screen(&self, row: &ShowRow) -> String {
        let id = row.show.opening.screen;
        self.1.get(&id).cloned().unwrap_or_else(|| format!("screen {id}"))
    }
}

fn list(session: &mut Session<'_, '_>, args: &ListShowsArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let mut filter = ShowFilter { movie: args.movie, screen: args.screen, ..ShowFilter::default() };
    if let Some(date) = &args.date {
        let (from, before) = reading::day(date, session.zone(), engine.now())?;
        (filter.from, filter.before) = (Some(from), Some(before));
    }
    let rows = every_show(&engine, filter)?;
    print_list(session, &engine, &rows)
}

/// Reads page after page: a list that ends early reads as a programme that ends early.
pub fn every_show(engine: &Engine, mut filter: ShowFilter) -> Result<Vec<ShowRow>, CliError> {
    let mut all: Vec<ShowRow> = Vec::new();
    loop {
        let page = engine.shows(&filter)?;
        let Some(last) = page.last() else { return Ok(all) };
        filter.after = Some((last.show.opening.terms.starts_at, last.show.id));
        all.extend(page);
    }
}

/// Prints shows as a table or a list of the contract.
pub fn print_list(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    rows: &[ShowRow],
) -> Result<(), CliError> {
    let views: Vec<_> = rows.iter().map(ShowView::of).collect();
    if session.json(&crate::output::list_of(&views, None))? {
        return Ok(());
    }
    let names = Names::of(engine)?;
    let zone = session.zone();
    let line = |row: &ShowRow| {
        let terms = &row.show.opening.terms;
        let price = terms.prices.currency.minor(i64::from(terms.prices.base));
        let free = format!("{}/{}", row.stats.available, row.stats.capacity);
        vec![
            row.show.id.to_string(),
            reading::print_minute(terms.starts_at, zone),
            names.movie(row),
            names.screen(row),
            price.to_string(),
            free,
            row.status.to_string(),
        ]
    };
    let lines: Vec<_> = rows.iter().map(line).collect();
    session.rows(&["id", "starts", "movie", "screen", "price", "free", "status"], &lines)?;
    if rows.is_empty() { session.note("no shows") } else { Ok(()) }
}

fn print(session: &mut Session<'_, '_>, engine: &Engine, show: ShowId) -> Result<(), CliError> {
    let row = engine.show_row(show)?;
    let names = Names::of(engine)?;
    let (terms, zone) = (&row.show.opening.terms, session.zone());
    let money = |minor: u32| terms.prices.currency.minor(i64::from(minor)).to_string();
    let tiers = terms.prices.tiers.iter().map(|(name, minor)| format!("{name} {}", money(*minor)));
    let moment = |at| reading::print_moment(at, zone);
    let pairs = [
        ("id", show.to_string()),
        ("movie", names.movie(&row)),
        ("screen", names.screen(&row)),
        ("starts", moment(terms.starts_at)),
        ("ends", moment(terms.ends_at)),
        ("status", row.status.to_string()),
        ("sales", format!("{} to {}", moment(terms.sales.opens_at), moment(terms.closes_at()))),
        (
            "price",
            std::iter::once(money(terms.prices.base)).chain(tiers).collect::<Vec<_>>().join(", "),
        ),
        ("seats", print_stats(&row)),
        ("events", row.seq.to_string()),
    ];
    session.one(&ShowView::of(&row), &pairs)
}

fn print_stats(row: &ShowRow) -> String {
    let s = row.stats;
    let counts = (s.available, s.held, s.booked, s.blocked);
    let (available, held, booked, blocked) = counts;
    let all = s.capacity;
    format!("{available} available, {held} held, {booked} booked, {blocked} blocked, {all} in all")
}

fn add(session: &mut Session<'_, '_>, args: &AddShowArgs) -> Result<(), CliError> {
    let zone = session.zone();
    let starts = reading::moment(&args.starts, zone)?;
    let mut new = NewShow::new(args.movie, args.screen, starts, args.price);
    new.ends_at = args.ends.as_deref().map(|ends| reading::moment(ends, zone)).transpose()?;
    let tiers = args.tier.iter().map(|tier| reading::tier_price(tier, args.price));
    new.prices.tiers = tiers.collect::<Result<_, _>>()?;
    let engine = session.engine()?;
    let show = engine.open_show(new)?;
    let layout = engine.layout(show.opening.layout)?;
    // A mistyped tier sells at the common price: worth a word while it can be put right.
    for (name, _) in &show.opening.terms.prices.tiers {
        if layout.tier(name).is_none() {
            session.note(&format!("note: this screen has no tier {name:?}"))?;
        }
    }
    print(session, &engine, show.id)
}

fn cancel(session: &mut Session<'_, '_>, args: CancelShowArgs) -> Result<(), CliError> {
    let engine = session.engine()?;
    let row = engine.show_row(args.show)?;
    let (held, booked) = (row.stats.held, row.stats.booked);
    let question = format!("Cancel show {} with {booked} booked and {held} held seats?", args.show);
    session.confirm(&question, "yes")?;
    let mut request = CancelShow::new(args.show).source(Source::Cli);
    if let Some(reason) = args.reason {
        request = request.reason(reason);
    }
    engine.cancel_show(request).wait()?;
    print(session, &engine, args.show)?;
    session.note("this cannot be undone: open another show with `seatcore shows add`")
}

fn set_closed(session: &mut Session<'_, '_>, show: ShowId, closed: bool) -> Result<(), CliError> {
    let engine = session.engine()?;
    let patch = ShowPatch { closed: Some(closed), ..ShowPatch::default() };
    engine.change_show(ChangeShow::new(show, patch).source(Source::Cli)).wait()?;
    print(session, &engine, show)?;
    let inverse = if closed { "reopen" } else { "close" };
    session.note(&format!("to undo this: seatcore shows {inverse} {show}"))
}
