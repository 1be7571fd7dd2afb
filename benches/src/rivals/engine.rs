//! The engine, as its users call it: every command under a key.

use crate::Outcome;
use crate::clients::{Load, Round, run};
use crate::place::remove_database;
use crate::work::{Block, SEATS, SHOWS, Step, TOGETHER, plan};
use clap::ValueEnum;
use parking_lot::Mutex;
use seatcore::catalogue::layout::Layout;
use seatcore::catalogue::movie::NewMovie;
use seatcore::catalogue::screen::NewScreen;
use seatcore::catalogue::show::NewShow;
use seatcore::{Book, Cancel, Engine, Failure, Hold, HoldId, ShowId};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the tables follow, to see what that costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Follow {
    /// As shipped: behind, in slices.
    Behind,
    /// In the same commit.
    InCommit,
    /// Not at all.
    Off,
}

/// Houses of ten million seats stay in memory.
pub const HOUSE_BUDGET: usize = 4 << 30;

/// What is on sale, and to how many.
#[derive(Debug, Clone, Copy)]
pub struct Hall {
    /// Shows.
    pub shows: usize,
    /// Seats of each.
    pub seats: usize,
    /// Clients at most.
    pub clients: usize,
}

impl Hall {
    /// A hundred shows of five hundred seats.
    pub const USUAL: Self = Self { shows: SHOWS, seats: SEATS, clients: 1 };
}

/// An engine with shows on sale and what each client has.
#[derive(Debug)]
pub struct BoxOffice {
    /// The engine.
    pub engine: Engine,
    /// What is on.
    pub shows: Vec<ShowId>,
    path: PathBuf,
    /// Blocks of four in each show.
    blocks: usize,
    /// Shows are dealt out to this many crowds of clients, none larger than a show has blocks.
    crowds: usize,
    clients: Mutex<Vec<Mine>>,
}

/// Where one client is in its cycle.
#[derive(Debug, Clone, Copy, Default)]
struct Mine {
    command: u64,
    hold: Option<HoldId>,
}

impl BoxOffice {
    /// A fresh file with this many shows of this many seats, for at most so many clients.
    pub fn new(path: &Path, follow: Follow, hall: Hall) -> Outcome<Self> {
        remove_database(path);
        let Hall { shows, seats, clients } = hall;
        let engine = Engine::builder()
            .house_budget(HOUSE_BUDGET)
            .follow(follow != Follow::Off)
            .follow_in_commit(follow == Follow::InCommit)
            .open(path)?;
        let shows = programme(&engine, shows, &plan(seats))?;
        let (path, blocks) = (path.to_owned(), seats / TOGETHER);
        let (crowds, clients) = (clients.div_ceil(blocks), Mutex::default());
        Ok(Self { engine, shows, path, blocks, crowds, clients })
    }

    /// One round; clients go on where the last one left them.
    pub fn round(&self, load: Load) -> Round {
        let mut clients = self.clients.lock();
        let more = clients.len().max(load.clients);
        clients.resize(more, Mine::default());
        let mine: Vec<_> = clients.iter().map(|mine| Mutex::new(*mine)).collect();
        let round = run(load, |client| self.ask(client, &mut mine[client].lock()));
        *clients = mine.into_iter().map(Mutex::into_inner).collect();
        round.remarked(format!("lag {}", self.engine.lag()))
    }

    /// Closes, and removes the file.
    pub fn end(self) {
        self.engine.close();
        remove_database(&self.path);
    }

    /// A client goes from show to show, never where another has its seats.
    fn place(&self, client: usize, cycle: usize) -> Block {
        let rooms = self.shows.len() / self.crowds;
        let show = (client + cycle) % rooms * self.crowds + client / self.blocks;
        Block::numbered(show, client % self.blocks)
    }

    fn ask(&self, client: usize, mine: &mut Mine) -> bool {
        let (holder, key) = (format!("client-{client}"), format!("{client}-{}", mine.command));
        let step = Step::of(mine.command);
        let granted = match (step, mine.hold) {
            (Step::Book, Some(hold)) => {
                let booked = self.engine.book(Book::new(hold).by(holder).key(key)).wait();
                booked.map(|booking| booking.id.hold())
            }
            (Step::Cancel, Some(hold)) => {
                self.engine.cancel(Cancel::new(hold).by(holder).key(key)).wait().map(|_| hold)
            }
            _ => {
                let block = self.place(client, (mine.command / 3) as usize);
                let wish = Hold::new(self.shows[block.show], block.labels()).by(holder).key(key);
                self.engine.hold(wish).wait().map(|hold| hold.id)
            }
        };
        mine.hold = granted.as_ref().ok().copied();
        mine.command += 1;
        granted.is_ok()
    }
}

/// One round on a fresh file of a hundred shows; the file is verified afterwards.
pub fn round(load: Load, follow: Follow, path: &Path) -> Outcome<Round> {
    let office = BoxOffice::new(path, follow, Hall { clients: load.clients, ..Hall::USUAL })?;
    let round = office.round(load);
    office.engine.close();
    let engine = Engine::open(path)?;
    let report = engine.verify()?;
    engine.close();
    remove_database(path);
    if !report.clean() {
        return Err(format!("verify found {} contradictions", report.findings.len()).into());
    }
    let remark = format!("{} at the end, {} records verified clean", round.remark, report.records);
    Ok(round.remarked(remark))
}

/// A film in one hall, a show every three hours from the day after tomorrow on.
pub fn programme(engine: &Engine, shows: usize, plan: &str) -> Outcome<Vec<ShowId>> {
    let (title, description) = ("Film".to_owned(), String::new());
    let film = engine.add_movie(NewMovie { title, minutes: 90, description, poster: None })?.id;
    let hall = engine.add_screen(NewScreen::new("Hall", Layout::parse(plan)?))?.id;
    let price = "12.50 EUR".parse()?;
    let first = engine.now().plus(Duration::from_secs(48 * 3_600));
    let starts = (0..shows as u64).map(|at| first.plus(Duration::from_secs(at * 3 * 3_600)));
    starts.map(|at| Ok(engine.open_show(NewShow::new(film, hall, at, price))?.id)).collect()
}

/// Holds and releases in turn, spread over all shows, a thousand at once.
pub fn fill(engine: &Engine, shows: &[ShowId], events: usize) -> Result<(), Failure> {
    const AT_ONCE: usize = 1_000;
    for round in 0..events / (2 * AT_ONCE) {
        let show = |at: usize| shows[(round * AT_ONCE + at) % shows.len()];
        let ask = |at: usize| {
            let (seat, who) = (format!("A{}", at / shows.len() + 1), format!("{round}-{at}"));
            engine.hold(Hold::new(show(at), [seat]).by(&who).key(&who))
        };
        let holds: Vec<_> = (0..AT_ONCE).map(ask).collect();
        let held: Result<Vec<_>, Failure> = holds.into_iter().map(|hold| hold.wait()).collect();
        let release =
            |id: HoldId| engine.release(seatcore::Release::new(id).key(format!("r-{id}")));
        let replies: Vec<_> = held?.into_iter().map(|hold| release(hold.id)).collect();
        replies.into_iter().try_for_each(|reply| reply.wait().map(drop))?;
    }
    Ok(())
}
