//! Shows: the programme.

use super::reading::{money, owned};
use crate::answer::{Answer, Next, Payload, REPLAYED};
use crate::ask::Ask;
use crate::condition::{self, Meant};
use crate::json::Fields;
use crate::query::without;
use crate::refusal::Refusal;
use crate::route::Written::{Day, Moment, Number, Text, UpTo};
use crate::route::{Doc, Handled, Route};
use chrono::{Days, NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;
use hyper::{Method, StatusCode};
use seatcore::accounts::Deed;
use seatcore::catalogue::price::PricePatch;
use seatcore::catalogue::show::{LimitsPatch, NewShow, ShowFilter};
use seatcore::clock::Timestamp;
use seatcore::engine::ShowRow;
use seatcore::house::command::ShowPatch;
use seatcore::house::event::Source;
use seatcore::house::rejection::What;
use seatcore::money::{Currency, Money};
use seatcore::wire::{FieldView, ShowView};
use seatcore::{CancelShow, ChangeShow, ShowId};

/// Shows on one page.
const PAGE_MAX: u32 = 200;

/// The rows about shows.
pub fn routes() -> Vec<Route> {
    let tag = "shows";
    vec![
        Route::new(Method::GET, "/api/v1/shows", Deed::Browse, list).doc(Doc {
            tag,
            summary: "The programme, by start",
            query: &[
                ("date", "one day in the venue's time zone, as 2027-01-09", Day),
                ("from", "starting at this moment or later", Moment),
                ("before", "starting before this moment", Moment),
                ("movie", "of this movie", Number),
                ("screen", "on this screen", Number),
                ("cursor", "where the last page ended", Text),
                ("limit", "1 to 200, else 50", UpTo(200)),
            ],
            answer: (200, "ShowList"),
            ..Doc::default()
        }),
        Route::new(Method::POST, "/api/v1/shows", Deed::EditCatalogue, add).doc(Doc {
            tag,
            summary: "Open a show",
            body: Some("NewShow"),
            answer: (201, "Show"),
            refusals: &["not_found", "key_reused", "overlap", "over_limit"],
            ..Doc::default()
        }),
        Route::new(Method::GET, "/api/v1/shows/{id}", Deed::Browse, show).doc(Doc {
            tag,
            summary: "One show",
            answer: (200, "Show"),
            tagged: true,
            refusals: &["not_found"],
            ..Doc::default()
        }),
        Route::new(Method::PATCH, "/api/v1/shows/{id}", Deed::EditCatalogue, edit).doc(Doc {
            tag,
            summary: "Change a show's terms; If-Match refuses what changed since it was read",
            body: Some("ShowPatch"),
            answer: (200, "Show"),
            refusals: &[
                "not_found",
                "show_cancelled",
                "show_closed",
                "stale",
                "overlap",
                "key_reused",
            ],
            ..Doc::default()
        }),
        Route::new(Method::POST, "/api/v1/shows/{id}/cancel", Deed::EditCatalogue, cancel).doc(
            Doc {
                tag,
                summary: "Cancel a show with all its holds and bookings; If-Match as for PATCH",
                body: Some("Reason"),
                answer: (200, "Show"),
                refusals: &["not_found", "show_cancelled", "show_closed", "stale", "key_reused"],
                ..Doc::default()
            },
        ),
    ]
}

/// Midnight to midnight in a time zone.
pub fn day(zone: Tz, text: &str) -> Option<(Timestamp, Timestamp)> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let begins = |date: NaiveDate| {
        let midnight = date.and_time(NaiveTime::MIN);
        // Where midnight is skipped, the day begins with what follows.
        let found = (0..=3).find_map(|hour| {
            let at = midnight.checked_add_signed(chrono::TimeDelta::hours(hour))?;
            zone.from_local_datetime(&at).earliest()
        });
        Some(Timestamp::from(found?.to_utc()))
    };
    Some((begins(date)?, begins(date.checked_add_days(Days::new(1))?)?))
}

