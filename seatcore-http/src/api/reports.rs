//! Reports: what was sold, how full shows are, what is popular. For staff.

use super::shows::day;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::route::{Doc, Handled, Route};
use chrono::NaiveDate;
use chrono_tz::Tz;
use hyper::Method;
use seatcore::accounts::Deed;
use seatcore::catalogue::show::{ShowFilter, ShowStatus};
use seatcore::clock::Timestamp;
use seatcore::engine::ShowRow;
use seatcore::engine::books::{Account, Books};
use seatcore::money::Currency;
use seatcore::{Engine, Failure, MovieId, ScreenId, ShowId};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

/// Shows read at once.
const PAGE: u32 = 5_000;

/// The rows about reports.
pub fn routes() -> Vec<Route> {
    let query: &[_] = &[
        ("by", "day, show, movie or screen"),
        ("from", "from this day on, as 2027-01-09"),
        ("to", "until just before this day"),
    ];
    let doc = Doc { tag: "reports", query, answer: (200, "Report"), ..Doc::default() };
    let see = Deed::SeeOthers;
    vec![
        Route::new(Method::GET, "/api/v1/reports/revenue", see, revenue)
            .doc(Doc { summary: "What was sold and given back, by day of sale or by show", ..doc }),
        Route::new(Method::GET, "/api/v1/reports/occupancy", see, occupancy)
            .doc(Doc { summary: "How full shows are, by the day they begin or by show", ..doc }),
        Route::new(Method::GET, "/api/v1/reports/popular", see, popular).doc(Doc {
            summary: "Movies by tickets sold and not given back",
            query: &[
                ("from", "from this day on, as 2027-01-09"),
                ("to", "until just before this day"),
                ("limit", "1 to 200, else 20"),
            ],
            ..doc
        }),
    ]
}

/// What a line stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grouping {
    Day,
    Show,
    Movie,
    Screen,
}

impl FromStr for Grouping {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "day" => Ok(Self::Day),
            "show" => Ok(Self::Show),
            "movie" => Ok(Self::Movie),
            "screen" => Ok(Self::Screen),
            _ => Err("day, show, movie or screen"),
        }
    }
}

/// A line's place in the order; days sort as days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Day(NaiveDate),
    Show(ShowId),
    Movie(MovieId),
    Screen(ScreenId),
}

impl Slot {
    fn of(by: Grouping, day: NaiveDate, row: &ShowRow) -> Self {
        let opening = &row.show.opening;
        match by {
            Grouping::Day => Self::Day(day),
            Grouping::Show => Self::Show(row.show.id),
            Grouping::Movie => Self::Movie(opening.movie),
            Grouping::Screen => Self::Screen(opening.screen),
        }
    }

    /// Puts the line's name and number in front of its figures.
    fn tell(self, programme: &Programme, mut line: Value) -> Value {
        let (word, id, name) = match self {
            Self::Day(day) => ("day", json!(day.to_string()), day.to_string()),
            Self::Show(show) => ("show", json!(show), programme.show_name(show)),
            Self::Movie(movie) => ("movie", json!(movie), programme.title(movie)),
            Self::Screen(screen) => ("screen", json!(screen), programme.screen(screen)),
        };
        line[word] = id;
        line["name"] = name.into();
        line
    }
}

/// Every show by number, and what things are called.
struct Programme {
    shows: HashMap<ShowId, ShowRow>,
    movies: HashMap<MovieId, String>,
    screens: HashMap<ScreenId, String>,
}

impl Programme {
    fn read(engine: &Engine, filter: &ShowFilter) -> Result<Self, Failure> {
        let mut shows = HashMap::new();
        let mut filter = ShowFilter { limit: PAGE, ..filter.clone() };
        loop {
            let page = engine.shows(&filter)?;
            let last = page.last().map(|row| (row.show.opening.terms.starts_at, row.show.id));
            let whole = page.len() == PAGE as usize;
            shows.extend(page.into_iter().map(|row| (row.show.id, row)));
            match last.filter(|_| whole) {
                Some(last) => filter.after = Some(last),
                None => break,
            }
        }
        let (movies, screens) = engine.names()?;
        Ok(Self { shows, movies, screens })
    }

