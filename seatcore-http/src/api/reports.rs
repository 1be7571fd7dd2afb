//! Reports: what was sold, how full shows are, what is popular. For staff.

use super::shows::day;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::route::Written::{Day, UpTo, Word};
use crate::route::{Doc, Handled, Route};
use chrono::NaiveDate;
use chrono_tz::Tz;
use hyper::Method;
use seatcore::Engine;
use seatcore::accounts::Deed;
use seatcore::clock::Timestamp;
use seatcore::engine::books::Books;
use seatcore::engine::reports::{Grouping, Occupancy, Period, Popularity, Revenue};

/// The rows about reports.
pub fn routes() -> Vec<Route> {
    let query: &[_] = &[
        ("by", "what a line is about", Word(&["day", "show", "movie", "screen"])),
        ("from", "from this day on, as 2027-01-09", Day),
        ("to", "until just before this day", Day),
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
                ("from", "from this day on, as 2027-01-09", Day),
                ("to", "until just before this day", Day),
                ("limit", "1 to 200, else 20", UpTo(200)),
            ],
            ..doc
        }),
    ]
}

/// The days that count.
fn period(query: &mut Query) -> Period {
    let mut take = |name: &str| {
        let text = query.text(name)?;
        let read = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        if read.is_none() {
            query.wrong(name, "is not a day, such as 2027-01-09");
        }
        read
    };
    Period { from: take("from"), to: take("to") }
}

/// Empty books in the venue's days.
pub fn books(zone: Tz) -> Books {
    Books::new(move |at| day_in(zone, at))
}

fn day_in(zone: Tz, at: Timestamp) -> NaiveDate {
    at.to_chrono().with_timezone(&zone).date_naive()
}

/// What a report's query asks.
fn asked(ask: &Ask, default: Grouping) -> Result<(Grouping, Period), Refusal> {
    let mut query = ask.query()?;
    let by = query.parsed("by").unwrap_or(default);
    let period = period(&mut query);
    query.finish()?;
    Ok((by, period))
}

async fn revenue(ask: Ask) -> Handled {
    let (by, period) = asked(&ask, Grouping::Day)?;
    let add_up = move |engine: &Engine, books: &Books| Revenue::of(engine, books, by, period);
    Ok(Answer::ok(&ask.app.report(add_up).await?))
}

async fn occupancy(ask: Ask) -> Handled {
    let (by, period) = asked(&ask, Grouping::Show)?;
    let zone = ask.app.options.zone;
    let begins = |date: Option<NaiveDate>| day(zone, &date?.to_string()).map(|(from, _)| from);
    let span = (begins(period.from), begins(period.to));
    let count =
        move |engine: &Engine, _: &Books| Occupancy::of(engine, by, span, |at| day_in(zone, at));
    Ok(Answer::ok(&ask.app.report(count).await?))
}

async fn popular(ask: Ask) -> Handled {
    let mut query = ask.query()?;
    let limit = query.limit(20, 200) as usize;
    let period = period(&mut query);
    query.finish()?;
    let rank = move |engine: &Engine, books: &Books| Popularity::of(engine, books, period, limit);
    Ok(Answer::ok(&ask.app.report(rank).await?))
}
