//! What must be true of a folder that is found when the power is back.

use crate::disk::Found;
use crate::ledger::{Asked, Deed, Story};
use crate::recording::DATABASE;
use seatcore::house::hold::HoldState;
use seatcore::{Book, BookingId, Engine, Hold, HoldId, ShowId};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::house::{NOW, still};
use support::place::folder;
use tempfile::TempDir;

/// What was looked at.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Answers that were given again in the same words.
    pub again: usize,
    /// Commands without an answer that were there, wholly.
    pub there: usize,
    /// Commands without an answer that were not.
    pub absent: usize,
}

/// Opens what was found as a user would, and compares it with what was said before.
pub fn judge(found: &Found, story: &Story) -> Tally {
    let place = folder();
    for (name, bytes) in &found.files {
        std::fs::write(place.path().join(name), bytes).expect("a folder of ours");
    }
    let path = place.path().join(DATABASE);
    let builder = still(&seatcore::clock::ManualClock::at(NOW)).create(story.ready.is_empty());
    let (engine, migrated) = builder.open_telling(&path).expect("the database opens");
    assert_sound(&engine);
    let mut judge = Judge { place, engine, story, found, tally: Tally::default() };
    if story.earlier && migrated.is_none() {
        assert!(judge.found_copies() > 0, "brought up to date, and no copy of what it was");
    }
    judge.answers();
    judge.silences();
    judge.bookings();
    judge.sells_on();
    let Judge { engine, tally, .. } = judge;
    engine.follow().wait().expect("the tables follow");
    assert_sound(&engine);
    engine.close();
    tally
}

/// The file is one, and everything in it is a fold of its log.
fn assert_sound(engine: &Engine) {
    let broken = engine.check().expect("the file can be read");
    assert!(broken.is_empty(), "integrity_check: {broken:?}");
    let report = engine.verify().expect("the log can be read");
    assert!(report.clean(), "{report:#?}");
}

struct Judge<'s> {
    place: TempDir,
    engine: Engine,
    story: &'s Story,
    found: &'s Found,
    tally: Tally,
}

