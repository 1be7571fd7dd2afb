//! The office behind a server: every question and command goes over HTTP. The server knows who
//! asks by the API key; it holds seats in that key's name.

use super::{Answer, Catalogue, Floor, NewBlock, ScreenPatch, SeatMap};
use crate::error::CliError;
use client::{Client, Command, Credential, Payload, encoded};
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::{Movie, MoviePatch, NewMovie, Poster};
use seatcore::catalogue::price::PricePatch;
use seatcore::catalogue::screen::{NewScreen, Screen};
use seatcore::catalogue::show::{LimitsPatch, NewShow, ShowFilter};
use seatcore::clock::{Clock, SystemClock, Timestamp};
use seatcore::house::command::ShowPatch;
use seatcore::money::Money;
use seatcore::wire::{LayoutView, SeatsView, ShowView, SnapshotView, WhyView};
use seatcore::{HoldDetails, Holder, MovieId, ScreenId, ShowId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

pub mod client;
mod counter;
mod log;
mod staff;
mod stream;

/// Items on one page: the most that a server gives.
const PAGE: usize = 200;

/// Works at a server.
#[derive(Debug)]
pub struct ServerOffice {
    /// The server.
    pub client: Client,
    /// Plans seen before: they never change.
    plans: Mutex<BTreeMap<String, Arc<Layout>>>,
}

/// A page of a list.
#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    next: Option<String>,
}

/// A key for a command that was given none: should the answer get lost, it can be asked for.
pub fn drawn_key(said: Option<String>) -> Option<String> {
    said.or_else(|| {
        let mut bytes = [0_u8; 16];
        // Without randomness there is no safe repeating, and none is tried.
        getrandom::fill(&mut bytes).ok()?;
        Some(format!("cli-{:032x}", u128::from_le_bytes(bytes)))
    })
}

/// An object without what has no value.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let given = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
    Value::Object(members.into_iter().filter_map(given).collect())
}

fn some<T: serde::Serialize>(value: Option<T>) -> Option<Value> {
    value.and_then(|value| serde_json::to_value(value).ok())
}

/// A path with a query of what has a value.
fn with_query<const N: usize>(path: &str, parts: [(&str, Option<String>); N]) -> String {
    let given =
        |(name, value): (&str, Option<String>)| Some(format!("{name}={}", encoded(&value?)));
    let parts: Vec<_> = parts.into_iter().filter_map(given).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

impl ServerOffice {
    /// An office at a server.
    pub fn new(client: Client) -> Self {
        Self { client, plans: Mutex::default() }
    }

    /// Page after page, until there is no more or enough.
    fn pages<T: DeserializeOwned>(
        &self,
        enough: usize,
        page: usize,
        path: impl Fn(Option<String>, usize) -> String,
    ) -> Answer<Vec<T>> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let wanted = page.min(enough - all.len());
            let page: Page<T> = self.client.get(&path(cursor, wanted))?;
            all.extend(page.data);
            cursor = page.next.filter(|_| all.len() < enough);
            if cursor.is_none() {
                all.truncate(enough);
                return Ok(all);
            }
        }
    }

    fn create<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Answer<T> {
        let key = drawn_key(None);
        let body = Payload::Json(body);
        self.client.send(&Command { method: "POST", path, body, key: key.as_deref() })
    }

    /// A change that comes to the same when it is made twice.
    fn patch<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Answer<T> {
        let body = Payload::Json(body);
        self.client.send(&Command { method: "PATCH", path, body, key: None })
    }

    fn delete(&self, path: &str) -> Answer<()> {
        let (method, body) = ("DELETE", Payload::None);
        self.client.send_only(&Command { method, path, body, key: None })
    }

    fn layout(&self, known_as: &str, path: &str) -> Answer<Arc<Layout>> {
        let plans = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(layout) = plans().get(known_as) {
            return Ok(layout.clone());
        }
        let layout = self.client.get::<LayoutView>(path)?.into_layout();
        let layout = Arc::new(layout.map_err(|error| CliError::Foreign {
            url: self.client.base().to_owned(),
            what: format!("a seating plan that is none: {error}"),
        })?);
        plans().insert(known_as.to_owned(), layout.clone());
        Ok(layout)
    }

    /// Staff are named by their key, and by nothing else.
    fn check_staff(&self, named: Option<&str>) -> Answer<()> {
        match named {
            Some(named) if Some(named) != self.key_holder().as_ref().map(Holder::as_str) => {
                Err(CliError::usage("--as: at a server, staff are named by their API key")
                    .hint("leave --as out"))
            }
            _ => Ok(()),
        }
    }

    /// Who the key holds seats as.
    fn key_holder(&self) -> Option<Holder> {
        match &self.client.credential {
            Credential::Key(key) => Some(Holder::of_key(key.id())),
            Credential::Guest | Credential::Session(_) => None,
        }
    }
}