    fn title(&self, movie: MovieId) -> String {
        self.movies.get(&movie).cloned().unwrap_or_else(|| format!("movie {movie}"))
    }

    fn screen(&self, screen: ScreenId) -> String {
        self.screens.get(&screen).cloned().unwrap_or_else(|| format!("screen {screen}"))
    }

    fn show_name(&self, show: ShowId) -> String {
        let row = self.shows.get(&show);
        row.map_or_else(String::new, |row| {
            let opening = &row.show.opening;
            format!("{}, {}", self.title(opening.movie), opening.terms.starts_at)
        })
    }
}

/// The days that count.
#[derive(Debug, Clone, Copy)]
struct Days {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

impl Days {
    fn take(query: &mut Query) -> Self {
        let mut take = |name: &str| {
            let text = query.text(name)?;
            let read = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
            if read.is_none() {
                query.wrong(name, "is not a day, such as 2027-01-09");
            }
            read
        };
        Self { from: take("from"), to: take("to") }
    }

    fn count(self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day < to)
    }

    /// The same for shows that begin on them.
    fn filter(self, zone: Tz) -> ShowFilter {
        let begins = |date: Option<NaiveDate>| day(zone, &date?.to_string()).map(|(from, _)| from);
        ShowFilter { from: begins(self.from), before: begins(self.to), ..ShowFilter::default() }
    }
}

/// Empty books in the venue's days.
pub fn books(zone: Tz) -> Books {
    Books::new(move |at| day_in(zone, at))
}

fn day_in(zone: Tz, at: Timestamp) -> NaiveDate {
    at.to_chrono().with_timezone(&zone).date_naive()
}

/// What a report's query asks.
fn asked(ask: &Ask, default: Grouping) -> Result<(Grouping, Days), Refusal> {
    let mut query = ask.query()?;
    let by = query.parsed("by").unwrap_or(default);
    let days = Days::take(&mut query);
    query.finish()?;
    Ok((by, days))
}

fn tell_money(currency: Currency, account: Account) -> Value {
    let Account { bookings, tickets, returned, sold, refunded } = account;
    let money = |minor| currency.minor(minor);
    json!({
        "bookings": bookings, "tickets": tickets, "returned": returned,
        "sold": money(sold), "refunded": money(refunded), "net": money(sold - refunded),
    })
}

async fn revenue(ask: Ask) -> Handled {
    let (by, days) = asked(&ask, Grouping::Day)?;
    let fold = move |engine: &Engine, books: &Books| {
        let programme = Programme::read(engine, &ShowFilter::default())?;
        let mut accounts: BTreeMap<(Slot, &str), (Currency, Account)> = BTreeMap::new();
        let mut totals: BTreeMap<&str, (Currency, Account)> = BTreeMap::new();
        for (show, day, account) in books.lines().filter(|(_, day, _)| days.count(*day)) {
            let Some(row) = programme.shows.get(&show) else { continue };
            let currency = row.show.opening.terms.prices.currency;
            let line = (Slot::of(by, day, row), currency.code());
            accounts.entry(line).or_insert((currency, Account::default())).1 += account;
            totals.entry(currency.code()).or_insert((currency, Account::default())).1 += account;
        }
        let line = |((slot, _), (currency, account)): (&(Slot, &str), &(Currency, Account))| {
            slot.tell(&programme, tell_money(*currency, *account))
        };
        let data: Vec<_> = accounts.iter().map(line).collect();
        let total = |(currency, account): &(Currency, Account)| {
            let mut line = tell_money(*currency, *account);
            line["name"] = "total".into();
            line
        };
        let totals: Vec<_> = totals.values().map(total).collect();
        Ok(json!({"data": data, "next": null, "totals": totals}))
    };
    Ok(Answer::ok(&ask.app.report(fold).await?))
}

