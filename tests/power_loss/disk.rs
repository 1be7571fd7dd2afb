//! A disk that remembers what it was told and what it promised to keep.
//!
//! A flush that returned covers everything that was done to its file before it began; a flush of
//! the folder covers names. Of all else any part may be there when the power is back: a write
//! whole, not at all, or some of its sectors; in any order between files and within one; a file
//! without its name or under its old one. That is less than file systems promise and as little as
//! POSIX does.

use crate::recording::{Op, files, ops};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use support::dice::Dice;

/// What a disk writes as one.
const SECTOR: usize = 512;

/// Where one file's content is.
type Place = usize;

#[derive(Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { length: usize },
}

#[derive(Debug)]
enum NameChange {
    Set { name: String, place: Place },
    Remove { name: String, place: Place },
    Move { from: String, to: String, place: Place },
}

#[derive(Debug, Default)]
struct File {
    /// For people who read a recipe.
    name: String,
    durable: Vec<u8>,
    /// What no flush has covered, and when it was done.
    open: Vec<(usize, Change)>,
}

/// The disk at one moment.
#[derive(Debug, Default)]
pub struct Disk {
    at: usize,
    folder: u64,
    files: Vec<File>,
    inodes: BTreeMap<u64, Place>,
    /// Names as programs see them.
    seen: BTreeMap<String, Place>,
    durable: BTreeMap<String, Place>,
    open: Vec<(usize, NameChange)>,
    /// When flushes that are under way began, by thread.
    flushes: BTreeMap<u64, usize>,
}

/// A folder as it is found when the power is back.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Files by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What became of everything that no flush had covered.
    pub recipe: String,
}

impl Disk {
    /// The next operation.
    pub fn apply(&mut self, op: &Op) {
        self.at += 1;
        match op {
            Op::Said(_) => {}
            Op::Folder { inode } => self.folder = *inode,
            Op::Create { inode, name } => {
                self.inodes.insert(*inode, self.files.len());
                let place = self.files.len();
                self.files.push(File { name: name.clone(), ..File::default() });
                self.seen.insert(name.clone(), place);
                self.rename(NameChange::Set { name: name.clone(), place });
            }
            Op::Write { inode, offset, bytes } => {
                self.change(*inode, Change::Write { offset: *offset, bytes: bytes.clone() });
            }
            Op::Truncate { inode, length } => {
                self.change(*inode, Change::Truncate { length: *length });
            }
            Op::FlushBegins { thread } => drop(self.flushes.insert(*thread, self.at)),
            Op::Flushed { inode, thread } => {
                let began = self.flushes.remove(thread).expect("what has ended has begun");
                self.flush(*inode, began);
            }
            Op::Unlink { name } => {
                let place = self.seen.remove(name).expect("its creation was recorded");
                self.rename(NameChange::Remove { name: name.clone(), place });
            }
            Op::Rename { from, to } => {
                let place = self.seen.remove(from).expect("its creation was recorded");
                self.seen.insert(to.clone(), place);
                self.files[place].name.clone_from(to);
                self.rename(NameChange::Move { from: from.clone(), to: to.clone(), place });
            }
        }
    }

    /// A file that is none of the folder's is nobody's business.
    fn change(&mut self, inode: u64, change: Change) {
        if let Some(place) = self.inodes.get(&inode) {
            self.files[*place].open.push((self.at, change));
        }
    }

    fn rename(&mut self, change: NameChange) {
        self.open.push((self.at, change));
    }

    fn flush(&mut self, inode: u64, began: usize) {
        if inode == self.folder {
            let covered = self.open.partition_point(|(at, _)| *at < began);
            for (_, change) in self.open.drain(..covered) {
                change.apply(&mut self.durable);
            }
        } else if let Some(place) = self.inodes.get(&inode) {
            let file = &mut self.files[*place];
            let covered = file.open.partition_point(|(at, _)| *at < began);
            for (_, change) in file.open.drain(..covered) {
                change.apply(&mut file.durable);
            }
        }
    }

    /// Whatever chance makes of what no flush has covered.
    pub fn lose_power(&self, dice: &mut Dice) -> Found {
        let (content, names) = (Fate::of_content(dice), Fate::of_names(dice));
        self.lose(content, names, dice)
    }

