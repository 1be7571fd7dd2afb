//! What clients asked and what they were told, as lines among the recorded operations.

use crate::recording::{DATABASE, LEDGER, Op};
use parking_lot::Mutex;
use seatcore::catalogue::movie::{NewMovie, Poster};
use seatcore::house::command::Request;
use seatcore::store::sqlite::vacuum;
use seatcore::{
    Batch, Book, BookingId, Cancel, CancelShow, Engine, Failure, Hold, HoldId, Outcome, Release,
    ShowId,
};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What a client asks. Prints as one word, from which it can be asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    Hold(ShowId, Vec<String>),
    Book(HoldId),
    Release(HoldId),
    Cancel(BookingId),
    /// Gives seats back and takes others, or neither.
    Swap(HoldId, ShowId, Vec<String>),
    CancelShow(ShowId),
    /// A film, and a poster of so many kilobytes.
    Film(String, usize),
    Backup(String),
    Archive(ShowId, String),
    Vacuum,
}

/// What came of it; where there are no keys, what was done is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub words: String,
    pub replayed: bool,
    pub remembered: bool,
    /// The hold that it was about, where there is one.
    pub held: Option<HoldId>,
}

impl Deed {
    pub fn word(&self) -> String {
        match self {
            Self::Hold(show, seats) => format!("hold {show} {}", seats.join(",")),
            Self::Book(hold) => format!("book {hold}"),
            Self::Release(hold) => format!("release {hold}"),
            Self::Cancel(booking) => format!("cancel {booking}"),
            Self::Swap(hold, show, seats) => format!("swap {hold} {show} {}", seats.join(",")),
            Self::CancelShow(show) => format!("cancel-show {show}"),
            Self::Film(title, kilobytes) => format!("film {title} {kilobytes}"),
            Self::Backup(name) => format!("backup {name}"),
            Self::Archive(show, name) => format!("archive {show} {name}"),
            Self::Vacuum => "vacuum".to_owned(),
        }
    }

    pub fn parse(word: &str) -> Self {
        let seats = |text: &str| text.split(',').map(str::to_owned).collect();
        let parts: Vec<_> = word.split(' ').collect();
        match parts[..] {
            ["hold", show, all] => Self::Hold(read(show), seats(all)),
            ["book", hold] => Self::Book(read(hold)),
            ["release", hold] => Self::Release(read(hold)),
            ["cancel", booking] => Self::Cancel(read(booking)),
            ["swap", hold, show, all] => Self::Swap(read(hold), read(show), seats(all)),
            ["cancel-show", show] => Self::CancelShow(read(show)),
            ["film", title, kilobytes] => Self::Film(title.to_owned(), read(kilobytes)),
            ["backup", name] => Self::Backup(name.to_owned()),
            ["archive", show, name] => Self::Archive(read(show), name.to_owned()),
            ["vacuum"] => Self::Vacuum,
            _ => panic!("{word:?} is no deed"),
        }
    }

    /// Asks for it in this folder, under this key where there are keys.
    pub fn ask(&self, engine: &Engine, folder: &Path, who: &str, key: &str) -> Told {
        match self {
            Self::Hold(show, seats) => submit(engine, Hold::new(*show, seats).by(who).key(key)),
            Self::Book(hold) => submit(engine, Book::new(*hold).by(who).key(key)),
            Self::Release(hold) => submit(engine, Release::new(*hold).by(who).key(key)),
            Self::Cancel(booking) => submit(engine, Cancel::new(*booking).by(who).key(key)),
            Self::Swap(hold, show, seats) => {
                let (back, anew) = (Release::new(*hold).by(who), Hold::new(*show, seats).by(who));
                submit(engine, Batch::new().then(back).then(anew).by(who).key(key))
            }
            Self::CancelShow(show) => submit(engine, CancelShow::new(*show).by("staff").key(key)),
            Self::Film(title, kilobytes) => said(film(engine, title, *kilobytes)),
            Self::Backup(name) => said(engine.backup(folder.join(name))),
            Self::Archive(show, name) => said(engine.archive(*show, folder.join(name))),
            Self::Vacuum => said(vacuum(&folder.join(DATABASE)).map(drop)),
        }
    }
}

fn read<T: std::str::FromStr<Err: std::fmt::Debug>>(word: &str) -> T {
    word.parse().expect("a word of the ledger")
}

