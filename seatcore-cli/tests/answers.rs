//! What is said where something is wrong: the words, the exit code, and that nothing has changed.

use desk::{Desk, text};
use serde_json::{Value, json};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

#[path = "cli/desk.rs"]
mod desk;

/// What a refused line says to people.
#[track_caller]
fn told(desk: &Desk, line: &str, exit: u8) -> String {
    desk.run(line).exits(exit).err
}

#[track_caller]
fn tells(desk: &Desk, line: &str, exit: u8, parts: &[&str]) {
    let said = told(desk, line, exit);
    for part in parts {
        assert!(said.contains(part), "{line}\n{part:?} is not in: {said}");
    }
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("a file").mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).expect("ours");
}

#[test]
fn an_empty_file_is_no_database_and_stays_empty() {
    let desk = Desk::empty();
    let file = desk.path("test.db");
    std::fs::write(&file, "").expect("a file");
    for line in ["shows list", "verify", "book 1 A1 --as ada", "doctor", "db migrate", "db vacuum"]
    {
        tells(&desk, line, 3, &["the file is empty", "seatcore seed"]);
    }
    desk.run("serve").exits(3);
    assert_eq!(std::fs::metadata(&file).expect("the file").len(), 0);
    assert_eq!(std::fs::read_dir(desk.folder.path()).expect("the folder").count(), 1);
    desk.run("init").done();
    desk.run("shows list").done();
}

#[test]
fn what_is_no_file_is_no_database() {
    let desk = Desk::empty();
    let beside = || ["-journal", "-wal"].map(|end| Path::new(&format!("/dev/null{end}")).exists());
    let before = beside();
    for line in ["shows list", "init", "seed", "verify"] {
        let problem = desk.run(&format!("{line} --json --db /dev/null")).exits(1).problem();
        assert_eq!(problem["code"], "storage", "{line}");
        assert!(text(&problem["detail"]).contains("no file"), "{line}: {problem}");
    }
    assert_eq!(beside(), before);
}

#[test]
fn a_database_is_not_restored_from_itself() {
    let desk = Desk::seeded();
    let db = desk.path("test.db").display().to_string();
    let link = desk.path("link.db");
    symlink(&db, &link).expect("a link");
    for name in [db, link.display().to_string()] {
        tells(&desk, &format!("db restore {name} --yes"), 2, &["the database itself"]);
    }
    assert_eq!(desk.json("db stats")["records"], 4);
}

#[test]
fn what_is_restored_is_as_open_as_what_it_replaces() {
    let desk = Desk::seeded();
    let (db, copy) = (desk.path("test.db"), desk.path("copy.db").display().to_string());
    desk.run(&format!("db backup {copy}")).done();
    let folder = std::fs::metadata(desk.folder.path()).expect("the folder");
    let root = folder.uid() == 0;
    let service = (65_534, 65_533);
    if root {
        std::os::unix::fs::chown(&db, Some(service.0), Some(service.1)).expect("a service's");
    }
    set_mode(&db, 0o640);
    let kept = text(&desk.json(&format!("db restore {copy} --yes"))["kept"]);
    let now = std::fs::metadata(&db).expect("the database");
    assert_eq!((mode(&db), mode(Path::new(&kept))), (0o640, 0o640));
    if root {
        assert_eq!((now.uid(), now.gid()), service);
        // Where nothing was, the folder says whose it is.
        let place = desk.path("state");
        std::fs::create_dir(&place).expect("a folder");
        std::os::unix::fs::chown(&place, Some(service.0), Some(service.1)).expect("a service's");
        let new = place.join("new.db");
        desk.run(&format!("db restore {copy} --db {} --yes", new.display())).done();
        let made = std::fs::metadata(&new).expect("the database");
        assert_eq!((made.uid(), made.gid(), mode(&new)), (service.0, service.1, 0o600));
    }
}