    /// What no flush has covered, in shreds.
    pub fn tear(&self) -> Found {
        self.lose(Fate::Stale, Fate::Kept, &mut Dice(self.at as u64))
    }

    fn lose(&self, content: Fate, names: Fate, dice: &mut Dice) -> Found {
        let mut recipe = format!("contents {content:?}, names {names:?}\n");
        let mut named = self.durable.clone();
        let kept = names.keeps(self.open.len(), dice);
        for ((at, change), kept) in self.open.iter().zip(kept) {
            let fate = if kept { "kept" } else { "lost" };
            writeln!(recipe, "  {at}: {change:?} {fate}").expect("a string grows");
            if kept {
                change.apply(&mut named);
            }
        }
        let found = named.into_iter().map(|(name, place)| {
            let bytes = if name.ends_with("-shm") {
                noise(dice)
            } else {
                self.files[place].lose_power(content, dice, &mut recipe)
            };
            (name, bytes)
        });
        Found { files: found.collect(), recipe }
    }

    /// The folder as programs see it: nothing is lost.
    pub fn seen(&self) -> BTreeMap<String, Vec<u8>> {
        let whole = |place: &Place| {
            let file = &self.files[*place];
            let mut bytes = file.durable.clone();
            file.open.iter().for_each(|(_, change)| change.apply(&mut bytes));
            bytes
        };
        let files = self.seen.iter().filter(|(name, _)| !name.ends_with("-shm"));
        files.map(|(name, place)| (name.clone(), whole(place))).collect()
    }
}

/// Shared memory that was mapped: nobody recorded it, nobody flushed it, and it may say anything.
fn noise(dice: &mut Dice) -> Vec<u8> {
    (0..dice.roll(2) * 4_096).flat_map(|_| dice.roll(u64::MAX).to_le_bytes()).collect()
}

/// What becomes of changes that no flush has covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Kept,
    Lost,
    /// All of a file or nothing.
    ByFile,
    /// The first ones.
    Oldest,
    /// Each as chance has it.
    Any,
    /// Each but one.
    AllButOne,
    /// Sectors as chance has it.
    Torn,
    /// The same, and a file that grew has old bytes of the disk where sectors are lost.
    Stale,
}

impl Fate {
    fn of_content(dice: &mut Dice) -> Self {
        use Fate::{AllButOne, Any, ByFile, Kept, Lost, Oldest, Stale, Torn};
        [Kept, Lost, Lost, ByFile, Oldest, Any, AllButOne, Torn, Torn, Stale]
            [dice.roll(10) as usize]
    }

    fn of_names(dice: &mut Dice) -> Self {
        use Fate::{AllButOne, Any, Kept, Lost, Oldest};
        [Kept, Kept, Lost, Lost, Oldest, Any, AllButOne][dice.roll(7) as usize]
    }

    /// Which of so many changes happen at all.
    fn keeps(self, count: usize, dice: &mut Dice) -> Vec<bool> {
        let number = dice.roll(count as u64 + 1) as usize;
        let coin = dice.coin();
        let keeps = |at: usize, dice: &mut Dice| match self {
            Self::Kept | Self::Torn | Self::Stale => true,
            Self::Lost => false,
            Self::ByFile => coin,
            Self::Oldest => at < number,
            Self::Any => dice.coin(),
            Self::AllButOne => at != number,
        };
        (0..count).map(|at| keeps(at, dice)).collect()
    }
}

impl File {
    fn lose_power(&self, fate: Fate, dice: &mut Dice, recipe: &mut String) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        let kept = fate.keeps(self.open.len(), dice);
        for ((at, change), kept) in self.open.iter().zip(kept) {
            let told = match change {
                Change::Truncate { .. } if fate == Fate::Torn && dice.coin() => "lost".to_owned(),
                Change::Write { offset, bytes: new }
                    if matches!(fate, Fate::Torn | Fate::Stale) =>
                {
                    tear(&mut bytes, *offset, new, fate == Fate::Stale, dice)
                }
                _ if kept => {
                    change.apply(&mut bytes);
                    "kept".to_owned()
                }
                _ => "lost".to_owned(),
            };
            writeln!(recipe, "  {at}: {} {change} {told}", self.name).expect("a string grows");
        }
        bytes
    }
}

