//! Users of a race at a server: each registers and signs in, as people do, and is gone afterwards.

use super::race::Track;
use crate::error::CliError;
use crate::interrupt::Interrupt;
use crate::office::server::ServerOffice;
use crate::office::server::client::{Client, Command, Credential, Payload};
use crate::office::{Answer, Staff};
use seatcore::UserId;
use seatcore::accounts::Role;
use serde_json::json;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Who registers at the same time: a server hashes two passwords at once.
const HANDS: u32 = 4;

/// Somebody who signed in: their number in the race, and at the server.
#[derive(Debug)]
struct Guest {
    number: u32,
    user: UserId,
    client: Client,
}

/// Users who were made for a race.
#[derive(Debug, Clone)]
pub struct Guests {
    client: Client,
    known: Arc<Mutex<Vec<Guest>>>,
    /// How many are in.
    pub entered: Arc<AtomicU64>,
}

impl Guests {
    /// Nobody yet.
    pub fn at(client: Client) -> Self {
        Self { client, known: Arc::default(), entered: Arc::default() }
    }

    /// Lets so many in, and answers with the track they run on.
    pub fn enter(&self, count: u32) -> Answer<Track> {
        let crowd = random()?;
        let next = AtomicU32::new(1);
        let interrupt = Interrupt::watch();
        let let_in = || -> Answer<()> {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number > count {
                    return Ok(());
                }
                interrupt.check()?;
                self.let_in(number, &format!("stress_{crowd}_{number}"))?;
            }
        };
        std::thread::scope(|scope| {
            let hands: Vec<_> = (0..HANDS.min(count)).map(|_| scope.spawn(let_in)).collect();
            let ends = hands.into_iter().map(|hand| hand.join().unwrap_or(Ok(())));
            ends.collect::<Answer<Vec<()>>>()
        })?;
        Ok(Track::Server(self.places()))
    }

    fn places(&self) -> Arc<[ServerOffice]> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.sort_by_key(|guest| guest.number);
        known.iter().map(|guest| ServerOffice::new(guest.client.clone())).collect()
    }

    fn let_in(&self, number: u32, name: &str) -> Answer<()> {
        let password = random()?;
        let mut client = self.client.clone();
        client.credential = Credential::Guest;
        let office = ServerOffice::new(client.clone());
        let user = office.add_user(name, &password, Role::Customer)?.id;
        client.credential = Credential::Session(sign_in(&client, name, &password)?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.push(Guest { number, user, client });
        self.entered.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Sends them home: what they bought stays, their names and sessions do not. Answers how many
    /// could not be sent, because only a manager's key may.
    pub fn leave(&self) -> usize {
        let office = ServerOffice::new(self.client.clone());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::mem::take(&mut *known);
        if matches!(self.client.credential, Credential::Guest) {
            return all.len();
        }
        all.iter().filter(|guest| office.remove_user(guest.user).is_err()).count()
    }
}

/// The cookie that the server sets.
fn sign_in(client: &Client, name: &str, password: &str) -> Answer<String> {
    let body = json!({"name": name, "password": password});
    let (method, path, body) = ("POST", "/api/v1/session", Payload::Json(&body));
    let answer = client.command(&Command { method, path, body, key: None })?;
    let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
    let what = "a sign-in without a session".to_owned();
    cookie.ok_or_else(|| CliError::Foreign { url: client.base().to_owned(), what })
}

fn random() -> Answer<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(format!("{:016x}", u64::from_le_bytes(bytes)))
}