#[test]
fn a_log_that_lost_its_file_is_not_played_into_what_is_restored() {
    let desk = Desk::seeded();
    let (db, copy) = (desk.path("test.db"), desk.path("copy.db").display().to_string());
    desk.run(&format!("db backup {copy}")).done();
    let log = desk.path("test.db-wal");
    let engine = seatcore::Engine::open(&db).expect("it opens");
    let wish = seatcore::Hold::new(seatcore::ShowId::new(1).expect("a number"), ["A1"]);
    engine.hold(wish.by("ada")).wait().expect("free");
    std::fs::copy(&log, desk.path("left.log")).expect("a log of a file in use");
    engine.close();
    drop(engine);
    std::fs::remove_file(&db).expect("it is ours");
    std::fs::rename(desk.path("left.log"), &log).expect("it is ours");
    desk.run(&format!("db restore {copy} --yes")).done();
    desk.run("verify").done().says("contradictions\t0");
    assert_eq!(desk.json("db stats")["records"], 4);
}

/// An empty file as the first release made it.
#[expect(clippy::disallowed_methods, reason = "what an earlier release left")]
fn first_release(path: &Path) {
    const FIRST: &str = include_str!("../../seatcore/src/store/sqlite/schema/0001_initial.sql");
    let connection = rusqlite::Connection::open(path).expect("a new file");
    let meta = "INSERT INTO meta (id, schema, epoch, ticket_key) VALUES (1, 1, 7, zeroblob(32));
                PRAGMA application_id = 1399153012; PRAGMA user_version = 1;
                PRAGMA journal_mode = WAL;";
    connection.execute_batch(&format!("{FIRST};{meta}")).expect("valid SQL");
}

#[test]
fn what_is_kept_before_a_new_schema_is_as_open_as_the_file() {
    let desk = Desk::empty();
    for (name, line) in [("one.db", "shows list"), ("two.db", "db migrate")] {
        let path = desk.path(name);
        first_release(&path);
        set_mode(&path, 0o640);
        desk.run(&format!("{line} --db {}", path.display())).done();
        assert_eq!(mode(&desk.path(&format!("{name}.schema-1.bak"))), 0o640, "{line}");
    }
}

#[test]
fn a_link_to_a_database_is_followed_when_it_is_wiped_or_restored() {
    let desk = Desk::seeded();
    let (db, link) = (desk.path("test.db"), desk.path("link.db"));
    let copy = desk.path("copy.db").display().to_string();
    desk.run(&format!("db backup {copy}")).done();
    symlink(&db, &link).expect("a link");
    desk.run("book 1 A1 --as ada").done();
    let by_link = format!("--yes --db {}", link.display());
    desk.run(&format!("db restore {copy} {by_link}")).done();
    assert!(link.is_symlink(), "the link stays");
    assert_eq!(desk.json("bookings list")["data"], json!([]));
    desk.run("book 1 A1 --as ada").done();
    desk.run(&format!("seed --wipe {by_link}")).done();
    assert_eq!(desk.json("bookings list")["data"], json!([]));
}

#[test]
fn settings_keep_their_mode_and_their_link() {
    let mut desk = Desk::empty();
    let (file, link) = (desk.path("real.toml"), desk.path("settings.toml"));
    std::fs::write(&file, "# mine\n").expect("settings");
    set_mode(&file, 0o640);
    symlink(&file, &link).expect("a link");
    desk.env.insert("SEATCORE_CONFIG".into(), link.display().to_string());
    desk.run("config set tz Europe/Paris").done();
    assert!(link.is_symlink());
    assert_eq!(mode(&file), 0o640);
    assert!(std::fs::read_to_string(&file).expect("settings").contains("Europe/Paris"));
    let fresh = desk.path("fresh.toml");
    desk.env.insert("SEATCORE_CONFIG".into(), fresh.display().to_string());
    std::fs::write(desk.path("usual"), "").expect("a file");
    desk.run("config set tz Europe/Paris").done();
    assert_eq!(mode(&fresh), mode(&desk.path("usual")), "as any file that is made here");
}