/// Writes some sectors; answers which.
fn tear(file: &mut Vec<u8>, offset: usize, new: &[u8], stale: bool, dice: &mut Dice) -> String {
    let mut told = String::from("sectors ");
    let mut done = 0;
    while done < new.len() {
        let at = offset + done;
        let length = (SECTOR - at % SECTOR).min(new.len() - done);
        let kept = dice.coin();
        told.push(if kept { '+' } else { '-' });
        if kept {
            put(file, at, &new[done..done + length]);
        } else if stale && at >= file.len() {
            put(file, at, &vec![dice.roll(256) as u8; length]);
        }
        done += length;
    }
    told
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write { offset, bytes } => put(file, *offset, bytes),
            Self::Truncate { length } => file.resize(*length, 0),
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Write { offset, bytes } => write!(f, "write {offset}+{}", bytes.len()),
            Self::Truncate { length } => write!(f, "truncate {length}"),
        }
    }
}

impl NameChange {
    fn apply(&self, names: &mut BTreeMap<String, Place>) {
        match self {
            Self::Set { name, place } => drop(names.insert(name.clone(), *place)),
            Self::Remove { name, place } => names.retain(|found, at| found != name || at != place),
            Self::Move { from, to, place } => {
                names.retain(|found, at| found != from || at != place);
                names.insert(to.clone(), *place);
            }
        }
    }
}

/// The recorder has seen everything: what it tells is what is there.
pub fn assert_complete(folder: &Path, log: &Path) {
    let mut disk = Disk::default();
    ops(log).iter().for_each(|op| disk.apply(op));
    let (told, there) = (disk.seen(), files(folder));
    assert!(told.keys().eq(there.keys()), "{:?} {:?}", told.keys(), there.keys());
    for (name, bytes) in there {
        assert!(told[&name] == bytes, "{name} is not what was recorded of it");
    }
}

/// A file of two sectors of `a`, flushed, over which `b` is written.
fn written_over() -> Disk {
    let mut disk = Disk::default();
    let letters = |letter, offset, inode| Op::Write {
        inode,
        offset,
        bytes: vec![letter; 2 * SECTOR - offset],
    };
    let name = "a.db".to_owned();
    for op in [
        Op::Folder { inode: 1 },
        Op::Create { inode: 2, name },
        letters(b'a', 0, 2),
        Op::FlushBegins { thread: 7 },
        letters(b'b', 0, 2),
        Op::Flushed { inode: 2, thread: 7 },
    ] {
        disk.apply(&op);
    }
    disk
}

fn found(disk: &Disk, content: Fate, names: Fate) -> Option<Vec<u8>> {
    disk.lose(content, names, &mut Dice(1)).files.remove("a.db")
}

#[test]
fn a_flush_covers_what_was_written_before_it_began_and_no_more() {
    let disk = written_over();
    assert_eq!(found(&disk, Fate::Lost, Fate::Kept), Some(vec![b'a'; 2 * SECTOR]));
    assert_eq!(found(&disk, Fate::Kept, Fate::Kept), Some(vec![b'b'; 2 * SECTOR]));
    let torn = (0..100).map(|seed| disk.lose(Fate::Torn, Fate::Kept, &mut Dice(seed)));
    let torn: BTreeSet<_> = torn.map(|mut found| found.files.remove("a.db")).collect();
    assert_eq!(torn.len(), 4, "each of two sectors is old or new");
}

#[test]
fn a_name_lasts_once_its_folder_was_flushed() {
    let mut disk = written_over();
    assert_eq!(found(&disk, Fate::Kept, Fate::Lost), None);
    disk.apply(&Op::FlushBegins { thread: 7 });
    disk.apply(&Op::Unlink { name: "a.db".to_owned() });
    disk.apply(&Op::Flushed { inode: 1, thread: 7 });
    assert!(found(&disk, Fate::Kept, Fate::Lost).is_some(), "its removal came too late for that");
    assert_eq!(found(&disk, Fate::Kept, Fate::Kept), None);
}