impl Catalogue for ServerOffice {
    fn now(&self) -> Timestamp {
        SystemClock.wall()
    }

    fn movies(&self) -> Answer<Vec<Movie>> {
        Ok(self.client.get::<Page<Movie>>("/api/v1/movies")?.data)
    }

    fn movie(&self, id: MovieId) -> Answer<Movie> {
        self.client.get(&format!("/api/v1/movies/{id}"))
    }

    fn add_movie(&self, movie: NewMovie) -> Answer<Movie> {
        let NewMovie { title, minutes, description, poster } = movie;
        let body = json!({"title": title, "minutes": minutes, "description": description});
        let added: Movie = self.create("/api/v1/movies", &body)?;
        let Some(poster) = poster else { return Ok(added) };
        self.set_poster(added.id, poster)?;
        self.movie(added.id)
    }

    fn edit_movie(&self, id: MovieId, patch: MoviePatch) -> Answer<Movie> {
        let MoviePatch { title, minutes, description } = patch;
        let members = [
            ("title", some(title)),
            ("minutes", some(minutes)),
            ("description", some(description)),
        ];
        self.patch(&format!("/api/v1/movies/{id}"), &object(members))
    }

    fn set_poster(&self, id: MovieId, poster: Poster) -> Answer<()> {
        let path = &format!("/api/v1/movies/{id}/poster");
        let body = Payload::Image(poster.kind().media_type(), poster.bytes());
        self.client.send_only(&Command { method: "PUT", path, body, key: None })
    }

    fn remove_movie(&self, id: MovieId) -> Answer<()> {
        self.delete(&format!("/api/v1/movies/{id}"))
    }

    fn screens(&self) -> Answer<Vec<Screen>> {
        Ok(self.client.get::<Page<Screen>>("/api/v1/screens")?.data)
    }

    fn screen(&self, id: ScreenId) -> Answer<Screen> {
        self.client.get(&format!("/api/v1/screens/{id}"))
    }

    fn plan(&self, screen: &Screen) -> Answer<Layout> {
        let path = format!("/api/v1/screens/{}/layout", screen.id);
        Ok(Layout::clone(&*self.layout(&screen.layout.to_string(), &path)?))
    }

    fn add_screen(&self, screen: NewScreen) -> Answer<Screen> {
        let members = [
            ("name", some(Some(screen.name))),
            ("layout", some(Some(screen.layout.plan()))),
            ("tz", some(screen.tz)),
            ("cleaning_s", some(Some(screen.cleaning.as_secs()))),
        ];
        self.create("/api/v1/screens", &object(members))
    }

    fn edit_screen(&self, id: ScreenId, patch: ScreenPatch) -> Answer<Screen> {
        let members = [
            ("name", some(patch.name)),
            ("layout", some(patch.layout.map(|layout| layout.plan()))),
            ("tz", some(patch.tz)),
            ("cleaning_s", some(patch.cleaning.map(|pause| pause.as_secs()))),
        ];
        self.patch(&format!("/api/v1/screens/{id}"), &object(members))
    }

    fn remove_screen(&self, id: ScreenId) -> Answer<()> {
        self.delete(&format!("/api/v1/screens/{id}"))
    }

