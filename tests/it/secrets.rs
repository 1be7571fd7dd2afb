//! What a stolen file gives away, what is left of the deleted, and what a second process sees.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use seatcore::Engine;
use seatcore::accounts::{Role, Scope, SessionToken, User};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use support::house::{House, house, still};
use support::place::File;

const PASSWORD: &str = "open sesame, please";
/// Names the file for [`another_process`], which runs as a process of its own.
const PATH: &str = "SEATCORE_TEST_SECRETS";
/// The token that it is to try.
const TOKEN: &str = "SEATCORE_TEST_TOKEN";
/// Far longer than anything here takes.
const PATIENCE: usize = 10_000;

/// The file and its write-ahead log. Read by a child: closing a file in this process would drop
/// the locks that SQLite has on it.
fn bytes(file: &File) -> Vec<u8> {
    let wal = format!("{}-wal", file.path().display());
    let read = Command::new("cat").arg(file.path()).arg(wal).output().expect("cat runs");
    assert!(!read.stdout.is_empty(), "there is something to look into");
    read.stdout
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn add(engine: &Engine, name: &str) -> User {
    engine.add_user(name, PASSWORD, Role::Customer).expect("a new name")
}

/// The bytes of a secret's 52 characters.
fn raw(text: &str) -> Vec<u8> {
    const ALPHABET: &str = "0123456789abcdefghjkmnpqrstvwxyz";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for character in text.chars() {
        bits = bits << 5 | ALPHABET.find(character).expect("Crockford") as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}

/// A secret's characters from its bytes.
fn cooked(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let bits: Vec<u8> =
        bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let symbol = |five: &[u8]| {
        let value = (0..5).fold(0, |sum, at| sum << 1 | five.get(at).copied().unwrap_or(0));
        char::from(ALPHABET[usize::from(value)])
    };
    bits.chunks(5).map(symbol).collect()
}

#[test]
fn a_file_has_no_secret_in_it() {
    let file = File::temporary();
    let engine = house(&file, "A:5").engine;
    add(&engine, "ada");
    let begun = engine.sign_in("ada", PASSWORD, None).expect("it fits");
    let minted = engine.add_api_key("till", &[Scope::Sell]).expect("a key");
    let (token, key) = (begun.token.reveal(), minted.secret.reveal());
    assert_eq!(cooked(&raw(&token)), token, "this test reads and writes secrets");
    let found = bytes(&file);
    for (what, hash) in [("token", begun.token.hash()), ("key", minted.secret.hash())] {
        assert!(contains(&found, &hash.0), "the hash of the {what} is there to be found");
    }
    let key = &key[13..];
    for secret in [PASSWORD.as_bytes(), token.as_bytes(), key.as_bytes(), &raw(&token), &raw(key)] {
        assert!(!contains(&found, secret), "{:?}", String::from_utf8_lossy(secret));
    }
}

#[expect(clippy::disallowed_methods, reason = "a thief brings their own SQLite")]
fn every_value(path: &Path) -> Vec<Vec<u8>> {
    let stolen = Connection::open(path).expect("the file opens");
    let mut values = Vec::new();
    for table in ["session", "api_key", "user", "meta"] {
        let mut rows = stolen.prepare(&format!("SELECT * FROM {table}")).expect("a table");
        let columns = rows.column_count();
        let mut rows = rows.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            values.extend((0..columns).map(|at| match row.get_ref(at).expect("a value") {
                ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes.to_vec(),
                ValueRef::Integer(number) => number.to_string().into_bytes(),
                ValueRef::Real(_) | ValueRef::Null => Vec::new(),
            }));
        }
    }
    values
}

#[test]
fn whoever_steals_the_file_is_not_let_in() {
    let file = File::temporary();
    let engine = house(&file, "A:5").engine;
    add(&engine, "ada");
    let begun = engine.sign_in("ada", PASSWORD, None).expect("it fits");
    let minted = engine.add_api_key("till", &[Scope::Manage]).expect("a key");
    assert!(engine.authenticate(&begun.token).expect("an answer").is_some());
    engine.close();
    let values = every_value(file.path());
    let engine = Engine::open(file.path()).expect("the file opens");
    assert!(values.iter().any(|value| *value == begun.token.hash().0));
    let mut tried = 0;
    for value in values {
        let as_text = String::from_utf8_lossy(&value).into_owned();
        let texts = [as_text.clone(), cooked(&value)];
        for token in texts.iter().filter_map(|text| text.parse::<SessionToken>().ok()) {
            tried += 1;
            assert!(engine.authenticate(&token).expect("an answer").is_none(), "{as_text}");
        }
        let key = format!("sck_{}_{}", minted.key.id, texts[1]);
        if let Ok(key) = key.parse() {
            tried += 1;
            assert!(engine.authenticate_api_key(&key).expect("an answer").is_none(), "{as_text}");
        }
    }
    assert!(tried >= 4, "hashes of tokens and keys are as long as they are");
}

/// Who signed out after the copy was made must not be back.
#[test]
fn nobody_is_signed_in_at_a_restored_copy() {
    let file = File::temporary();
    let House { engine, clock, .. } = house(&file, "A:5");
    let ada = add(&engine, "ada");
    let begun = engine.start_session(ada.id, None).expect("she may sign in");
    let minted = engine.add_api_key("till", &[Scope::Sell]).expect("a key");
    let copy = file.beside("copy.db");
    engine.backup(&copy).expect("a copy");
    let restored = still(&clock).open(&copy).expect("the copy opens");
    assert!(restored.authenticate(&begun.token).expect("an answer").is_none());
    assert!(restored.authenticate_api_key(&minted.secret).expect("an answer").is_some());
    assert!(restored.sign_in("ada", PASSWORD, None).is_ok());
    assert!(engine.authenticate(&begun.token).expect("an answer").is_some(), "here she stays");
}

fn soon(what: &str, mut done: impl FnMut() -> bool) {
    let came = (0..PATIENCE).any(|_| {
        std::thread::sleep(Duration::from_millis(1));
        done()
    });
    assert!(came, "{what}");
}

/// Rows move between pages as tables grow: wherever a name was written, it must be gone.
#[test]
fn a_removed_user_s_name_leaves_the_file() {
    const PEOPLE: usize = 12;
    let file = File::temporary();
    let engine = house(&file, "A:5").engine;
    let name = |number: usize| format!("Zacharias-{number:02}-{}", "Quellenmeister".repeat(3));
    let people: Vec<_> = (0..PEOPLE).map(|number| add(&engine, &name(number))).collect();
    for person in &people {
        engine.start_session(person.id, Some("Netscape Navigator")).expect("they may sign in");
    }
    assert!(contains(&bytes(&file), name(3).as_bytes()));
    assert!(contains(&bytes(&file), b"Netscape"));
    for person in people.iter().filter(|person| person.id.get() % 2 == 0) {
        engine.remove_user(person.id).expect("known");
    }
    let left = |number: usize| contains(&bytes(&file), name(number).as_bytes());
    soon("gone while the engine runs, the write-ahead log included", || {
        people.iter().zip(0..).all(|(person, number)| person.id.get() % 2 != 0 || !left(number))
    });
    assert!(left(0) && people[0].id.get() == 1, "who was not removed is there");
    people.iter().for_each(|person| drop(engine.remove_user(person.id)));
    engine.close();
    assert!(!contains(&bytes(&file), b"Quellenmeister") && !contains(&bytes(&file), b"Netscape"));
}

#[test]
fn what_one_process_revokes_is_dead_in_another() {
    let file = File::temporary();
    let engine = Engine::open(file.path()).expect("the file is made");
    let ada = add(&engine, "ada");
    let begun = engine.start_session(ada.id, None).expect("she may sign in");
    let here = std::env::current_exe().expect("this program");
    let mut child = Command::new(here);
    child.args(["--exact", "secrets::another_process", "--nocapture"]);
    child.env(PATH, file.path()).env(TOKEN, begun.token.reveal()).stdout(Stdio::piped());
    let mut child = child.spawn().expect("the child starts");
    let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut heard = |word: &str| {
        let found = said.by_ref().map_while(Result::ok).any(|line| line.contains(word));
        assert!(found, "the other process never said {word:?}");
    };
    heard("let in");
    engine.sign_out(&begun.token).expect("signed in");
    assert!(engine.authenticate(&begun.token).expect("an answer").is_none(), "here at once");
    heard("shut out");
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn another_process() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let engine = Engine::open(path).expect("the file is there");
    let token: SessionToken = std::env::var(TOKEN).expect("a token").parse().expect("a token");
    let admits = || engine.authenticate(&token).expect("the tables answer").is_some();
    assert!(admits());
    println!("let in");
    soon("a session that another process ended is dead here", || !admits());
    println!("shut out");
}

/// What this thread has spent, whatever else the machine does.
fn spent() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

/// How long a refusal takes must not tell whether there is such a name.
#[test]
fn a_name_that_nobody_has_costs_as_much_as_a_wrong_password() {
    const TRIES: usize = 100;
    let file = File::temporary();
    let engine = house(&file, "A:5").engine;
    add(&engine, "ada");
    let [known, unknown] = {
        let mut costs = [Vec::new(), Vec::new()];
        for _ in 0..TRIES {
            for (name, costs) in ["ada", "bob"].into_iter().zip(&mut costs) {
                let before = spent();
                engine.sign_in(name, "not the password", None).expect_err("refused");
                costs.push(spent() - before);
            }
        }
        costs.map(|mut costs| {
            costs.sort_unstable();
            costs[TRIES / 2]
        })
    };
    let ratio = known.as_secs_f64() / unknown.as_secs_f64();
    assert!((0.9..1.1).contains(&ratio), "{known:?} of CPU against {unknown:?}");
    assert!(unknown > Duration::from_millis(1), "neither is told from a hash of nothing");
}
