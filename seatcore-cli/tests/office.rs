//! The office behind the counter, in process: formats, settings, reports, copies.

use desk::{Desk, text};
use serde_json::{Value, json};

#[path = "cli/desk.rs"]
mod desk;

#[test]
fn the_same_list_comes_as_tabs_commas_json_and_lines_of_json() {
    let desk = Desk::seeded();
    let plain = desk.run("movies list --fields id,title").done().out;
    assert_eq!(plain.lines().next(), Some("1\tAvatar: The Way of Water"));
    let csv = desk.run("movies list --format csv --fields title,minutes").done().out;
    assert_eq!(csv.lines().next(), Some("title,minutes"));
    assert_eq!(csv.lines().nth(1), Some("Avatar: The Way of Water,192"));
    let lines = desk.run("movies list --format ndjson --fields id").done().out;
    assert_eq!(lines, "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n");
    let list = desk.json("movies list --fields title");
    assert_eq!(list["data"][1], json!({"title": "Inception"}));
    let wrong = desk.run("movies list --fields titel").exits(2);
    assert!(wrong.err.contains("there are id, title"), "{}", wrong.err);
    let one = desk.run("movies show 2 --format csv --fields id,minutes").done().out;
    assert_eq!(one, "id,minutes\n2,148\n");
    desk.run("movies list --json --format csv").exits(2);
}