impl Judge<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn is_archived(&self, show: ShowId) -> bool {
        self.engine.show(show).expect("a show never goes").archived
    }

    /// Whoever was told something is told the same again, and what was done is there.
    fn answers(&mut self) {
        for asked in &self.story.asked {
            let Some((words, remembered)) = &asked.told else { continue };
            match &asked.deed {
                Deed::Backup(name) => self.copy_is_whole(name, asked),
                Deed::Archive(show, name) => {
                    assert!(self.is_archived(*show), "{show} was archived");
                    self.archive_is_whole(*show, name);
                }
                Deed::Film(title, kilobytes) => self.film_is_there(title, *kilobytes),
                Deed::Vacuum => {}
                deed if !remembered || self.is_gone(deed) => {}
                _ => self.tally.again += assert_same(&self.engine, self.place.path(), asked, words),
            }
        }
    }

    /// Commands about an archived show are refused; what they came to is in its archive.
    fn is_gone(&self, deed: &Deed) -> bool {
        deed.show().is_some_and(|show| self.is_archived(show))
    }

    /// What nobody was told is there or not, and is decided once.
    fn silences(&mut self) {
        for asked in self.story.asked.iter().filter(|asked| asked.told.is_none()) {
            let ask = |this: &Self| {
                asked.deed.ask(&this.engine, this.place.path(), &asked.who, &asked.key)
            };
            match &asked.deed {
                Deed::Backup(name) => {
                    if !self.found.files.contains_key(name) {
                        assert!(ask(self).remembered, "nothing is in the way of {name}");
                    }
                    self.copy_is_whole(name, asked);
                }
                Deed::Archive(show, name) => {
                    if !self.is_archived(*show) {
                        let told = ask(self);
                        assert!(told.remembered, "nothing is in the way of {name}: {told:?}");
                    }
                    self.archive_is_whole(*show, name);
                }
                Deed::Film(..) | Deed::Vacuum => assert!(ask(self).remembered),
                deed if self.is_gone(deed) => {}
                _ => {
                    let (first, second) = (ask(self), ask(self));
                    let there = first.replayed;
                    self.tally.there += usize::from(there);
                    self.tally.absent += usize::from(!there);
                    assert_eq!((&first.words, first.remembered), (&second.words, second.replayed));
                }
            }
        }
    }

    /// A copy under its own name has all that was answered before it was asked for.
    fn copy_is_whole(&self, name: &str, asked: &Asked) {
        assert!(self.found.files.contains_key(name) || asked.told.is_none(), "{name} is lost");
        let engine = open(&self.path(name));
        assert_sound(&engine);
        for before in
            self.story.asked.iter().filter(|before| (1..=asked.after).contains(&before.answer))
        {
            let Some((words, true)) = &before.told else { continue };
            if before.deed.show().is_some() {
                assert_same(&engine, self.place.path(), before, words);
            }
        }
        engine.close();
    }

    fn archive_is_whole(&self, show: ShowId, name: &str) {
        let engine = open(&self.path(name));
        assert_sound(&engine);
        let last = engine.history(show, None, 1).expect("its show").pop();
        let ended = last.is_some_and(|event| event.kind.as_str() == "archived");
        assert!(ended, "{name} has no last record");
        for booking in self.story.booked().filter(|booking| booking.hold().show() == Some(show)) {
            engine.booking(booking).expect("what was booked is in the archive");
        }
        engine.close();
    }

    /// A poster of the last size that was set or asked for.
    fn film_is_there(&self, title: &str, told: usize) {
        let movies = self.engine.movies().expect("a list");
        let movie = movies.iter().find(|movie| movie.title == title).expect("its film is there");
        let poster = self.engine.poster(movie.id).expect("and its poster");
        let is_later = |asked: &&Asked| matches!(&asked.deed, Deed::Film(of, _) if of == title);
        let mut sizes = self.story.asked.iter().filter(is_later).filter_map(|asked| {
            let Deed::Film(_, kilobytes) = asked.deed else { return None };
            Some(kilobytes)
        });
        let found = poster.bytes().len() >> 10;
        assert!(sizes.by_ref().any(|size| size == told), "it was asked for");
        assert!(found == told || sizes.any(|size| size == found), "{title} has {found} KB");
    }

    fn bookings(&self) {
        self.engine.follow().wait().expect("the tables follow");
        let doomed: BTreeSet<_> = self.story.doomed().collect();
        for id in self.story.booked() {
            let show = id.hold().show().expect("a show");
            if self.is_archived(show) {
                continue;
            }
            let booking = self.engine.booking(id).expect("what was booked is there");
            assert_eq!(booking.tickets.len(), booking.seats.len());
            let stands = booking.state == HoldState::Booked;
            let cancelled = doomed.contains(&id.hold()) || self.story.cancels(show);
            assert!(stands || cancelled, "{booking:?}");
            for ticket in booking.tickets.iter().filter(|_| stands) {
                let (of, _) = self.engine.ticket(ticket.code).expect("a ticket that was sold");
                assert_eq!(of.id, id);
            }
        }
    }

    /// In a row that no client of the workload wanted.
    fn sells_on(&self) {
        for show in &self.story.ready {
            if self.is_archived(*show) || self.story.cancels(*show) {
                continue;
            }
            let hold = self.engine.hold(Hold::new(*show, ["B1", "B2"]).by("later")).wait();
            let booked = self.engine.book(Book::new(hold.expect("free seats").id)).wait();
            assert_eq!(booked.expect("a live hold").tickets.len(), 2);
        }
    }

    fn found_copies(&self) -> usize {
        let copies = self.found.files.keys().filter(|name| name.ends_with(".bak"));
        copies.map(|name| assert_sound(&open(&self.path(name)))).count()
    }
}

fn open(path: &Path) -> Engine {
    let builder = still(&seatcore::clock::ManualClock::at(NOW)).create(false);
    builder.open(path).unwrap_or_else(|no| panic!("{}: {no}", path.display()))
}

fn assert_same(engine: &Engine, folder: &Path, asked: &Asked, words: &str) -> usize {
    let again = asked.deed.ask(engine, folder, &asked.who, &asked.key);
    assert!(again.replayed, "{asked:?} is lost: {again:?}");
    assert_eq!(again.words, words, "{asked:?}");
    1
}

impl Deed {
    /// The show whose log it is in.
    fn show(&self) -> Option<ShowId> {
        match self {
            Self::Hold(show, _) | Self::Swap(_, show, _) | Self::CancelShow(show) => Some(*show),
            Self::Book(hold) | Self::Release(hold) => hold.show(),
            Self::Cancel(booking) => booking.hold().show(),
            Self::Film(..) | Self::Backup(_) | Self::Archive(..) | Self::Vacuum => None,
        }
    }
}

impl Story {
    /// Bookings that somebody was told of.
    fn booked(&self) -> impl Iterator<Item = BookingId> {
        self.asked.iter().filter_map(|asked| match (&asked.deed, &asked.told) {
            (Deed::Book(hold), Some((words, _))) if words.starts_with("Ok") => Some((*hold).into()),
            _ => None,
        })
    }

    /// Whose cancellation was asked for, answered or not.
    fn doomed(&self) -> impl Iterator<Item = HoldId> {
        self.asked.iter().filter_map(|asked| match asked.deed {
            Deed::Cancel(booking) => Some(booking.hold()),
            _ => None,
        })
    }

    fn cancels(&self, show: ShowId) -> bool {
        self.asked.iter().any(|asked| asked.deed == Deed::CancelShow(show))
    }
}
