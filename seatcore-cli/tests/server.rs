//! The command line at a server: `--db http://…`.

use desk::{Desk, text};
use seatcore_cli::Terminal;
use serde_json::{Value, json};
use served::{Served, holder};

#[path = "cli/desk.rs"]
mod desk;
#[path = "server/served.rs"]
mod served;

/// What one command comes to, whoever carries it out.
#[derive(Debug, PartialEq)]
struct Outcome {
    exit: String,
    said: Value,
}

/// One side of the comparison, and the names that its last answers gave.
struct Side {
    desk: Desk,
    names: Vec<(&'static str, String)>,
}

impl Side {
    fn run(&mut self, line: &str) -> Outcome {
        let mut line = line.to_owned();
        for (name, id) in &self.names {
            line = line.replace(name, id);
        }
        let ran = self.desk.run(&format!("{line} --json --no-input"));
        let said = if ran.out.is_empty() { &ran.err } else { &ran.out };
        let said: Value = serde_json::from_str(said).unwrap_or_else(|_| panic!("{line}: {said}"));
        self.remember(&said);
        Outcome { exit: format!("{:?}", ran.code), said: masked(said) }
    }

    fn remember(&mut self, said: &Value) {
        let id = said["id"].as_str().unwrap_or_default();
        match id.get(..4) {
            Some("hld_") => self.name("{hold}", id),
            Some("bkg_") => self.name("{booking}", id),
            _ if said.get("secret").is_some() => self.name("{key}", id),
            _ => {}
        }
        if let Some(code) = said["tickets"][0]["code"].as_str() {
            self.name("{ticket}", code);
        }
    }