async fn list(ask: Ask) -> Handled {
    let mut query = ask.query()?;
    let limit = query.limit(50, PAGE_MAX);
    let mut filter = ShowFilter { limit: limit + 1, ..ShowFilter::default() };
    (filter.movie, filter.screen) = (query.parsed("movie"), query.parsed("screen"));
    (filter.from, filter.before) = (query.parsed("from"), query.parsed("before"));
    if let Some(date) = query.text("date") {
        match day(ask.app.options.zone, &date) {
            Some((from, before)) => {
                filter.from = Some(filter.from.map_or(from, |known| known.max(from)));
                filter.before = Some(filter.before.map_or(before, |known| known.min(before)));
            }
            None => query.wrong("date", "is not a day, such as 2027-01-09"),
        }
    }
    if let Some(cursor) = query.text("cursor") {
        filter.after = read_cursor(&cursor);
        if filter.after.is_none() {
            query.wrong("cursor", "is not where a page ended");
        }
    }
    query.finish()?;
    let mut rows = ask.engine(move |engine| engine.shows(&filter)).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let cursor = rows.last().filter(|_| more).map(cursor);
    let next = cursor.map(|cursor| next(&ask, cursor));
    let views: Vec<_> = rows.iter().map(ShowView::of).collect();
    Ok(Answer::list(&views, next).public())
}

/// The next page of this very list.
pub fn next(ask: &Ask, cursor: String) -> Next<'_> {
    let query = without(ask.head.uri.query().unwrap_or_default(), "cursor");
    Next { path: ask.head.uri.path(), query, cursor }
}

fn cursor(row: &ShowRow) -> String {
    format!("{}.{}", row.show.opening.terms.starts_at.millis(), row.show.id)
}

fn read_cursor(text: &str) -> Option<(Timestamp, ShowId)> {
    let (millis, show) = text.split_once('.')?;
    Some((Timestamp::from_millis(millis.parse().ok()?), show.parse().ok()?))
}

/// A show and its version: the number of its newest event, by which a change is refused, and a digest
/// of what is said, since its status changes by the clock, without an event.
fn print(status: StatusCode, row: &ShowRow) -> Answer {
    let answer = Answer::json(status, &ShowView::of(row));
    let Payload::Whole(body) = &answer.body else { return answer };
    let digest: String = blake3::hash(body).to_hex().chars().take(12).collect();
    let tag = format!("{}-{}-{digest}", row.show.id, row.seq);
    answer.tag(&tag)
}

async fn show(ask: Ask) -> Handled {
    let id: ShowId = ask.param("id", What::Show)?;
    let row = ask.engine(move |engine| engine.show_row(id)).await?;
    Ok(print(StatusCode::OK, &row).unless_known(&ask.head.headers))
}

async fn add(ask: Ask) -> Handled {
    let mut fields = ask.fields()?;
    let movie = fields.required("movie", Fields::number::<u32>);
    let screen = fields.required("screen", Fields::number::<u32>);
    let starts_at = fields.required("starts_at", Fields::moment);
    let price = fields.required("price", money);
    let (tiers, ends_at) = (tiers(&mut fields), fields.moment("ends_at"));
    let (sales, limits) = (Window::take(&mut fields), limits(&mut fields));
    fields.finish()?;
    let missing = || Refusal::unreadable("invalid");
    let (Some(movie), Some(screen)) = (movie, screen) else { return Err(missing()) };
    let (Some(starts_at), Some(price)) = (starts_at, price) else { return Err(missing()) };
    let movie = seatcore::MovieId::new(movie).ok_or_else(|| Refusal::not_found(What::Movie))?;
    let screen = seatcore::ScreenId::new(screen).ok_or_else(|| Refusal::not_found(What::Screen))?;
    let mut new = NewShow::new(movie, screen, starts_at, price);
    new.prices.tiers = in_currency(price, tiers.unwrap_or_default())?;
    (new.ends_at, new.opens_at) = (ends_at, sales.opens_at);
    new.closes_at = sales.closes_at.flatten();
    new.limits = limits.unwrap_or_default().over(new.limits);
    let made = ask.create(move |desk| desk.open_show(new)).await?;
    let id = made.value.id;
    let row =
        ask.engine(move |engine| engine.show_row(id)).await.map_err(Refusal::after_the_fact)?;
    let answer = print(StatusCode::CREATED, &row).replayed(made.replayed);
    Ok(answer.with(hyper::header::LOCATION, &format!("/api/v1/shows/{id}")))
}