#[test]
fn wrong_values_are_named_as_they_were_typed() {
    let desk = Desk::seeded();
    let holder = "1 to 64 printable characters";
    for (line, parts) in [
        ("hold 1 A1 --as=", &["--as", holder] as &[&str]),
        ("book 1 A1 --as=", &["--as", holder]),
        ("holds release --all --as=", &["--as", holder]),
        ("seats block 1 A1 --reason x --as=", &["--as", holder]),
        ("hold 1 A1 --as ada --ttl 31m", &["--ttl must be between 1s and 30m"]),
        (
            "holds extend hld_000000000000000000000000G1 --ttl 2h",
            &["--ttl must be between 1s and 30m"],
        ),
        ("shows edit 1 --hold-life 25h", &["--hold-life must be between 1s and 24h"]),
        (
            "shows edit 1 --seats-per-holder 0",
            &["--seats-per-holder must be between 1 and 200000 seats"],
        ),
        ("hold best 1 -n 65 --as ada", &["-n must be between 1 and 64 seats"]),
        ("hold 1 A1 --as ada --key=", &["--key must be between 1 and 255 bytes"]),
        ("users role demo_user_123 boss", &["customer, staff, manager"]),
        ("users add ada --role boss", &["customer, staff, manager"]),
        ("keys create till --scope root", &["read, sell, manage"]),
        (
            "report revenue --from 2027-02-01 --to 2027-01-01",
            &["--to 2027-01-01", "--from 2027-02-01"],
        ),
        ("report popular --from today --to today", &["--to", "the day after"]),
        (
            "shows add --movie 1 --screen 1 --price 9~EUR --starts 2099-01-01T20:00 --ends 2099-01-01T19:00",
            &["--ends 2099-01-01T19:00 is not after --starts 2099-01-01T20:00"],
        ),
        (
            "shows edit 1 --ends 2001-01-01T19:00",
            &["--ends 2001-01-01T19:00 is not after the start"],
        ),
    ] {
        tells(&desk, line, 2, parts);
    }
    let words = ["movies", "add", "", "--minutes", "90"].map(str::to_owned);
    let said = desk.run_words(&words).exits(2).err;
    assert!(said.contains("the title must be between 1 and 200 characters"), "{said}");
    assert_eq!(desk.json("db stats")["records"], 4);
}

#[test]
fn a_typed_format_wins_over_a_setting() {
    let mut desk = Desk::seeded();
    desk.env.insert("SEATCORE_JSON".into(), "true".into());
    desk.run("movies show 2 --fields id,minutes").done().value();
    let csv = desk.run("movies show 2 --fields id,minutes --format csv").done().out;
    assert_eq!(csv, "id,minutes\n2,148\n");
    let csv = desk.run("report popular --csv").done().out;
    assert!(csv.starts_with("rank,title"), "{csv}");
    desk.env.remove("SEATCORE_JSON");
    desk.env.insert("SEATCORE_FORMAT".into(), "csv".into());
    desk.run("movies show 2 --json").done().value();
}

#[test]
fn people_and_keys_are_dated_in_the_zone() {
    let mut desk = Desk::seeded();
    desk.stdin = "open sesame\n";
    desk.run("users add ada --password-stdin --tz Asia/Tokyo").done().says("JST");
    desk.run("users show ada --tz Asia/Tokyo").done().says("JST");
    let key = desk.run("keys create till --scope sell --tz Asia/Tokyo").done();
    key.says("JST");
    let id = text(&desk.json("keys list")["data"][0]["id"]);
    desk.run(&format!("keys revoke {id} --yes --tz Asia/Tokyo")).done().says("JST");
}