#[test]
fn a_spreadsheet_is_given_text_and_no_formulas() {
    let desk = Desk::seeded();
    for title in ["=1+1", "say~\"hi\",~please"] {
        desk.run(&format!("movies add {title} --minutes 90")).done();
    }
    let csv = desk.run("movies list --format csv --fields title").done().out;
    assert!(csv.lines().any(|line| line == "'=1+1"), "{csv}");
    assert!(csv.lines().any(|line| line == "\"say \"\"hi\"\", please\""), "{csv}");
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_a_file() {
    let mut desk = Desk::seeded();
    let file = desk.path("settings.toml");
    std::fs::write(&file, "tz = \"Asia/Tokyo\"\n[hold]\nttl = \"5m\"\nas = \"till-1\"\n")
        .expect("settings");
    let at = file.display().to_string();
    let held = desk.json(&format!("hold 1 A1 --config {at}"));
    assert_eq!(held["holder"], "till-1");
    assert!(held["expires_in_ms"].as_u64().is_some_and(|ms| ms <= 300_000), "{held}");
    desk.env.insert("SEATCORE_CONFIG".into(), at.clone());
    desk.env.insert("SEATCORE_HOLD_TTL".into(), "2m".into());
    let held = desk.json("hold 1 A2");
    assert_eq!(held["expires_in_ms"], 120_000);
    assert_eq!(desk.json("hold 1 A3 --ttl 1m --as bob")["expires_in_ms"], 60_000);
    assert_eq!(desk.json("hold best 1 -n 1 --as bob")["holder"], "bob");
    desk.run("shows show 1").done().says("JST");
    desk.run("shows show 1 --tz UTC").done().says("UTC");
    let told = desk.json("config get hold.ttl");
    assert_eq!((&told["value"], &told["origin"]), (&json!("2m"), &json!("SEATCORE_HOLD_TTL")));
    desk.run("config show --origin").done().says("tz\tAsia/Tokyo\t");
    desk.run("hold 1 A4 --no-config").exits(2);
}

#[test]
fn settings_that_nothing_understands_are_refused_with_what_was_meant() {
    let mut desk = Desk::seeded();
    let file = desk.path("settings.toml");
    desk.env.insert("SEATCORE_CONFIG".into(), file.display().to_string());
    desk.run("shows list").exits(3);
    std::fs::write(&file, "hold.tll = \"5m\"\n").expect("settings");
    let refused = desk.run("shows list").exits(2);
    assert!(refused.err.contains("did you mean \"hold.ttl\"?"), "{}", refused.err);
    desk.run("config check").exits(2);
    desk.run("--help").done();
    std::fs::write(&file, "tz = \"Mars\"\n").expect("settings");
    assert!(desk.run("shows list").exits(2).err.contains("Mars"));
    std::fs::write(&file, "# mine\n").expect("settings");
    assert!(desk.run("config set tz Mars").exits(2).err.contains("Mars"));
    desk.run("config set tz Europe/Paris").done();
    desk.run("config set seats.map.ascii true").done();
    let kept = std::fs::read_to_string(&file).expect("settings");
    assert_eq!(kept, "# mine\ntz = \"Europe/Paris\"\n\n[seats.map]\nascii = true\n");
    desk.run("config check").done();
    assert!(desk.run("seats map 1").done().out.is_ascii());
    assert!(desk.run("config set yes true").exits(2).err.contains("no setting"));
}

#[test]
fn seats_are_sold_in_one_step_or_not_at_all() {
    let desk = Desk::seeded();
    let booking = desk.json("book 1 C5 C6 --as ada --key order-1 --reference till");
    assert_eq!(booking["seats"], json!(["C5", "C6"]));
    let again = desk.json("book 1 C5 C6 --as ada --key order-1 --reference till");
    assert_eq!(again["id"], booking["id"], "a retry gets the first answer");
    let refused = desk.run("book 1 C6 C7 --as bob --json").exits(5).problem();
    assert_eq!(refused["conflicts"], json!([{"seat": "C6", "code": "seat_booked"}]));
    assert!(refused["alternatives"].is_array(), "{refused}");
    assert_eq!(desk.json("shows show 1")["stats"]["held"], 0, "nothing is left held");
    assert_eq!(desk.json("book 1 -n 3 --as bob")["seats"].as_array().map(Vec::len), Some(3));
    assert!(desk.run("book 1 A1").exits(2).err.contains("--as"));
    desk.run("book 1").exits(2);
    assert!(desk.run("book").exits(2).err.contains("what to book?"));
}

#[test]
fn everything_somebody_holds_goes_back_at_once() {
    let desk = Desk::seeded();
    for line in
        ["hold 1 A1 --as ada", "hold 1 A2 --as ada", "hold 2 A1 --as ada", "hold 1 B1 --as bob"]
    {
        desk.hold(line);
    }
    desk.run("holds release --all").exits(2);
    let released = desk.json("holds release --all --as ada");
    assert_eq!(released["data"].as_array().map(Vec::len), Some(3));
    let left = desk.json("holds list");
    assert_eq!(left["data"].as_array().map(Vec::len), Some(1), "{left}");
    assert_eq!(desk.json("holds release --all --as ada")["data"], json!([]));
}

#[test]
fn the_books_count_what_was_sold_and_what_was_given_back() {
    let desk = Desk::seeded();
    desk.run("book 1 A1 A2 A3 --as ada").done();
    let given_back = text(&desk.json("book 2 A1 A2 --as bob")["id"]);
    desk.run(&format!("bookings cancel {given_back}")).done();
    desk.run("book 3 A1 --as eve").done();
    desk.run("shows cancel 3 --yes").done();
    let report = desk.json("report revenue --by show");
    let line = |show: u64| -> Value {
        let lines = report["data"].as_array().expect("lines");
        lines.iter().find(|line| line["show"] == show).expect("a line").clone()
    };
    let minor = |line: &Value, what: &str| line[what]["amount_minor"].as_i64().expect("money");
    assert_eq!((minor(&line(1), "net"), line(1)["tickets"].clone()), (30_000, json!(3)));
    assert_eq!((minor(&line(2), "sold"), minor(&line(2), "refunded")), (20_000, 20_000));
    assert_eq!((minor(&line(3), "net"), line(3)["returned"].clone()), (0, json!(1)));
    assert_eq!(minor(&report["totals"][0], "net"), 30_000);
    let csv = desk.run("report revenue --by movie --csv").done().out;
    assert!(
        csv.starts_with("movie,bookings,tickets,returned,sold,refunded,net,currency\n"),
        "{csv}"
    );
    assert!(csv.contains("Top Gun: Maverick,1,3,0,300.00,0.00,300.00,EUR"), "{csv}");
    desk.run("report revenue --to today").done();
    assert_eq!(desk.json("report revenue --from tomorrow")["data"], json!([]));
    let full = desk.json("report occupancy --by screen");
    assert_eq!(full["data"][0]["booked"], 3);
    assert_eq!(full["data"][0]["percent"], 3.0);
    let best = desk.json("report popular --limit 1");
    assert_eq!((&best["data"][0]["rank"], &best["data"][0]["tickets"]), (&json!(1), &json!(3)));
}

#[test]
fn a_week_of_shows_is_one_command_and_stops_where_the_hall_is_busy() {
    let desk = Desk::seeded();
    let add = "shows add --movie 2 --screen 2 --price 9~EUR --tz Europe/Berlin";
    let week = desk.json(&format!("{add} --starts 2099-03-26T20:00 --repeat 5"));
    let starts: Vec<_> = week["data"]
        .as_array()
        .expect("shows")
        .iter()
        .map(|show| text(&show["starts_at"]))
        .collect();
    assert_eq!(starts[0], "2099-03-26T19:00:00.000Z");
    assert_eq!(starts[4], "2099-03-30T18:00:00.000Z", "at the same hour, clocks changed between");
    let clash = desk.run(&format!("{add} --starts 2099-03-24T20:00 --repeat 5")).exits(5);
    assert!(clash.err.contains("the days before it are on sale: 10 11"), "{}", clash.err);
}

#[test]
fn shows_movies_and_screens_can_be_changed() {
    let desk = Desk::seeded();
    let moved = desk.json("shows edit 1 --starts 2099-01-09T20:00 --price 9~EUR");
    assert_eq!(
        (&moved["starts_at"], &moved["ends_at"]),
        (&json!("2099-01-09T20:00:00.000Z"), &json!("2099-01-09T22:10:00.000Z"))
    );
    assert_eq!(moved["price"]["amount_minor"], 900);
    assert!(desk.run("shows edit 1 --price 9~USD").exits(2).err.contains("EUR"));
    desk.run("shows edit 1").exits(2);
    assert_eq!(desk.json("movies edit 2 --title Origin")["title"], "Origin");
    desk.run("movies edit 2").exits(2);
    assert_eq!(desk.json("screens edit 2 --name Blue --rows A:4")["seats"], 4);
    let exported: Value =
        serde_json::from_str(&desk.run("screens export 1").done().out).expect("JSON");
    assert_eq!(exported["name"], "Main Hall");
    let file = desk.path("hall.json");
    std::fs::write(&file, exported.to_string()).expect("a file");
    let twin = desk.json(&format!("screens import {} --name Twin", file.display()));
    assert_eq!(twin["layout"], desk.json("screens show 1")["layout"], "the same plan");
    desk.run("screens rm 3 --yes").done();
    desk.run("screens rm 1 --yes").exits(5);
}

#[test]
fn a_copy_takes_the_database_s_place_and_the_old_one_is_kept() {
    let desk = Desk::seeded();
    let copy = desk.path("copy.db").display().to_string();
    desk.run("book 1 A1 --as ada").done();
    desk.run(&format!("db backup {copy} --verify")).done().says("no contradictions");
    let before = text(&desk.json("db stats")["epoch"]);
    desk.run("book 1 A2 --as late").done();
    assert!(desk.run(&format!("db restore {copy}")).exits(2).err.contains("--yes"));
    let restored = desk.json(&format!("db restore {copy} --yes"));
    let kept = text(&restored["kept"]);
    assert_eq!(desk.json("bookings list")["data"].as_array().map(Vec::len), Some(1));
    let old = desk.json(&format!("bookings list --db {kept}"));
    assert_eq!(old["data"].as_array().map(Vec::len), Some(2), "what was sold later is not lost");
    let first = text(&desk.json("db stats")["epoch"]);
    assert_ne!(before, first, "a history of its own");
    desk.run(&format!("db restore {copy} --yes")).done();
    assert_ne!(text(&desk.json("db stats")["epoch"]), first, "each time");
    std::fs::write(desk.path("junk.db"), "not a database at all").expect("a file");
    let junk = desk.path("junk.db").display().to_string();
    assert!(!desk.run(&format!("db restore {junk} --yes")).err.is_empty());
    assert_eq!(desk.json("bookings list")["data"].as_array().map(Vec::len), Some(1));
    let left: Vec<_> = std::fs::read_dir(desk.folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .filter(|name| name.contains("restoring") || name.contains("examined"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_house_in_a_file_is_opened_once() {
    let desk = Desk::empty();
    let file = desk.path("house.toml");
    std::fs::write(desk.path("secret.txt"), "a long enough one 77\n").expect("a password");
    let house = r#"
        movies = [{ title = "Metropolis", minutes = 153 }]
        screens = [{ name = "Blue Room", rows = "A-D:6*premium", cleaning = "20m" }]
        users = [{ name = "ada", role = "manager", password_file = "secret.txt" }]
        [[shows]]
        movie = "Metropolis"
        screen = "Blue Room"
        day = 2
        at = "20:15"
        price = "9.00 EUR"
        tiers = { premium = "11.00" }
    "#;
    std::fs::write(&file, house).expect("a house");
    let line = format!("seed --preset {}", file.display());
    assert_eq!(
        desk.json(&line)["made"],
        json!({"movies": 1, "screens": 1, "shows": 1, "users": 1})
    );
    assert_eq!(desk.json(&line)["made"]["shows"], 0);
    assert_eq!(desk.json("seats list 1")["data"][0]["price"]["amount_minor"], 1_100);
    std::fs::write(&file, house.replace("movie = \"Metropolis\"", "movie = \"Nosferatu\""))
        .expect("a house");
    assert!(desk.run(&line).exits(2).err.contains("no movie \"Nosferatu\""));
    std::fs::write(&file, house.replace("minutes", "minuten")).expect("a house");
    assert!(desk.run(&line).exits(2).err.contains("minuten"));
}

#[test]
fn tickets_are_printed_and_shows_go_into_calendars() {
    let desk = Desk::seeded();
    let booking = desk.json("book 1 C5 C6 --as ada");
    let printed = desk.run(&format!("tickets print {}", text(&booking["id"]))).done();
    for ticket in booking["tickets"].as_array().expect("tickets") {
        printed.says(&text(&ticket["code"]));
    }
    let file = desk.path("show.ics");
    let code = text(&booking["tickets"][0]["code"]);
    desk.run(&format!("tickets show {code} --ics {}", file.display())).done();
    let entry = std::fs::read_to_string(&file).expect("an entry");
    assert!(
        entry.starts_with("BEGIN:VCALENDAR\r\n") && entry.contains("SUMMARY:Top Gun"),
        "{entry}"
    );
}

#[test]
fn heat_is_how_often_a_seat_sold() {
    let desk = Desk::seeded();
    for show in [1, 2] {
        desk.run(&format!("book {show} C5 --as ada")).done();
    }
    desk.run("book 1 C6 --as ada").done();
    let heat = desk.run("seats map 1 --heat --ascii").done();
    heat.says("C . . . . 4 2 . . . . C");
    heat.says("of 2 shows");
    desk.run("seats map 1 --format csv").exits(2);
}

#[test]
fn the_doctor_and_the_stopwatch_have_answers() {
    let desk = Desk::seeded();
    let looks = desk.json("doctor");
    let seen: Vec<_> =
        looks["looks"].as_array().expect("looks").iter().map(|look| text(&look["what"])).collect();
    for what in ["journal mode", "clock", "tables", "disk", "write-ahead log", "integrity"] {
        assert!(seen.iter().any(|seen| seen == what), "{what}: {seen:?}");
    }
    let bench = desk.json("bench --quick --clients 2");
    assert_eq!(bench["data"].as_array().map(Vec::len), Some(3));
    let drawn = desk.run("stress --users 20 --seats 2 --histogram").done();
    drawn.says("hold < ");
    desk.run("health --url http://127.0.0.1:9 --timeout 1s").exits(6);
    desk.run("health --url ftp://nowhere").exits(2);
}

#[test]
fn what_installs_the_program_comes_from_the_program() {
    let desk = Desk::empty();
    for shell in ["bash", "zsh", "fish"] {
        desk.run(&format!("util completions {shell}")).done().says("seatcore");
    }
    let folder = desk.path("man1");
    desk.run(&format!("util man {}", folder.display())).done();
    let page = std::fs::read_to_string(folder.join("seatcore-seats-map.1")).expect("a page");
    assert!(page.contains(".TH SEATCORE-SEATS-MAP 1") && page.contains("heat"), "{page}");
}