/// When a show may be sold, as asked.
#[derive(Debug, Default)]
struct Window {
    opens_at: Option<Timestamp>,
    closes_at: Option<Option<Timestamp>>,
    closed: Option<bool>,
}

impl Window {
    fn take(fields: &mut Fields<'_>) -> Self {
        let Some(mut inner) = fields.object("sales") else { return Self::default() };
        let opens_at = inner.moment("opens_at");
        let closes_at = inner.clearable("closes_at", Fields::moment);
        let closed = inner.flag("closed");
        fields.close(inner);
        Self { opens_at, closes_at, closed }
    }
}

fn tiers(fields: &mut Fields<'_>) -> Option<Vec<(String, Money)>> {
    let mut inner = fields.object("tiers")?;
    let mut tiers = Vec::new();
    for name in inner.names() {
        if let Some(price) = money(&mut inner, &name) {
            tiers.push((name, price));
        }
    }
    fields.close(inner);
    Some(tiers)
}

fn in_currency(base: Money, tiers: Vec<(String, Money)>) -> Result<Vec<(Box<str>, u32)>, Refusal> {
    let mut all = Vec::with_capacity(tiers.len());
    for (name, price) in tiers {
        if price.currency != base.currency {
            let detail = format!("must be {}, as the price is", base.currency.code());
            let error = FieldView::new(format!("tiers/{name}/currency"), detail);
            return Err(Refusal::fields(vec![error]));
        }
        all.push((name.into(), minor(price)));
    }
    all.sort();
    Ok(all)
}

/// What does not fit is cut to what the engine refuses.
fn minor(price: Money) -> u32 {
    u32::try_from(price.amount_minor).unwrap_or(u32::MAX)
}

fn limits(fields: &mut Fields<'_>) -> Option<LimitsPatch> {
    let mut inner = fields.object("limits")?;
    let limits = LimitsPatch {
        hold_life_s: inner.number("hold_life_s"),
        holds_per_holder: inner.number("holds_per_holder"),
        seats_per_holder: inner.number("seats_per_holder"),
    };
    fields.close(inner);
    Some(limits)
}

async fn edit(ask: Ask) -> Handled {
    let id: ShowId = ask.param("id", What::Show)?;
    let mut fields = ask.fields()?;
    let (price, tiers) = (money(&mut fields, "price"), tiers(&mut fields));
    let sales = Window::take(&mut fields);
    let mut patch = ShowPatch {
        starts_at: fields.moment("starts_at"),
        ends_at: fields.moment("ends_at"),
        opens_at: sales.opens_at,
        closes_at: sales.closes_at,
        closed: sales.closed,
        prices: None,
        limits: limits(&mut fields),
        if_seq: None,
    };
    fields.finish()?;
    patch.if_seq = condition(&ask, id).await?;
    let named = currencies(price, tiers.as_deref().unwrap_or_default());
    if price.is_some() || tiers.is_some() {
        let named = |(name, price): (String, Money)| (name.into(), price);
        let tiers = tiers.map(|tiers| tiers.into_iter().map(named).collect());
        patch.prices = Some(PricePatch { base: price, tiers });
    }
    let mut change = ChangeShow::new(id, patch).source(Source::Http);
    change = change.by(ask.identity.holder()?.as_str());
    if let Some(key) = ask.key()? {
        change = change.key(key);
    }
    let app = ask.app.clone();
    match changed(ask, id, move |engine| engine.change_show(change)).await {
        Err(refusal) if refusal.problem.errors.iter().any(|error| error.field == "currency") => {
            let show = app.engine(move |engine| engine.show(id)).await?;
            Err(foreign(&named, show.opening.terms.prices.currency).unwrap_or(refusal))
        }
        answered => answered,
    }
}

