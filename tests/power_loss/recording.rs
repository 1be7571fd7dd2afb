//! What a workload did to its folder, operation by operation.
//!
//! Recorded by a preloaded library (`recorder.c`) and not by a VFS inside SQLite: archives and
//! backups are flushed and renamed by the engine itself, which no VFS sees, and several processes
//! on one file leave one log in one order. An acknowledgement is an operation in that log, too: a
//! line that a client writes into [`LEDGER`] once it has its answer.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::place::folder;
use tempfile::TempDir;

/// Where clients write what they ask and what they are told. It is in the folder, so that its
/// lines are recorded, but no part of what power loss leaves.
pub const LEDGER: &str = "ledger";
/// The database.
pub const DATABASE: &str = "box-office.db";

const FOLDER: &str = "SEATCORE_RECORDED_FOLDER";
const RECORDING: &str = "SEATCORE_RECORDING";
const ROLE: &str = "SEATCORE_RECORDED_ROLE";
/// What is to be broken in what is recorded.
const SABOTAGE: &str = "SEATCORE_RECORDED_SABOTAGE";
const LIBRARY: &str = "recorder.so";
const LINE_NUMBERS: usize = 5;
const CREATE: u64 = 1;
const WRITE: u64 = 2;
const TRUNCATE: u64 = 3;
const FLUSH_BEGINS: u64 = 4;
const FLUSHED: u64 = 5;
const UNLINK: u64 = 6;
const RENAME: u64 = 7;
const FOLDER_IS: u64 = 8;

/// Something that was done to a file, to the folder, or said to a client.
#[derive(Debug)]
pub enum Op {
    /// The folder's own number.
    Folder {
        inode: u64,
    },
    /// A new file under this name; its number may have been another file's before.
    Create {
        inode: u64,
        name: String,
    },
    Write {
        inode: u64,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        inode: u64,
        length: usize,
    },
    FlushBegins {
        thread: u64,
    },
    Flushed {
        inode: u64,
        thread: u64,
    },
    Unlink {
        name: String,
    },
    Rename {
        from: String,
        to: String,
    },
    /// A line of the ledger.
    Said(String),
}

/// A part that this process is asked to play in a recorded workload, and where.
pub fn part() -> Option<(String, PathBuf)> {
    let role = std::env::var(ROLE).ok()?;
    Some((role, std::env::var_os(FOLDER)?.into()))
}

/// A folder in which a workload is recorded.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    log: PathBuf,
    /// The library that is preloaded, in a folder of its own.
    library: TempDir,
}

impl Recorder {
    /// Whatever is in the folder by now is durable, and what its ledger says was said: the log
    /// begins with it.
    pub fn of(folder: &Path, log: &Path) -> Self {
        let mut lines = Vec::new();
        let own = inode(folder);
        line(&mut lines, [FOLDER_IS, own, 0], "", &[]);
        for (name, bytes) in entries(folder) {
            let inode = inode(&folder.join(&name));
            line(&mut lines, [CREATE, inode, 0], &name, &[]);
            line(&mut lines, [WRITE, inode, 0], "", &bytes);
            line(&mut lines, [FLUSH_BEGINS, inode, 0], "", &[]);
            line(&mut lines, [FLUSHED, inode, 0], "", &[]);
        }
        line(&mut lines, [FLUSH_BEGINS, own, 0], "", &[]);
        line(&mut lines, [FLUSHED, own, 0], "", &[]);
        if let Ok(ledger) = std::fs::read(folder.join(LEDGER)) {
            let ledger_inode = inode(&folder.join(LEDGER));
            line(&mut lines, [CREATE, ledger_inode, 0], LEDGER, &[]);
            for said in ledger.split_inclusive(|byte| *byte == b'\n') {
                line(&mut lines, [WRITE, ledger_inode, 0], "", said);
            }
        }
        // Said again where the recording begins: before that, power is never lost.
        line(&mut lines, [FOLDER_IS, own, 0], "", &[]);
        std::fs::write(log, lines).expect("a place for a recording");
        Self { folder: folder.to_path_buf(), log: log.to_path_buf(), library: compiled() }
    }