    fn name(&mut self, name: &'static str, id: &str) {
        self.names.retain(|(known, _)| *known != name);
        self.names.push((name, id.to_owned()));
    }
}

/// Without what two files cannot have in common, and without where a problem came from.
fn masked(value: Value) -> Value {
    const OWN: [&str; 8] =
        ["n", "actor", "source", "secret", "instance", "request_id", "hint", "expires_in_ms"];
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(name, value)| {
                // `n` is a record's number, and in a seat map all seats, counted.
                !OWN.contains(&name.as_str()) || (name == "n" && value.is_object())
            });
            Value::Object(kept.map(|(name, value)| (name, masked(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        Value::String(text) => Value::String(mask(&text)),
        other => other,
    }
}

fn mask(text: &str) -> String {
    let shapes = [("hld_", "hold", 30), ("bkg_", "booking", 30), ("key:", "key", 12)];
    for (prefix, name, length) in shapes {
        if text.starts_with(prefix) && text.len() == length {
            return name.to_owned();
        }
    }
    match text.as_bytes() {
        [.., b'Z'] if text.len() == 24 => "moment".to_owned(),
        [_, _, _, _, _, b'-', _, _, _, _, _, b'-', _] => "ticket".to_owned(),
        id if id.len() == 8 && text.bytes().all(|b| b.is_ascii_alphanumeric()) => "id".to_owned(),
        _ => text.to_owned(),
    }
}

/// A morning at the box office: everything a server can do, and what it refuses.
const MORNING: &[&str] = &[
    "movies list",
    "movies show 1",
    "movies add Arrival --minutes 116 --description Linguists.",
    "movies edit 4 --minutes 118",
    "movies poster 4 {poster}",
    "movies add Nothing --minutes 0",
    "screens list",
    "screens show 1",
    "screens add Blue --rows A-C:5*premium --cleaning 20m --zone Europe/Berlin",
    "screens edit 3 --name Green",
    "screens export 3",
    "shows list",
    "shows list --date tomorrow --screen 1",
    "shows show 1",
    "shows add --movie 4 --screen 3 --starts 2099-01-09T20:00 --price 9~EUR --tier premium=12.50",
    "shows add --movie 4 --screen 3 --starts 2099-01-09T20:30 --price 9~EUR",
    "shows add --movie 4 --screen 2 --starts 2099-02-01T20:00 --price 9~EUR --repeat 2",
    "shows edit 5 --price 10~EUR --tier premium=13 --closes 2099-01-09T19:00",
    "shows edit 5 --closes start",
    "shows close 5",
    "shows reopen 5",
    "movies rm 4 --yes",
    "seats map 1",
    "seats list 5",
    "seats list 1 --status booked",
    "seats why 1 c5",
    "seats why 1 Z99",
    "seats block 1 A1 A2 --reason hinge --as {me}",
    "seats why 1 A1",
    "seats unblock 1 A1 --as {me}",
    "hold 1 C5 C6 --as {me} --ttl 5m --reference order-17 --key k-1",
    "hold 1 C5 C6 --as {me} --ttl 5m --reference order-17 --key k-1",
    "hold 1 C7 --as {me} --key k-1",
    "seats list 1 --as {me} --status held",
    "holds list",
    "holds show {hold}",
    "holds extend {hold} --ttl 20m --as {me}",
    "book {hold} C5 --keep-rest",
    "tickets show {ticket}",
    "hold 1 C5 C7 --as {me}",
    "hold 1 A2 --as {me}",
    "holds release --all --as {me}",
    "hold best 1 -n 3 --as {me} --together",
    "holds release {hold} --as somebody",
    "holds release {hold}",
    "book {hold}",
    "hold best 1 -n 60 --as {me}",
    "book 1 E1 E2 --as {me} --reference till",
    "book 1 E2 E3 --as {me}",
    "book 1 -n 2 --as {me}",
    "bookings show {booking}",
    "bookings cancel {booking} --reason rain --as {me}",
    "bookings cancel {booking}",
    "bookings list",
    "bookings list --limit 1",
    "bookings list --as {me} --show 1",
    "tickets show {ticket}",
    "tickets print {booking}",
    "shows cancel 2 --yes --reason rain",
    "hold 2 A1 --as {me}",
    "shows show 99",
    "hold 99 A1 --as {me}",
    "report revenue --by show",
    "report revenue --by day --from today --to tomorrow",
    "report occupancy --by screen",
    "report occupancy --by day",
    "report popular --limit 1",
    "events tail --limit 40",
    "events tail --show 1 --limit 3",
    "users add ada --role staff --password-stdin",
    "users add ada --password-stdin",
    "users show ADA",
    "users role ada manager",
    "users disable ada",
    "users enable ada",
    "users list",
    "users remove ada --yes",
    "users show ada",
    "keys create kiosk --scope sell",
    "keys revoke {key} --yes",
    "keys list",
    "screens rm 1 --yes",
];

#[test]
fn a_server_answers_as_a_file_does_word_for_word() {
    let served = Served::seeded();
    let poster = concat!(env!("CARGO_MANIFEST_DIR"), "/posters/avatar.png").to_owned();
    let there = served.desk("manage");
    let here = Desk::seeded();
    let own = here.json("keys create till --scope manage");
    let me = format!("key:{}", text(&own["id"]));
    let side = |desk: Desk, me: String| {
        let names = vec![("{me}", me), ("{poster}", poster.clone())];
        Side { desk: Desk { stdin: "a long enough one 77\n", ..desk }, names }
    };
    let me_there = holder(&there);
    let (mut here, mut there) = (side(here, me), side(there, me_there));
    let mut differ = Vec::new();
    for line in MORNING {
        let (mut local, mut remote) = (here.run(line), there.run(line));
        if line.starts_with("seats why") {
            // A server knows who asks.
            remote.said.as_object_mut().map(|said| said.insert("mine".into(), json!(false)));
            local.said.as_object_mut().map(|said| said.insert("mine".into(), json!(false)));
        }
        if line.starts_with("book") {
            // A batch comes without advice.
            local.said.as_object_mut().map(|said| said.remove("alternatives"));
        }
        if local != remote {
            differ.push(format!("{line}\n  file:   {local:?}\n  server: {remote:?}"));
        }
    }
    assert!(differ.is_empty(), "{} of {}:\n{}", differ.len(), MORNING.len(), differ.join("\n"));
}

#[test]
fn what_only_the_file_can_do_says_so_and_exits_2() {
    let served = Served::seeded();
    let desk = served.desk("manage");
    for line in ["verify", "db check", "db stats", "sweep", "doctor", "seed", "init", "serve"] {
        let problem = desk.run(&format!("{line} --json")).exits(2).problem();
        assert!(text(&problem["detail"]).contains("is a server"), "{line}: {problem}");
        assert!(text(&problem["hint"]).contains("--db FILE"), "{line}: {problem}");
    }
    let ran = Desk { stdin: "another long one 78\n", ..desk };
    let ran = ran.run("users password demo_user_123 --password-stdin").exits(2);
    assert!(ran.err.contains("nobody else's"), "{}", ran.err);
}

#[test]
fn whoever_asks_is_known_by_the_key_and_by_nothing_else() {
    let served = Served::seeded();
    let guest = served.guest();
    guest.run("shows list").done().says("Inception");
    guest.run("seats map 1").done().says("available 50");
    let refused = guest.run("hold 1 A1").exits(4);
    assert!(refused.err.contains("SEATCORE_API_KEY"), "{}", refused.err);
    assert_eq!(guest.run("users list --json").exits(4).problem()["code"], "not_signed_in");
    let till = served.desk("sell");
    let held = till.json("hold 1 A1 --reference ada");
    assert_eq!((text(&held["holder"]), &held["reference"]), (holder(&till), &json!("ada")));
    let ran = till.run("hold 1 A2 --as ada").exits(2);
    assert!(ran.err.contains("--reference"), "{}", ran.err);
    served.office.run("hold 1 B1 --as bob").done();
    let seen = till.json("holds list");
    assert_eq!(seen["data"].as_array().map(Vec::len), Some(1), "its own: {seen}");
    let ran = till.run("report revenue").exits(4);
    assert!(ran.err.contains("--scope manage"), "{}", ran.err);
    let all = served.desk("manage").json("holds list");
    assert_eq!(all["data"].as_array().map(Vec::len), Some(2), "{all}");
}

#[test]
fn the_key_stands_in_a_file_or_the_environment_and_the_nearer_wins() {
    let served = Served::seeded();
    let till = served.desk("sell");
    let key = till.env["SEATCORE_API_KEY"].clone();
    let mut desk = served.guest();
    let file = desk.path("till.key");
    std::fs::write(&file, format!("{key}\n")).expect("a key");
    let named = format!("--api-key-file {}", file.display());
    desk.run(&format!("hold 1 A1 {named}")).done();
    desk.env.insert("SEATCORE_API_KEY".into(), "sck_nonsense".into());
    assert!(desk.run("hold 1 A2").exits(2).err.contains("SEATCORE_API_KEY"));
    desk.run(&format!("hold 1 A2 {named}")).done();
    let settings = desk.path("settings.toml");
    std::fs::write(&settings, format!("api-key-file = {:?}\n", file.display())).expect("settings");
    desk.env.insert("SEATCORE_CONFIG".into(), settings.display().to_string());
    assert!(desk.run("hold 1 A3").exits(2).err.contains("SEATCORE_API_KEY"));
    desk.env.remove("SEATCORE_API_KEY");
    desk.run("hold 1 A3").done();
    desk.run("hold 1 A4 --api-key-file nowhere.key").exits(3);
}

#[test]
fn where_nobody_answers_nothing_happened_and_trying_again_helps() {
    let mut desk = Desk::empty();
    for (url, code) in [
        ("http://127.0.0.1:9", 6),
        ("http://127.0.0.1:9/api", 2),
        ("http://", 2),
        ("https://user@host", 2),
    ] {
        desk.env.insert("SEATCORE_DB".into(), url.into());
        let problem = desk.run("shows list --json").exits(code).problem();
        assert_eq!(problem["retryable"], json!(code == 6), "{url}: {problem}");
        assert!(problem["hint"].is_string(), "{url}: {problem}");
    }
}

#[test]
fn a_show_is_watched_and_the_log_followed_over_the_stream() {
    let served = Served::seeded();
    let till = served.desk("manage");
    let program = env!("CARGO_BIN_EXE_seatcore");
    let follow = |words: &[&str]| {
        let mut process = std::process::Command::new(program)
            .args(words)
            .args(["--no-config", "--db", &served.url, "--json"])
            .env("SEATCORE_API_KEY", &till.env["SEATCORE_API_KEY"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("the program runs");
        let lines = std::io::BufReader::new(process.stdout.take().expect("its lines"));
        (process, std::io::BufRead::lines(lines))
    };
    let (mut log, mut events) = follow(&["events", "tail", "--limit", "1", "--follow"]);
    // The newest event is printed once the stream stands.
    let first: Value =
        serde_json::from_str(&events.next().expect("a line").expect("text")).expect("JSON");
    assert_eq!(first["kind"], "show_opened");
    served.office.run("hold 1 C5 --as ada").done();
    till.run("hold 2 A1").done();
    let told: Vec<Value> = events
        .by_ref()
        .take(2)
        .map(|line| serde_json::from_str(&line.expect("text")).expect("JSON"))
        .collect();
    assert_eq!((&told[0]["holder"], &told[0]["seats"]), (&json!("ada"), &json!(["C5"])));
    assert_eq!(told[1]["holder"], json!(holder(&till)));
    log.kill().expect("it stops");
    log.wait().expect("it ends");
}

#[test]
fn users_race_over_http_and_leave_nobody_behind() {
    let served = Served::seeded();
    let manager = served.desk("manage");
    let race = manager.json(&format!("stress --url {} --users 12 --seats 2", served.url));
    assert_eq!(
        (&race["successes"], &race["blocked"], &race["failed"]),
        (&json!(2), &json!(10), &json!(0)),
        "{race}"
    );
    assert!(race["latency_us"]["hold"]["histogram"].is_array(), "{race}");
    let users = served.office.run("users list").done();
    assert_eq!(users.out.lines().count(), 1, "only the demonstration's user: {}", users.out);
    let url = &served.url;
    let guest = Desk::empty();
    let told = guest.run(&format!("stress --url {url} --users 3")).done();
    told.says("Successes\t1");
    assert!(told.err.contains("stay"), "{}", told.err);
    served.office.run("verify").done();
}

#[test]
fn a_hall_at_a_server_is_drawn_for_people_too() {
    let served = Served::seeded();
    let mut till = served.desk("sell");
    till.terminal = Terminal { stdout: true, ..Terminal::NONE };
    till.run("hold 1 C5").done().says("until");
    let me = holder(&till);
    till.run(&format!("seats map 1 --as {me} --color never")).done().says("◇");
    till.run("shows list").done().says("Main Hall");
    till.run("shows show 1").done().says("1 held");
}

#[test]
fn a_database_that_a_server_has_open_is_neither_wiped_nor_replaced() {
    let served = Served::seeded();
    let desk = &served.office;
    let copy = desk.path("copy.db").display().to_string();
    desk.run("book 1 A1 --as ada").done();
    desk.run(&format!("db backup {copy}")).done();
    let link = desk.path("link.db");
    std::os::unix::fs::symlink(desk.path("test.db"), &link).expect("a link");
    for line in ["seed --wipe --yes".to_owned(), format!("db restore {copy} --yes")] {
        for named in [String::new(), format!("--db {}", link.display())] {
            let problem = desk.run(&format!("{line} {named} --json")).exits(5).problem();
            assert_eq!(problem["code"], "in_use", "{line} {named}");
            assert!(text(&problem["hint"]).contains("stop the server"), "{problem}");
        }
    }
    assert_eq!(desk.json("bookings list")["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(served.desk("manage").json("bookings list")["data"][0]["holder"], "ada");
}