/// Where a request names which currency.
fn currencies(price: Option<Money>, tiers: &[(String, Money)]) -> Vec<(String, Currency)> {
    let base = price.map(|price| ("price/currency".to_owned(), price.currency));
    let tiers =
        tiers.iter().map(|(name, price)| (format!("tiers/{name}/currency"), price.currency));
    base.into_iter().chain(tiers).collect()
}

/// The engine says that one of them is not the show's; this says which.
fn foreign(named: &[(String, Currency)], own: Currency) -> Option<Refusal> {
    let detail = format!("must be {}: this show sells in it", own.code());
    let wrong = named.iter().filter(|(_, currency)| *currency != own);
    let errors: Vec<_> = wrong.map(|(field, _)| FieldView::new(field, &*detail)).collect();
    (!errors.is_empty()).then(|| Refusal::fields(errors))
}

/// The seq that the show must still have: of several versions that are meant, the one that it has.
async fn condition(ask: &Ask, id: ShowId) -> Result<Option<u64>, Refusal> {
    let Meant::One(tags) = condition::of(&ask.head.headers)? else { return Ok(None) };
    let seqs: Vec<u64> = tags.iter().filter_map(|tag| seq_of(id, tag)).collect();
    if let [_, _, ..] = *seqs {
        let now = ask.engine(move |engine| engine.show_row(id)).await?.seq;
        if seqs.contains(&now) {
            return Ok(Some(now));
        }
    }
    // None of them is this show's: no event has this number.
    Ok(Some(seqs.into_iter().max().unwrap_or(u64::MAX)))
}

/// The seq in a show's tag: `id-seq-digest`.
fn seq_of(id: ShowId, tag: &str) -> Option<u64> {
    let (show, behind) = tag.split_once('-')?;
    let seq = behind.split_once('-').map_or(behind, |(seq, _)| seq);
    let own = show.parse::<u32>().ok().and_then(ShowId::new) == Some(id);
    if own { seq.parse().ok() } else { None }
}

async fn cancel(ask: Ask) -> Handled {
    let id: ShowId = ask.param("id", What::Show)?;
    let mut fields = ask.fields()?;
    let reason = owned(&mut fields, "reason");
    fields.finish()?;
    let mut cancel = CancelShow::new(id).source(Source::Http).by(ask.identity.holder()?.as_str());
    if let Some(reason) = reason {
        cancel = cancel.reason(reason);
    }
    if let Some(seq) = condition(&ask, id).await? {
        cancel = cancel.if_seq(seq);
    }
    if let Some(key) = ask.key()? {
        cancel = cancel.key(key);
    }
    changed(ask, id, move |engine| engine.cancel_show(cancel)).await
}

/// Submits a change and answers with the show as it is then.
async fn changed(
    ask: Ask,
    id: ShowId,
    submit: impl FnOnce(&seatcore::Engine) -> seatcore::Reply<seatcore::house::outcome::ShowEvent>,
) -> Handled {
    let reply = submit(&ask.app.engine);
    let done = ask.outcome(reply, |_| Answer::nothing(), What::Show).await?;
    let row =
        ask.engine(move |engine| engine.show_row(id)).await.map_err(Refusal::after_the_fact)?;
    let mut answer = print(StatusCode::OK, &row);
    let replayed = done.headers.get(REPLAYED).cloned();
    answer.headers.extend(replayed.map(|value| (REPLAYED, value)));
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_venue_s_also_when_clocks_change() {
        let hours = |zone: Tz, date| {
            let (from, before) = day(zone, date).expect("a day");
            before.since(from).as_secs() / 3_600
        };
        assert_eq!(hours(Tz::UTC, "2027-01-09"), 24);
        assert_eq!(hours(Tz::Europe__Berlin, "2027-03-28"), 23);
        assert_eq!(hours(Tz::Europe__Berlin, "2027-10-31"), 25);
        assert_eq!(hours(Tz::Africa__Cairo, "2027-04-30"), 23, "midnight itself is skipped");
        assert!(day(Tz::UTC, "2027-02-30").is_none() && day(Tz::UTC, "today").is_none());
    }
}