#[test]
fn a_column_that_nobody_knows_is_refused_before_anything_is_done() {
    let mut desk = Desk::seeded();
    let hold = desk.hold("hold 1 C1 C2 --as ada");
    let booking = text(&desk.json("book 1 D1 --as ada")["id"]);
    desk.stdin = "open sesame\n";
    let records = desk.json("db stats")["records"].clone();
    for line in [
        "hold 1 A1 --as ada",
        "hold best 1 -n 2 --as ada",
        "book 1 A1 --as ada",
        &format!("book {hold}"),
        &format!("holds extend {hold}"),
        &format!("holds release {hold}"),
        "holds release --all --as ada",
        &format!("bookings cancel {booking}"),
        "seats block 1 A1 --reason x",
        "seats unblock 1 A1",
        "shows add --movie 1 --screen 1 --starts 2099-01-01T20:00 --price 9~EUR",
        "shows add --movie 1 --screen 1 --starts 2099-01-01T20:00 --price 9~EUR --repeat 2",
        "shows edit 1 --price 9~EUR",
        "shows cancel 1 --yes",
        "shows close 1",
        "shows reopen 1",
        "movies add Solaris --minutes 167",
        "movies edit 1 --minutes 1",
        "movies rm 1 --yes",
        "screens add Attic --rows A:5",
        "screens edit 1 --name Attic",
        "screens rm 1 --yes",
        "users add eve --password-stdin",
        "users role demo_user_123 staff",
        "users disable demo_user_123",
        "users remove demo_user_123 --yes",
        "keys create till --scope sell",
        "db archive 1 gone.db --yes",
        "db backup gone.db",
        "config set hold.ttl 5m",
        "util man gone.db",
        "verify",
        "doctor --accept-clock",
        "stress",
        "bench",
        "demo --db gone.db",
    ] {
        for json in ["", " --json"] {
            tells(&desk, &format!("{line} --fields nonsense{json}"), 2, &["nonsense", "there are"]);
        }
    }
    assert_eq!(desk.json("db stats")["records"], records);
    assert_eq!(desk.json("movies list")["data"].as_array().map(Vec::len), Some(3));
    assert_eq!(desk.json("screens list")["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(desk.json("users list")["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(desk.json("keys list")["data"], json!([]));
    assert!(!desk.path("gone.db").exists() && !Path::new("gone.db").exists());
    let empty = Desk::empty();
    for line in ["init", "seed", "seed --preset small"] {
        tells(&empty, &format!("{line} --fields nonsense"), 2, &["nonsense", "there are"]);
    }
    assert!(!empty.path("test.db").exists());
}

/// The names that a hint lists.
fn names(desk: &Desk, line: &str) -> Vec<String> {
    let problem = desk.run(&format!("{line} --fields nonsense")).exits(2).err;
    let hint = match serde_json::from_str::<Value>(&problem) {
        Ok(problem) => text(&problem["hint"]),
        Err(_) => problem.split_once("hint: ").expect("a hint").1.trim().to_owned(),
    };
    hint.trim_start_matches("there are ").split(", ").map(str::to_owned).collect()
}

#[test]
fn the_columns_that_are_known_before_are_those_that_come() {
    // One for people, one for programs: each line can be run only once.
    let desks =
        [Desk::seeded(), Desk::seeded()].map(|desk| Desk { stdin: "open sesame\n", ..desk });
    let [people, programs] = &desks;
    for line in [
        "init",
        "db migrate",
        "db vacuum",
        "sweep",
        "hold 1 A1 --as ada --reference x",
        "book 1 B1 --as ada --reference x",
        "seats block 1 C1 --reason x",
        "holds release --all --as ada",
        "shows add --movie 1 --screen 1 --starts 2099-01-01T20:00 --price 9~EUR",
        "shows add --movie 1 --screen 1 --starts 2099-02-01T20:00 --price 9~EUR --repeat 2",
        "shows cancel 4 --yes",
        "movies add Solaris --minutes 167",
        "movies rm 4 --yes",
        "screens edit 1 --name Attic",
        "users add eve --password-stdin",
        "users remove eve --yes",
        "keys create till --scope sell",
        "db backup COPY --verify",
        "db restore COPY --yes",
        "db archive 4 GONE --yes",
    ] {
        let at = |desk: &Desk| {
            let [copy, gone] =
                ["copy.db", "gone.db"].map(|name| desk.path(name).display().to_string());
            line.replace("COPY", &copy).replace("GONE", &gone)
        };
        let columns = names(people, &at(people));
        let csv = people.run(&format!("{} --format csv", at(people))).done().out;
        for column in csv.lines().next().expect("a header").split(',') {
            assert!(columns.iter().any(|known| known == column), "{line}: {column}, {columns:?}");
        }
        let members = names(programs, &format!("{} --json", at(programs)));
        let value = programs.json(&at(programs));
        let one = value["data"].get(0).unwrap_or(&value);
        for member in one.as_object().expect("an object").keys() {
            assert!(members.contains(member), "{line}: {member}, {members:?}");
        }
    }
}

#[test]
fn a_seed_is_asked_for_some_of_what_it_tells() {
    let desk = Desk::empty();
    assert_eq!(
        desk.run("seed --fields added").done().out,
        "added\t2 screens, 3 movies, 4 shows, 1 user\n160 seats in 4 shows\n"
    );
    assert_eq!(desk.json("seed --fields seats"), json!({"seats": 160}));
}

#[test]
fn a_show_in_the_past_is_meant_or_not_opened() {
    let desk = Desk::seeded();
    let add = "shows add --movie 1 --screen 1 --starts 1999-01-01T20:00 --price 9~EUR";
    tells(&desk, add, 2, &["1999-01-01T20:00 is in the past", "--past"]);
    tells(&desk, "shows edit 1 --starts 1999-01-01T20:00", 2, &["in the past", "--past"]);
    assert_eq!(desk.json("shows list")["data"].as_array().map(Vec::len), Some(4));
    assert_eq!(desk.json(&format!("{add} --past"))["status"], "closed");
}

#[test]
fn the_log_says_that_a_show_was_opened_here() {
    let desk = Desk::seeded();
    desk.json("shows add --movie 1 --screen 1 --starts 2099-01-09T20:00 --price 9~EUR");
    let told = desk.json("events tail");
    let events = told["data"].as_array().expect("a list");
    let opened: Vec<_> = events.iter().filter(|event| event["kind"] == "show_opened").collect();
    assert_eq!(opened.len(), 5, "four of the seed, and one: {told}");
    assert!(opened.iter().all(|event| event["source"] == "cli"), "{told}");
}

#[test]
fn an_edit_that_ends_sales_is_asked_about() {
    let desk = Desk::seeded();
    desk.run("hold 1 A1 A2 --as ada").done();
    for line in [
        "shows edit 1 --starts 1999-01-01T20:00 --past",
        "shows edit 1 --closes 1999-01-01T20:00",
        "shows edit 1 --opens 2098-01-01T20:00 --starts 2099-01-01T20:00",
    ] {
        tells(&desk, line, 2, &["ends its sales", "2 held seats", "--yes"]);
        tells(&desk, &format!("{line} --no-input"), 2, &["--yes"]);
        assert_eq!(desk.json("shows show 1")["status"], "on_sale", "{line}");
    }
    desk.run("shows edit 1 --price 9~EUR").done();
    desk.run("shows edit 1 --closes 1999-01-01T20:00 --yes").done().says("closed");
    desk.run("shows edit 1 --price 8~EUR").done();
    desk.run("shows edit 1 --closes start").done().says("on_sale");
}

#[test]
fn a_show_that_is_on_sale_is_not_archived_and_the_way_there_is_told() {
    let desk = Desk::seeded();
    let to = desk.path("show-1.db").display().to_string();
    tells(&desk, &format!("db archive 1 {to} --yes"), 5, &["show 1 is not over", "shows close 1"]);
    desk.run("hold 1 A1 --as ada").done();
    desk.run("shows close 1").done();
    tells(&desk, &format!("db archive 1 {to} --yes"), 5, &["1 held seat", "holds list --show 1"]);
}

#[test]
fn a_file_that_is_cut_short_is_to_be_restored() {
    let desk = Desk::seeded();
    let file = desk.path("test.db");
    let whole = std::fs::read(&file).expect("the file");
    std::fs::write(&file, &whole[..whole.len() / 2]).expect("half of it");
    for line in ["verify", "db check"] {
        let said = desk.run(line).exits(7);
        assert!(said.err.contains("seatcore db restore"), "{line}: {}{}", said.out, said.err);
        assert!(!said.err.contains("`seatcore verify` lists"), "{line}: {}", said.err);
    }
}

#[test]
fn a_clock_that_is_right_needs_no_word() {
    let desk = Desk::seeded();
    let doctor = desk.run("doctor --accept-clock").done();
    assert!(doctor.err.contains("nothing to accept"), "{}", doctor.err);
    assert_eq!(desk.json("db stats")["records"], 4, "nothing was written");
}

#[test]
fn a_server_that_is_not_there_is_not_ready() {
    let desk = Desk::empty();
    let line = "health --url http://127.0.0.1:9 --timeout 1s";
    let said = told(&desk, line, 6);
    assert!(said.contains("error: the server is not ready: "), "{said}");
    assert!(!said.contains("closing") && !said.contains("nothing happened"), "{said}");
    let ran = desk.run(&format!("{line} --json")).exits(6);
    assert_eq!(ran.value()["ready"], false);
    let problem: Value = serde_json::from_str(&ran.err).expect("one problem object");
    assert_eq!(problem["code"], "busy");
}

/// Runs a line with an output that takes nothing, as on a full disk.
fn into_the_full(desk: &Desk, line: &str) -> Output {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("/dev/full");
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatcore"));
    command.args(line.split_whitespace().map(|word| word.replace('~', " ")));
    command.envs(&desk.env).current_dir(desk.folder.path()).stdout(full);
    command.output().expect("the program runs")
}

#[test]
fn what_was_done_is_said_where_the_answer_cannot_be_printed() {
    let desk = Desk::seeded();
    for (line, parts) in [
        ("book 1 A1 A2 --as ada", &["bkg_", "A1 A2", "booked"] as &[&str]),
        ("hold 1 B1 --as ada", &["hld_", "B1", "held"]),
        ("hold 1 B2 --as ada --json", &["\"hint\"", "hld_", "B2", "held"]),
        ("shows close 2", &["show 2", "closed"]),
        ("shows add --movie 1 --screen 1 --starts 2099-01-01T20:00 --price 9~EUR", &["show 5"]),
        ("movies add Solaris --minutes 167", &["movie 4"]),
        ("screens add Attic --rows A:5", &["screen 3"]),
        ("keys create till --scope sell", &["key ", "seatcore keys revoke"]),
    ] {
        let ran = into_the_full(&desk, line);
        let said = String::from_utf8(ran.stderr).expect("UTF-8");
        assert_eq!(ran.status.code(), Some(1), "{line}: {said}");
        assert!(said.contains("cannot write the output"), "{line}: {said}");
        assert!(said.contains("it has happened all the same"), "{line}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{line}: {said}");
    }
    let listed = String::from_utf8(into_the_full(&desk, "movies list").stderr).expect("UTF-8");
    assert!(!listed.contains("happened"), "a list changes nothing: {listed}");
    assert_eq!(desk.json("bookings list")["data"].as_array().map(Vec::len), Some(1));
}

#[test]
fn columns_are_chosen_from_all_that_an_answer_has_in_any_case() {
    let desk = Desk::seeded();
    let verified = desk.run("verify --all --fields Contradictions,records").done().out;
    assert_eq!(verified, "contradictions\t0\nrecords\t4\n");
    let edited = desk.run("movies edit 1 --minutes 100 --fields MINUTES").done().out;
    assert_eq!(edited, "minutes\t100\n");
}