    /// Plays these parts, all at once, each in a process of its own; returns when all have ended.
    pub fn play(&self, roles: &[&str]) {
        let here = std::env::current_exe().expect("this program");
        let children: Vec<_> = roles
            .iter()
            .map(|role| {
                let mut child = Command::new(&here);
                child.args(["--exact", "part", "--nocapture"]).env(ROLE, role);
                child.env(FOLDER, &self.folder).env(RECORDING, &self.log);
                child.env("LD_PRELOAD", self.library.path().join(LIBRARY));
                child.stdin(Stdio::null()).stdout(Stdio::null());
                // Whoever judges is honest, and so is whoever lays the ground.
                if let Some(sabotage) = std::env::var_os(SABOTAGE).filter(|_| *role != "found") {
                    child.env("SEATCORE_SABOTAGE", sabotage);
                }
                child.spawn().expect("this program starts again")
            })
            .collect();
        for (mut child, role) in children.into_iter().zip(roles) {
            assert!(child.wait().expect("a child of ours").success(), "{role} failed");
        }
    }
}

fn inode(path: &Path) -> u64 {
    std::fs::metadata(path).expect("it is there").ino()
}

/// As recorder.c writes it.
fn line(lines: &mut Vec<u8>, [kind, inode, offset]: [u64; 3], name: &str, bytes: &[u8]) {
    for number in [kind, inode, offset, name.len() as u64, bytes.len() as u64] {
        lines.extend(number.to_le_bytes());
    }
    lines.extend(name.as_bytes());
    lines.extend(bytes);
}

/// Everything in a recording, in order.
pub fn ops(log: &Path) -> Vec<Op> {
    read(&std::fs::read(log).expect("a recording"))
}

/// The recorder, compiled.
fn compiled() -> TempDir {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("power_loss/recorder.c");
    let folder = folder();
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-shared", "-fPIC", "-o"]).arg(folder.path().join(LIBRARY)).arg(source);
    let compiled = compiler.status().expect("a C compiler is needed: apt-get install gcc");
    assert!(compiled.success(), "recorder.c does not compile");
    folder
}

/// The files of a folder whose content can be recorded: no index in shared memory, which SQLite
/// makes anew.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = entries(folder);
    files.retain(|name, _| !name.ends_with("-shm"));
    files
}

/// All but the ledger.
fn entries(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = folder.read_dir().expect("it can be read");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let named = paths.filter_map(|path| {
        let name = path.file_name()?.to_str()?.to_owned();
        (name != LEDGER).then(|| (name, std::fs::read(&path).expect("it can be read")))
    });
    named.collect()
}

fn read(mut log: &[u8]) -> Vec<Op> {
    let mut ops = Vec::new();
    let mut ledger = None;
    while !log.is_empty() {
        let mut numbers = [0; LINE_NUMBERS];
        for number in &mut numbers {
            *number = u64::from_le_bytes(take(&mut log, 8).try_into().expect("eight bytes"));
        }
        let [kind, inode, offset, name_length, length] = numbers;
        let name = text(take(&mut log, name_length as usize));
        let bytes = take(&mut log, length as usize);
        if kind == CREATE && name == LEDGER {
            ledger = Some(inode);
        } else if kind == WRITE && ledger == Some(inode) {
            ops.push(Op::Said(text(bytes)));
        } else {
            ops.push(match kind {
                FOLDER_IS => Op::Folder { inode },
                CREATE => Op::Create { inode, name },
                WRITE => Op::Write { inode, offset: offset as usize, bytes: bytes.to_vec() },
                TRUNCATE => Op::Truncate { inode, length: offset as usize },
                FLUSH_BEGINS => Op::FlushBegins { thread: offset },
                FLUSHED => Op::Flushed { inode, thread: offset },
                UNLINK => Op::Unlink { name },
                RENAME => Op::Rename { from: name, to: text(bytes) },
                _ => panic!("{kind} is nothing that is recorded"),
            });
        }
    }
    ops
}

fn take<'l>(log: &mut &'l [u8], length: usize) -> &'l [u8] {
    let (taken, rest) = log.split_at(length);
    *log = rest;
    taken
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}