/// Shows that are put together on one line, and their seats.
#[derive(Debug, Clone, Copy, Default)]
struct Fullness {
    shows: u32,
    booked: u64,
    held: u64,
    blocked: u64,
    capacity: u64,
}

impl Fullness {
    fn add(&mut self, row: &ShowRow) {
        self.shows += 1;
        self.booked += u64::from(row.stats.booked);
        self.held += u64::from(row.stats.held);
        self.blocked += u64::from(row.stats.blocked);
        self.capacity += u64::from(row.stats.capacity);
    }

    fn tell(self) -> Value {
        // Of the seats that are for sale.
        let sellable = (self.capacity - self.blocked).max(1);
        let percent = (self.booked as f64 * 1_000.0 / sellable as f64).round() / 10.0;
        json!({
            "shows": self.shows, "booked": self.booked, "held": self.held,
            "blocked": self.blocked, "capacity": self.capacity, "percent": percent,
        })
    }
}

async fn occupancy(ask: Ask) -> Handled {
    let (by, days) = asked(&ask, Grouping::Show)?;
    let zone = ask.app.options.zone;
    let count = move |engine: &Engine, _: &Books| {
        let programme = Programme::read(engine, &days.filter(zone))?;
        let mut groups: BTreeMap<Slot, Fullness> = BTreeMap::new();
        for row in programme.shows.values().filter(|row| row.status != ShowStatus::Cancelled) {
            let day = day_in(zone, row.show.opening.terms.starts_at);
            groups.entry(Slot::of(by, day, row)).or_default().add(row);
        }
        let line = |(slot, full): (&Slot, &Fullness)| slot.tell(&programme, full.tell());
        let data: Vec<_> = groups.iter().map(line).collect();
        Ok(json!({"data": data, "next": null}))
    };
    Ok(Answer::ok(&ask.app.report(count).await?))
}

/// How a movie sold.
#[derive(Debug, Default)]
struct Popularity {
    tickets: i64,
    net: BTreeMap<&'static str, (Currency, i64)>,
}

async fn popular(ask: Ask) -> Handled {
    let mut query = ask.query()?;
    let limit = query.limit(20, 200) as usize;
    let days = Days::take(&mut query);
    query.finish()?;
    let rank = move |engine: &Engine, books: &Books| {
        let programme = Programme::read(engine, &ShowFilter::default())?;
        let mut movies: BTreeMap<MovieId, Popularity> = BTreeMap::new();
        for (show, _, account) in books.lines().filter(|(_, day, _)| days.count(*day)) {
            let Some(row) = programme.shows.get(&show) else { continue };
            let currency = row.show.opening.terms.prices.currency;
            let movie = movies.entry(row.show.opening.movie).or_default();
            movie.tickets += account.tickets as i64 - account.returned as i64;
            let net = account.sold - account.refunded;
            movie.net.entry(currency.code()).or_insert((currency, 0)).1 += net;
        }
        let mut ranked: Vec<_> = movies.into_iter().collect();
        ranked.sort_by_key(|(id, movie)| (Reverse(movie.tickets), *id));
        let played = |movie: MovieId| {
            programme.shows.values().filter(|row| row.show.opening.movie == movie).count()
        };
        let line = |(place, (id, movie)): (usize, &(MovieId, Popularity))| {
            let net: Vec<_> =
                movie.net.values().map(|(currency, net)| currency.minor(*net)).collect();
            json!({"rank": place + 1, "movie": id, "title": programme.title(*id),
                "tickets": movie.tickets, "shows": played(*id), "net": net})
        };
        let data: Vec<_> = ranked.iter().take(limit).enumerate().map(line).collect();
        Ok(json!({"data": data, "next": null}))
    };
    Ok(Answer::ok(&ask.app.report(rank).await?))
}