fn submit(engine: &Engine, request: impl Request) -> Told {
    let seatcore::ReplyAnswer { result, replayed, remembered, .. } =
        engine.submit(request).answer();
    if let Err(Failure::Fault(fault)) = &result {
        panic!("nothing is wrong with this disk: {fault}");
    }
    let result: Result<Vec<Outcome>, Failure> = result;
    let words = format!("{result:?}");
    let held = result.ok().and_then(|mut all| Some(all.pop()?.into_hold()?.id));
    Told { words, replayed, remembered, held }
}

/// Of what has no key.
fn said<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, E>) -> Told {
    let done = result.is_ok();
    Told { words: format!("{result:?}"), replayed: false, remembered: done, held: None }
}

/// A poster is changed where the film is there already.
fn film(engine: &Engine, title: &str, kilobytes: usize) -> Result<(), Failure> {
    let mut image = b"\x89PNG\r\n\x1A\n".to_vec();
    image.resize(kilobytes.max(1) << 10, kilobytes as u8);
    let poster = Poster::new(image).expect("an image");
    match engine.movies()?.into_iter().find(|movie| movie.title == title) {
        Some(known) => engine.set_poster(known.id, Some(poster)),
        None => {
            let (title, description) = (title.to_owned(), String::new());
            engine.add_movie(NewMovie { title, minutes: 90, description, poster: Some(poster) })?;
            Ok(())
        }
    }
}

/// Writes down what is asked and told, each line in one piece.
#[derive(Debug)]
pub struct Ledger {
    folder: PathBuf,
    file: Mutex<std::fs::File>,
}

impl Ledger {
    pub fn in_folder(folder: &Path) -> Self {
        let opened = std::fs::File::options().create(true).append(true).open(folder.join(LEDGER));
        Self { folder: folder.to_path_buf(), file: Mutex::new(opened.expect("a ledger")) }
    }

    pub fn write(&self, line: &str) {
        let line = format!("{line}\n");
        self.file.lock().write_all(line.as_bytes()).expect("the ledger can be written");
    }

    /// Asks and writes down both; the key is the caller's own number for it.
    pub fn ask(&self, engine: &Engine, deed: &Deed, who: &str, key: &str) -> Told {
        self.write(&format!("asked\t{who}\t{key}\t{}", deed.word()));
        let told = deed.ask(engine, &self.folder, who, key);
        self.write(&format!("told\t{who}\t{key}\t{}\t{}", told.remembered, told.words));
        told
    }
}

/// Something that was asked before the power went, and the answer if there was one.
#[derive(Debug, Clone)]
pub struct Asked {
    pub deed: Deed,
    pub who: String,
    pub key: String,
    /// The words, and whether a retry gets the same.
    pub told: Option<(String, bool)>,
    /// How many had been answered when this was asked.
    pub after: usize,
    /// Which answer this one's was.
    pub answer: usize,
}

/// Everything that was said up to one moment.
#[derive(Debug, Default, Clone)]
pub struct Story {
    /// Whether the shows are there.
    pub ready: Vec<ShowId>,
    /// Whether the file is of an earlier release.
    pub earlier: bool,
    pub asked: Vec<Asked>,
    pub answers: usize,
}

impl Story {
    /// Goes on with one operation, if it says something.
    pub fn hear(&mut self, op: &Op) {
        let Op::Said(line) = op else { return };
        let line = line.trim_end_matches('\n');
        let parts: Vec<_> = line.splitn(5, '\t').collect();
        match parts[..] {
            ["ready", shows] => self.ready = shows.split(' ').map(read).collect(),
            ["earlier"] => self.earlier = true,
            ["asked", who, key, deed] => self.asked.push(Asked {
                deed: Deed::parse(deed),
                who: who.to_owned(),
                key: key.to_owned(),
                told: None,
                after: self.answers,
                answer: 0,
            }),
            ["told", who, key, remembered, words] => {
                self.answers += 1;
                let mut asked = self.asked.iter_mut().rev();
                let asked = asked.find(|asked| asked.who == who && asked.key == key);
                let asked = asked.expect("what was told was asked");
                asked.told = Some((words.to_owned(), read(remembered)));
                asked.answer = self.answers;
            }
            _ => panic!("{line:?} is no line of the ledger"),
        }
    }
}
