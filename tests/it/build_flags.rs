//! How the bundled SQLite was built, and how durable its commits are.

use seatcore::Engine;
use seatcore::store::sqlite::diagnose;
use std::path::PathBuf;
use std::process::Command;
use support::house::{add_show, house};
use support::place::File;

const PATH: &str = "SEATCORE_TEST_COMMITS";
const COMMITS: u32 = 50;

#[test]
fn connections_share_no_page_cache_mutex() {
    let file = File::temporary();
    house(&file, "A:5").engine.close();
    let found = diagnose(file.path()).expect("a file of ours");
    assert!(
        !found.shared_page_cache_mutex,
        "SQLite was built with ENABLE_MEMORY_MANAGEMENT: .cargo/config.toml was not read"
    );
    let has = |option: &str| found.compile_options.iter().any(|each| each == option);
    assert!(has("DEFAULT_MEMSTATUS=0") && has("OMIT_SHARED_CACHE") && !has("ENABLE_API_ARMOR"));
    let version: Vec<u32> = found.sqlite.split('.').filter_map(|part| part.parse().ok()).collect();
    assert!(version >= vec![3, 51, 3], "{}", found.sqlite);
}

#[test]
fn commits_are_at_full_and_the_file_stays_so() {
    let file = File::temporary();
    let house = house(&file, "A:5");
    house.sold("ada", "A1");
    let found = diagnose(file.path()).expect("a file of ours");
    let writer = found.writer.expect("it can be written");
    assert_eq!((writer.synchronous, &*writer.journal_mode), (2, "wal"));
}

/// The child of the test below: commits one by one, alone.
#[test]
fn commits_one_by_one() {
    let Some(path) = std::env::var_os(PATH).map(PathBuf::from) else { return };
    let engine = Engine::open(path).expect("it opens");
    let show = add_show(&engine, "A:60");
    for number in 1..=COMMITS {
        let wish = seatcore::Hold::new(show, [format!("A{number}")]);
        engine.hold(wish.by(format!("client {number}"))).wait().expect("free");
    }
}

#[test]
fn each_commit_is_one_fdatasync() {
    let file = File::temporary();
    let counts = file.beside("counts");
    let here = std::env::current_exe().expect("this program");
    let traced = Command::new("strace")
        .args(["-f", "-c", "-e", "trace=fsync,fdatasync", "-o"])
        .arg(&counts)
        .arg(here)
        .args(["--exact", "build_flags::commits_one_by_one"])
        .env(PATH, file.path())
        .output()
        .expect("strace is needed: apt-get install strace");
    let counts = std::fs::read_to_string(counts).expect("strace writes its counts");
    assert!(traced.status.success(), "{counts}{}", String::from_utf8_lossy(&traced.stderr));
    let (data, all) = (calls(&counts, "fdatasync"), calls(&counts, "fsync"));
    assert!(data >= COMMITS, "{data} fdatasync, {all} fsync for {COMMITS} commits:\n{counts}");
    assert!(all < COMMITS / 2, "SQLite falls back on fsync: .cargo/config.toml was not read");
}

/// Calls of one kind in the table of `strace -c`.
fn calls(table: &str, name: &str) -> u32 {
    let line = table.lines().find(|line| line.split_whitespace().last() == Some(name));
    let calls = line.and_then(|line| line.split_whitespace().nth(3));
    calls.map_or(0, |calls| calls.parse().expect("a count"))
}