    fn shows(&self, filter: ShowFilter) -> Answer<Vec<ShowView>> {
        self.pages(usize::MAX, PAGE, |cursor, limit| {
            let text = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string());
            let parts = [
                ("movie", filter.movie.map(|id| id.to_string())),
                ("screen", filter.screen.map(|id| id.to_string())),
                ("from", text(filter.from)),
                ("before", text(filter.before)),
                ("limit", Some(limit.to_string())),
                ("cursor", cursor),
            ];
            with_query("/api/v1/shows", parts)
        })
    }

    fn show(&self, id: ShowId) -> Answer<ShowView> {
        self.client.get(&format!("/api/v1/shows/{id}"))
    }

    fn open_show(&self, show: NewShow) -> Answer<ShowView> {
        let prices = PricePatch::from(show.prices);
        let sales =
            object([("opens_at", some(show.opens_at)), ("closes_at", some(show.closes_at))]);
        let members = [
            ("movie", some(Some(show.movie))),
            ("screen", some(Some(show.screen))),
            ("starts_at", some(Some(show.starts_at))),
            ("ends_at", some(show.ends_at)),
            ("price", some(prices.base)),
            ("tiers", prices.tiers.map(tiers)),
            ("sales", Some(sales)),
            ("limits", Some(limits(show.limits.into()))),
        ];
        self.create("/api/v1/shows", &object(members))
    }

    fn change_show(&self, id: ShowId, patch: ShowPatch) -> Answer<ShowView> {
        let mut sales =
            object([("opens_at", some(patch.opens_at)), ("closed", some(patch.closed))]);
        if let Some(closes_at) = patch.closes_at {
            sales["closes_at"] = some(closes_at).unwrap_or(Value::Null);
        }
        let prices = patch.prices.unwrap_or_default();
        let members = [
            ("starts_at", some(patch.starts_at)),
            ("ends_at", some(patch.ends_at)),
            ("price", some(prices.base)),
            ("tiers", prices.tiers.map(tiers)),
            ("sales", Some(sales)),
            ("limits", patch.limits.map(limits)),
        ];
        let key = drawn_key(None);
        let (path, body) = (&format!("/api/v1/shows/{id}"), &object(members));
        let body = Payload::Json(body);
        self.client.send(&Command { method: "PATCH", path, body, key: key.as_deref() })
    }

    fn cancel_show(&self, id: ShowId, reason: Option<String>) -> Answer<ShowView> {
        let body = object([("reason", some(reason))]);
        self.create(&format!("/api/v1/shows/{id}/cancel"), &body)
    }
}

fn tiers(prices: Vec<(Box<str>, Money)>) -> Value {
    let tier = |(name, price): (Box<str>, Money)| Some((name.into(), some(Some(price))?));
    Value::Object(prices.into_iter().filter_map(tier).collect())
}

fn limits(patch: LimitsPatch) -> Value {
    object([
        ("hold_life_s", some(patch.hold_life_s)),
        ("holds_per_holder", some(patch.holds_per_holder)),
        ("seats_per_holder", some(patch.seats_per_holder)),
    ])
}

impl Floor for ServerOffice {
    fn seat_map(&self, show: ShowId) -> Answer<SeatMap> {
        let view: SnapshotView<'static> =
            self.client.get(&format!("/api/v1/shows/{show}/snapshot"))?;
        let hash = view.layout.to_string();
        let layout = self.layout(&hash, &format!("/api/v1/shows/{show}/layout/{hash}"))?;
        // A lapse changes seats before an event tells of it.
        let tag = format!("{}-{:?}", view.seq, view.n);
        Ok(SeatMap { view, layout, tag })
    }

    fn seats(&self, show: ShowId, asker: Option<&Holder>) -> Answer<SeatsView> {
        let holder = asker.map(ToString::to_string);
        self.client.get(&with_query(&format!("/api/v1/shows/{show}/seats"), [("holder", holder)]))
    }

    fn why(&self, show: ShowId, seat: &str) -> Answer<WhyView> {
        self.client.get(&format!("/api/v1/shows/{show}/seats/{}", encoded(seat)))
    }

    fn block(&self, block: NewBlock) -> Answer<HoldDetails> {
        self.check_staff(block.staff.as_deref())?;
        let body = json!({"seats": block.seats, "reason": block.reason, "force": block.force});
        self.create(&format!("/api/v1/shows/{}/blocks", block.show), &body)
    }

    fn unblock(&self, show: ShowId, seats: &[String], staff: Option<&str>) -> Answer<HoldDetails> {
        self.check_staff(staff)?;
        let path = format!("/api/v1/shows/{show}/blocks");
        let path = &with_query(&path, [("seats", Some(seats.join(",")))]);
        let (method, body, key) = ("DELETE", Payload::None, drawn_key(None));
        self.client.send(&Command { method, path, body, key: key.as_deref() })
    }
}
