//! The HTTP face as `seatcore serve` runs it, over a fresh file with shows and people signed in.

use crate::Outcome;
use crate::http::client::{Answer, answers_at, ask_once};
use crate::place::{Place, remove_database};
use crate::rivals::django::free_address;
use crate::rivals::engine::{HOUSE_BUDGET, programme};
use crate::rivals::process::Server;
use crate::work::{Block, plan};
use clap::Args;
use rustix::process::Signal;
use seatcore::accounts::Role;
use seatcore::clock::Stopwatch;
use seatcore::{Engine, Hold, ShowId};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// People who buy: each has a session.
pub const USERS: usize = 64;
/// How often the background load begins anew.
const TICK: Duration = Duration::from_millis(10);

/// What the process is told.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The file, made anew
    #[arg(long)]
    file: PathBuf,
    /// Where to listen
    #[arg(long)]
    bind: SocketAddr,
    /// Where the sessions are written, one cookie a line
    #[arg(long)]
    cookies: PathBuf,
    /// Shows
    #[arg(long, default_value_t = 100)]
    shows: usize,
    /// Seats of each
    #[arg(long, default_value_t = 500)]
    seats: usize,
    /// Commands a second that land on all shows but the first
    #[arg(long, default_value_t = 0)]
    busy: usize,
}

/// A server in a process of its own, stopped when dropped.
#[derive(Debug)]
pub struct BoxOffice {
    server: Server,
    /// Where it listens.
    pub address: SocketAddr,
    /// A cookie for each buyer.
    pub cookies: Vec<String>,
    /// Its file.
    pub file: PathBuf,
}

impl BoxOffice {
    /// Starts it and waits until it answers. Its shows are numbered from 1.
    pub fn start(place: &Place, shows: usize, seats: usize, busy: usize) -> Outcome<Self> {
        let address = free_address()?;
        let (file, cookies) =
            (place.path(&format!("http-{shows}-{busy}.db")), place.path("cookies"));
        drop(std::fs::remove_file(&cookies));
        let mut serve = Command::new(std::env::current_exe()?);
        serve.arg("serve").arg("--file").arg(&file).arg("--cookies").arg(&cookies);
        serve.arg(format!("--bind={address}")).arg(format!("--shows={shows}"));
        serve.arg(format!("--seats={seats}")).arg(format!("--busy={busy}"));
        let answers = || answers_at(address);
        let server = Server::start(serve, &place.path("serve.log"), Signal::TERM, answers)?;
        let cookies = std::fs::read_to_string(&cookies)?.lines().map(str::to_owned).collect();
        Ok(Self { server, address, cookies, file })
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.server.id()
    }

    /// One request, to see what is answered.
    pub fn get(&self, path: &str) -> Outcome<Answer> {
        ask_once(self.address, &format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address))
    }

    /// A hold of a buyer's own four seats in a show.
    pub fn hold_request(&self, buyer: usize, show: usize, key: &str) -> String {
        let body = hold_body(buyer);
        let (cookie, length) = (&self.cookies[buyer % self.cookies.len()], body.len());
        format!(
            "POST /api/v1/shows/{show}/holds HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\n\
             content-type: application/json\r\nidempotency-key: {key}\r\n\
             content-length: {length}\r\n\r\n{body}",
            self.address
        )
    }
}

impl Drop for BoxOffice {
    fn drop(&mut self) {
        remove_database(&self.file);
    }
}

/// Four seats by name.
pub fn hold_body(buyer: usize) -> String {
    let labels = Block::numbered(0, buyer).labels().map(|label| format!("\"{label}\""));
    format!("{{\"seats\":[{}]}}", labels.join(","))
}

/// What the process does.
pub fn serve(args: &ServeArgs) -> Outcome<()> {
    remove_database(&args.file);
    let engine = Engine::builder().house_budget(HOUSE_BUDGET).open(&args.file)?;
    let shows = programme(&engine, args.shows, &plan(args.seats))?;
    let cookies = (0..USERS).map(|number| cookie(&engine, number)).collect::<Outcome<Vec<_>>>()?;
    std::fs::write(&args.cookies, cookies.join("\n"))?;
    if args.busy > 0 {
        let (engine, busy) = (engine.clone(), args.busy);
        std::thread::spawn(move || keep_busy(&engine, &shows, busy));
    }
    let options = seatcore_http::Options::default();
    seatcore_http::run(engine.clone(), options, args.bind, |_| ())?;
    engine.close();
    Ok(())
}

fn cookie(engine: &Engine, number: usize) -> Outcome<String> {
    let user =
        engine.add_user(&format!("buyer{number}"), "a long enough secret", Role::Customer)?;
    let session = engine.start_session(user.id, None)?;
    Ok(format!("seatcore_session={}", session.token.reveal()))
}

/// Holds in one tick, releases in the next, on every show but the first.
fn keep_busy(engine: &Engine, shows: &[ShowId], busy: usize) {
    let (each, watch) = ((busy as f64 * TICK.as_secs_f64()) as usize, Stopwatch::start());
    let rest_until = |tick: u32| std::thread::sleep((TICK * tick).saturating_sub(watch.elapsed()));
    for round in 0_u32.. {
        let show = |at: usize| shows[1 + at % (shows.len() - 1)];
        let ask = |at: usize| {
            let seats = Block::numbered(0, 100 + at / shows.len()).labels();
            engine.hold(Hold::new(show(at), seats).by(format!("b{at}")).key(format!("{round}")))
        };
        let replies: Vec<_> = (0..each).map(ask).collect();
        let held: Vec<_> = replies.into_iter().filter_map(|reply| reply.wait().ok()).collect();
        rest_until(round * 2 + 1);
        let replies: Vec<_> = held.iter().map(|hold| engine.release(hold.id)).collect();
        replies.into_iter().for_each(|reply| drop(reply.wait()));
        rest_until(round * 2 + 2);
    }
}
