//! Selling at a server: in the name of the API key that asks.

use super::client::{Command, Payload};
use super::{ServerOffice, drawn_key, object, some, with_query};
use crate::args::Acting;
use crate::error::CliError;
use crate::office::{Answer, Best, Choice, Counter, Part, Wish};
use seatcore::error::Code;
use seatcore::house::command::BATCH_COMMANDS_MAX;
use seatcore::house::rejection::Rejection;
use seatcore::store::BookingFilter;
use seatcore::wire::TicketView;
use seatcore::{Booking, BookingId, HoldDetails, HoldId, Holder, ShowId, TicketCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;

/// Asks for everybody's, where only staff may.
const EVERYBODY: &str = "*";

/// What became of a batch.
#[derive(Deserialize)]
struct Results {
    results: Vec<Value>,
}

impl Wish {
    fn body(&self) -> Value {
        let (seats, best) = match &self.seats {
            Choice::Seats(seats) => (some(Some(seats)), None),
            Choice::Best(best) => (None, Some(best.body())),
        };
        object([
            ("seats", seats),
            ("best", best),
            ("ttl_s", some(self.ttl.map(|ttl| ttl.as_secs()))),
            ("reference", some(self.reference.as_ref())),
        ])
    }
}

impl Best {
    fn body(&self) -> Value {
        object([
            ("count", some(Some(self.count))),
            ("tier", some(self.tier.as_ref())),
            ("accessible", some(Some(self.accessible).filter(|places| *places > 0))),
            ("together", some(Some(self.together).filter(|together| *together))),
        ])
    }
}

impl ServerOffice {
    fn keyed<T: DeserializeOwned>(
        &self,
        method: &'static str,
        path: &str,
        body: Option<&Value>,
        key: Option<String>,
    ) -> Answer<T> {
        let key = drawn_key(key);
        let body = body.map_or(Payload::None, Payload::Json);
        self.client.send(&Command { method, path, body, key: key.as_deref() })
    }

    fn batch(&self, commands: &[Value], key: Option<String>) -> Answer<Vec<Value>> {
        let body = json!({ "commands": commands });
        let done: Results = self.keyed("POST", "/api/v1/batch", Some(&body), key)?;
        Ok(done.results)
    }

    /// `--as` names whose hold it is: the server knows the asker by its key, so this is checked
    /// here. A hold never changes hands.
    fn check_holder(&self, acting: &Acting, owner: impl FnOnce() -> Answer<Holder>) -> Answer<()> {
        match &acting.holder {
            Some(said) if owner()?.as_str() != said => Err(Rejection::NotHolder.into()),
            _ => Ok(()),
        }
    }

    fn owner(&self, hold: HoldId) -> Answer<Holder> {
        Ok(self.find_hold(hold)?.holder)
    }

    /// Everybody's for staff; whoever is not staff sees their own.
    fn whose<T>(
        &self,
        holder: Option<&Holder>,
        list: impl Fn(Option<String>) -> Answer<T>,
    ) -> Answer<T> {
        let wanted = holder.map_or(EVERYBODY, Holder::as_str);
        match list(Some(wanted.to_owned())) {
            Err(error) if holder.is_none() && error.code() == Code::NotAllowed => list(None),
            listed => listed,
        }
    }
}

fn unreadable(office: &ServerOffice) -> CliError {
    let what = "a batch whose results this version cannot read".to_owned();
    CliError::Foreign { url: office.client.base().to_owned(), what }
}

impl Counter for ServerOffice {
    fn own_holder(&self) -> Answer<Option<Holder>> {
        match self.key_holder() {
            Some(holder) => Ok(Some(holder)),
            None => Err(CliError::signed_out()),
        }
    }

    fn hold(&self, wish: &Wish, _holder: &str, key: Option<String>) -> Answer<HoldDetails> {
        let path = format!("/api/v1/shows/{}/holds", wish.show);
        self.keyed("POST", &path, Some(&wish.body()), key)
    }

    fn sell(&self, wish: &Wish, _holder: &str, key: Option<String>) -> Answer<Booking> {
        let mut hold = wish.body();
        hold["show"] = json!(wish.show);
        let commands = [json!({ "hold": hold }), json!({"book": {"hold": "@0"}})];
        let results = self.batch(&commands, key).map_err(CliError::without_step)?;
        let booking = results.into_iter().nth(1);
        let booking = booking.and_then(|booking| serde_json::from_value(booking).ok());
        booking.ok_or_else(|| unreadable(self))
    }

    fn extend(&self, hold: HoldId, ttl: Duration, acting: Acting) -> Answer<HoldDetails> {
        self.check_holder(&acting, || self.owner(hold))?;
        let body = json!({"extend_s": ttl.as_secs()});
        self.keyed("PATCH", &format!("/api/v1/holds/{hold}"), Some(&body), acting.key)
    }

    fn release(&self, hold: HoldId, seats: &[String], acting: Acting) -> Answer<HoldDetails> {
        self.check_holder(&acting, || self.owner(hold))?;
        let path = format!("/api/v1/holds/{hold}");
        if seats.is_empty() {
            return self.keyed("DELETE", &path, None, acting.key);
        }
        self.keyed("PATCH", &path, Some(&json!({"release": seats})), acting.key)
    }

    fn release_all(&self, holder: &Holder) -> Answer<Vec<HoldDetails>> {
        let mut released = Vec::new();
        for holds in self.holds(Some(holder), None)?.chunks(BATCH_COMMANDS_MAX) {
            let step = |hold: &HoldDetails| json!({"release": {"hold": hold.id}});
            let steps: Vec<_> = holds.iter().map(step).collect();
            for result in self.batch(&steps, None)? {
                released.push(serde_json::from_value(result).map_err(|_| unreadable(self))?);
            }
        }
        Ok(released)
    }

    fn book(&self, hold: HoldId, part: Part, acting: Acting) -> Answer<Booking> {
        self.check_holder(&acting, || self.owner(hold))?;
        let members = [
            ("seats", some(Some(part.seats).filter(|seats| !seats.is_empty()))),
            ("keep_rest", some(Some(part.keep_rest).filter(|keep| *keep))),
            ("reference", some(part.reference)),
        ];
        let path = format!("/api/v1/holds/{hold}/book");
        self.keyed("POST", &path, Some(&object(members)), acting.key)
    }

    fn holds(&self, holder: Option<&Holder>, show: Option<ShowId>) -> Answer<Vec<HoldDetails>> {
        let show = show.map(|show| show.to_string());
        self.whose(holder, |whose| {
            let parts = [("show", show.clone()), ("holder", whose)];
            let page: super::Page<HoldDetails> =
                self.client.get(&with_query("/api/v1/holds", parts))?;
            Ok(page.data)
        })
    }

    fn find_hold(&self, id: HoldId) -> Answer<HoldDetails> {
        self.client.get(&format!("/api/v1/holds/{id}"))
    }

    fn bookings(&self, filter: BookingFilter) -> Answer<Vec<Booking>> {
        let BookingFilter { show, holder, before, limit } = filter;
        let (show, before) = (show.map(|id| id.to_string()), before.map(|id| id.to_string()));
        self.whose(holder.as_ref(), |whose| {
            self.pages(limit as usize, super::PAGE, |cursor, limit| {
                let parts = [
                    ("show", show.clone()),
                    ("holder", whose.clone()),
                    ("limit", Some(limit.to_string())),
                    ("cursor", cursor.or_else(|| before.clone())),
                ];
                with_query("/api/v1/bookings", parts)
            })
        })
    }

    fn booking(&self, id: BookingId) -> Answer<Booking> {
        self.client.get(&format!("/api/v1/bookings/{id}"))
    }

    fn cancel(&self, id: BookingId, reason: Option<String>, acting: Acting) -> Answer<Booking> {
        self.check_holder(&acting, || Ok(self.booking(id)?.holder))?;
        let body = object([("reason", some(reason))]);
        self.keyed("POST", &format!("/api/v1/bookings/{id}/cancel"), Some(&body), acting.key)
    }

    fn ticket(&self, code: TicketCode) -> Answer<TicketView> {
        self.client.get(&format!("/api/v1/tickets/{code}"))
    }
}
