//! The command line, in process: what it prints, and what it exits with.

use desk::{Desk, text};
use seatcore_cli::{Terminal, args::Cli};
use serde_json::Value;

#[path = "cli/accounts.rs"]
mod accounts;
#[path = "cli/desk.rs"]
mod desk;

#[test]
fn without_a_file_everything_but_init_seed_and_demo_exits_3_with_a_hint() {
    let desk = Desk::empty();
    let lines = [
        "shows list",
        "movies list",
        "screens list",
        "users list",
        "seats map 1",
        "verify",
        "hold 1 A1 --as ada",
        "holds list",
        "bookings list",
        "sweep",
        "events tail",
        "db check",
        "db stats",
        "doctor",
        "cleanup_holds",
    ];
    for line in lines {
        let ran = desk.run(line).exits(3);
        assert!(ran.err.contains("hint: `seatcore seed` makes one"), "{line}: {}", ran.err);
    }
    assert!(!desk.path("test.db").exists(), "none of them made the file");
    let problem = desk.run("verify --json").exits(3).problem();
    assert_eq!((text(&problem["code"]), &problem["status"]), ("not_found".into(), &404.into()));
    desk.run("init").done().says("created");
    desk.run("migrate").done().says("was there already");
    desk.run("shows list").done();
}

#[test]
fn seeding_twice_adds_nothing_and_wiping_needs_a_yes() {
    let desk = Desk::empty();
    desk.run("seed").done().says("160 seats in 4 shows");
    let again = desk.json("seed_data");
    assert_eq!(again["made"]["shows"], 0);
    assert_eq!(again["seats"], 160);
    let ids: Vec<_> = again["shows"].as_array().expect("shows").iter().map(|s| &s["id"]).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
    let names: Vec<_> = desk.run("movies list").done().out.lines().map(str::to_owned).collect();
    assert_eq!(names.len(), 3);
    assert!(names.iter().all(|line| line.ends_with("yes")), "each has a poster: {names:?}");
    desk.run("users list").done().says("demo_user_123");
    desk.run("hold 1 A1 --as ada").done();
    assert!(desk.run("seed --wipe").exits(2).err.contains("--yes"));
    assert_eq!(desk.json("holds list")["data"].as_array().map(Vec::len), Some(1));
    desk.run("seed --wipe --yes").done().says("160 seats in 4 shows");
    assert_eq!(desk.json("holds list")["data"], serde_json::json!([]));
}

#[test]
fn shows_of_the_preset_are_in_the_order_that_callers_rely_on() {
    let desk = Desk::seeded();
    let shows = desk.json("shows list --date tomorrow");
    let mut shows = shows["data"].as_array().expect("shows").clone();
    shows.sort_by_key(|show| show["id"].as_u64());
    let screens: Vec<_> = shows.iter().map(|show| &show["screen"]).collect();
    assert_eq!(screens, [1, 1, 2, 2]);
    let movies: Vec<_> =
        shows.iter().map(|show| desk.json(&format!("movies show {}", show["movie"]))).collect();
    let minutes: Vec<_> = movies.iter().map(|movie| &movie["minutes"]).collect();
    assert_eq!(minutes, [130, 192, 148, 192]);
    assert_eq!(shows[0]["price"], serde_json::json!({"amount_minor": 10_000, "currency": "EUR"}));
    assert_eq!(desk.json("shows list --date today")["data"], serde_json::json!([]));
}

#[test]
fn the_other_presets_have_20_and_100_000_seats() {
    let desk = Desk::empty();
    desk.run("seed --preset small").done().says("20 seats in 1 show");
    desk.run("seed --preset stadium").done().says("100000 seats in 1 show");
    let map = desk.run("seats map 2").done();
    map.says("101 ");
    assert!(map.out.lines().all(|line| line.chars().count() <= 80), "{}", map.out);
}

#[test]
fn a_clerk_holds_books_shows_the_ticket_and_cancels() {
    let desk = Desk::seeded();
    let hold = desk.json("hold 1 C5 c6 --as ada --ttl 5m --reference order-17");
    assert_eq!(hold["seats"], serde_json::json!(["C5", "C6"]));
    assert_eq!((text(&hold["state"]), text(&hold["holder"])), ("held".into(), "ada".into()));
    let id = text(&hold["id"]);
    desk.run(&format!("holds extend {id} --ttl 20m --as ada")).done().says("until");
    let booking = desk.json(&format!("book {id} --as ada"));
    assert_eq!(booking["total"]["amount_minor"], 20_000);
    assert_eq!(booking["reference"], "order-17");
    let code = text(&booking["tickets"][0]["code"]);
    desk.run(&format!("tickets show {code}")).done().says("Top Gun: Maverick");
    let ticket = desk.json(&format!("tickets show {}", code.replace('-', "").to_lowercase()));
    assert_eq!((text(&ticket["seat"]), text(&ticket["state"])), ("C5".into(), "valid".into()));
    desk.run("seats why 1 C5").done().says("booked");
    let cancelled =
        desk.run(&format!("bookings cancel {} --reason moved", text(&booking["id"]))).done();
    cancelled.says("cancelled");
    assert!(cancelled.err.contains("to undo this: seatcore book 1 C5 C6 --as ada"));
    assert_eq!(desk.json(&format!("tickets show {code}"))["state"], "void");
    let kinds: Vec<_> = desk.json("events tail --show 1 --limit 4")["data"]
        .as_array()
        .expect("events")
        .iter()
        .map(|event| text(&event["kind"]))
        .collect();
    assert_eq!(kinds, ["held", "extended", "booked", "cancelled"]);
    desk.run("verify").done().says("contradictions\t0");
}

#[test]
fn part_of_a_hold_can_be_booked_released_or_kept() {
    let desk = Desk::seeded();
    let id = desk.hold("hold 1 A1 A2 A3 A4 --as ada");
    desk.run(&format!("book {id} A1 --keep-rest")).done();
    assert_eq!(
        desk.json(&format!("holds show {id}"))["seats"],
        serde_json::json!(["A2", "A3", "A4"])
    );
    desk.run(&format!("holds release {id} A4")).done();
    desk.run(&format!("book {id} A2")).done();
    assert_eq!(desk.run("seats list 1 --status booked").done().out.lines().count(), 2);
    assert_eq!(desk.json("shows show 1")["stats"]["available"], 48);
    let best = desk.json("hold best 1 -n 3 --as eve --together");
    assert_eq!(best["seats"].as_array().map(Vec::len), Some(3));
    assert_eq!(desk.json("holds list --as eve --show 1")["data"][0]["id"], best["id"]);
}

#[test]
fn a_key_makes_repeating_safe_and_names_one_command() {
    let desk = Desk::seeded();
    let first = desk.hold("hold 1 B1 --as ada --key k1");
    assert_eq!(desk.hold("hold 1 B1 --as ada --key k1"), first);
    let problem = desk.run("hold 1 B2 --as ada --key k1 --json").exits(2).problem();
    assert_eq!(problem["code"], "key_reused");
}

/// The code of a refused command, which exits as its class does.
#[track_caller]
fn refused(desk: &Desk, line: &str, exit: u8, code: &str) {
    let problem = desk.run(&format!("{line} --json")).exits(exit).problem();
    assert_eq!(text(&problem["code"]), code, "{line}");
    assert_eq!(text(&problem["type"]), format!("urn:seatcore:problem:{code}"));
    assert!(problem["title"].is_string() && problem["retryable"].is_boolean());
    let spoken = desk.run(line).exits(exit);
    assert!(spoken.err.starts_with("error: "), "{line}: {}", spoken.err);
}

#[test]
fn refusals_exit_as_their_class_does() {
    let desk = Desk::seeded();
    let held = desk.hold("hold 1 A1 --as ada");
    let sold = desk.hold("hold 1 A2 --as ada");
    let booking = text(&desk.json(&format!("book {sold}"))["id"]);
    desk.run("seats block 1 A3 --reason broken").done();
    desk.run("shows close 4").done();
    desk.run("shows cancel 3 --yes --reason rain").done();
    desk.run(&format!("bookings cancel {booking}")).done();
    desk.run(&format!("book {}", desk.hold("hold 1 A2 --as ada"))).done();
    let gone = "hld_00000000000000000000000001";
    for (line, exit, code) in [
        ("hold 1 A1 --as bob", 5, "seat_held"),
        ("hold 1 A2 --as bob", 5, "seat_booked"),
        ("hold 1 A3 --as bob", 5, "seat_blocked"),
        ("hold 1 Z99 --as bob", 3, "unknown_seat"),
        ("hold 99 A1 --as bob", 3, "not_found"),
        ("hold 1 A9 A9 --as bob", 2, "invalid"),
        ("hold 1 A9 --as bob --ttl 2h", 2, "invalid"),
        ("hold 4 A1 --as bob", 5, "show_closed"),
        ("hold 3 A1 --as bob", 5, "show_cancelled"),
        ("hold best 1 -n 20 --as bob --together", 5, "no_block_together"),
        ("movies rm 1 --yes", 5, "in_use"),
        ("movies show 9", 3, "not_found"),
        ("tickets show 00000-00000-0", 3, "not_found"),
        ("users role nobody staff", 3, "not_found"),
        ("seats why 1 Q1", 3, "unknown_seat"),
        ("screens add Main~Hall --rows A:5", 5, "name_taken"),
        ("movies poster 1 nowhere.png", 3, "not_found"),
        ("shows list --date soon", 2, "invalid"),
    ] {
        refused(&desk, line, exit, code);
    }
    refused(&desk, &format!("book {sold}"), 5, "hold_ended");
    refused(&desk, &format!("book {held} --as bob"), 3, "not_holder");
    refused(&desk, &format!("holds show {gone}"), 3, "not_found");
    let shows = desk.json("shows show 1");
    let starts = text(&shows["starts_at"]);
    let clash = format!("shows add --movie 1 --screen 1 --starts {starts} --price 9~EUR");
    refused(&desk, &clash, 5, "overlap");
}

#[test]
fn conflicts_and_wrong_fields_are_named_and_other_seats_offered() {
    let desk = Desk::seeded();
    desk.run("hold 1 C5 C6 --as ada").done();
    let problem = desk.run("hold 1 C4 C5 C6 --as bob --json").exits(5).problem();
    let conflict = serde_json::json!({"seat": "C5", "code": "seat_held"});
    assert_eq!(problem["conflicts"][0], conflict);
    assert_eq!(problem["conflicts"].as_array().map(Vec::len), Some(2));
    assert_eq!(problem["alternatives"][0].as_array().map(Vec::len), Some(3));
    let problem = desk.run("hold 1 A1 --as ada --ttl 2h --json").exits(2).problem();
    assert_eq!(problem["errors"][0]["field"], "ttl_s");
    let spoken = desk.run("hold 1 C5 --as bob").exits(5);
    assert!(spoken.err.contains("free: ") && spoken.err.contains("hint: "), "{}", spoken.err);
}

#[test]
fn what_cannot_be_read_exits_2_and_no_file_at_all_1() {
    let desk = Desk::seeded();
    for line in
        ["nonsense", "hold", "hold 1 A1", "seats map x", "book hld_1", "seats map 1 --tz Mars"]
    {
        desk.run(line).exits(2);
        let problem = desk.run(&format!("{line} --json")).exits(2).problem();
        assert_eq!(problem["code"], "invalid", "{line}");
    }
    desk.run("runserver 0.0.0.0:8000").exits(2);
    let folder = desk.folder.path().display();
    let problem = desk.run(&format!("verify --json --db {folder}")).exits(1).problem();
    assert_eq!(problem["code"], "storage");
}

#[test]
fn a_damaged_file_exits_7() {
    let desk = Desk::seeded();
    desk.run("hold 1 A1 --as ada").done();
    let path = desk.path("test.db");
    let mut bytes = std::fs::read(&path).expect("the file");
    let page = 4_096;
    let tail = bytes.len() - 8 * page;
    bytes[tail..tail + 4 * page].fill(0xA5);
    std::fs::write(&path, bytes).expect("the damaged file");
    desk.run("db check").exits(7);
}

#[test]
fn json_is_one_value_of_the_contract_s_shape() {
    let desk = Desk::seeded();
    for line in [
        "movies list",
        "screens list",
        "shows list",
        "users list",
        "holds list",
        "bookings list",
        "seats list 1",
        "events tail",
    ] {
        let list = desk.json(line);
        assert!(list["data"].is_array() && list["next"].is_null(), "{line}: {list}");
    }
    let show = desk.json("shows show 1");
    let mut keys: Vec<_> = show.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    let promised = [
        "ends_at",
        "id",
        "layout",
        "limits",
        "movie",
        "price",
        "sales",
        "screen",
        "seq",
        "starts_at",
        "stats",
        "status",
        "tiers",
    ];
    assert_eq!(keys, promised);
    assert_eq!(show["status"], "on_sale");
    assert_eq!(show["limits"]["seats_per_holder"], 64);
    let map = desk.json("seats map 1");
    assert_eq!(text(&map["s"]), ".".repeat(50));
    assert_eq!((&map["n"]["capacity"], &map["show"]), (&50.into(), &1.into()));
    let seat = &desk.json("seats list 1")["data"][11];
    assert_eq!(
        (text(&seat["seat"]), text(&seat["row"]), &seat["number"]),
        ("B2".into(), "B".into(), &2.into())
    );
    let event = &desk.json("events tail --limit 1")["data"][0];
    assert!(event["seq"].is_u64() && event["at"].is_string() && event["source"].is_string());
}

#[test]
fn bookings_come_in_pages() {
    let desk = Desk::seeded();
    for seat in ["A1", "A2", "A3"] {
        desk.run(&format!("book {}", desk.hold(&format!("hold 1 {seat} --as ada")))).done();
    }
    let page = desk.json("bookings list --limit 2");
    let next = text(&page["next"]);
    assert_eq!(page["data"][1]["id"], page["next"]);
    let rest = desk.json(&format!("bookings list --limit 2 --before {next}"));
    assert_eq!((rest["data"].as_array().map(Vec::len), &rest["next"]), (Some(1), &Value::Null));
}

#[test]
fn the_hall_is_drawn_with_what_is_mine() {
    let desk = Desk::seeded();
    desk.run("hold 1 C5 C6 --as ada").done();
    desk.run("hold 1 A1 --as bob").done();
    desk.run(&format!("book {}", desk.hold("hold 1 E10 --as bob"))).done();
    desk.run("seats block 1 B1 --reason broken").done();
    let map = desk.run("seats map 1 --as ada").done();
    map.says("A ◐ □ □ □ □ □ □ □ □ □ A");
    map.says("B ✕ □ □ □ □ □ □ □ □ □ B");
    map.says("C □ □ □ □ ◇ ◇ □ □ □ □ C");
    map.says("E □ □ □ □ □ □ □ □ □ ■ E");
    map.says("◇ mine 2");
    desk.run("seats map 1 --ascii").done().says("C . . . . h h . . . . C");
}

#[test]
fn aisles_and_sections_are_drawn_and_wide_halls_are_not() {
    let desk = Desk::seeded();
    desk.run("screens add Grand --rows stalls/A-B:2|4|2;balcony/A:4*premium").done();
    desk.run("screens add Wide --rows A-C:200").done();
    let add = |screen: u32, tier: &str| {
        let line = "shows add --movie 2 --starts 2099-01-09T20:00 --price 12.50~EUR";
        desk.json(&format!("{line} --screen {screen} {tier}"))
    };
    let grand = add(3, "--tier premium=15");
    assert_eq!(grand["tiers"]["premium"]["amount_minor"], 1_500);
    let map = desk.run(&format!("seats map {}", grand["id"])).done();
    map.says("A □ □   □ □ □ □   □ □ A");
    map.says("balcony");
    map.says("A       □ □ □ □       A");
    let wide = desk.run(&format!("seats map {}", add(4, "")["id"])).done();
    wide.says("one character: up to 3 seats");
    assert!(wide.out.lines().all(|line| line.chars().count() <= 80), "{}", wide.out);
}

#[test]
fn pipes_get_tabs_and_no_escape_sequences_and_terminals_get_tables() {
    let mut desk = Desk::seeded();
    for line in ["shows list", "seats map 1", "screens show 1", "--help", "hold 1 A1"] {
        let ran = desk.run(line);
        assert!(!format!("{}{}", ran.out, ran.err).contains('\x1b'), "{line}");
    }
    let plain = desk.run("movies list").done().out;
    assert!(plain.lines().all(|line| line.split('\t').count() == 4), "{plain}");
    assert!(desk.run("seats map 1 --color always").done().out.contains('\x1b'));
    desk.terminal = Terminal { stdin: false, stdout: true, stderr: true, width: 80 };
    let table = desk.run("shows list").done().out;
    assert!(table.contains("starts") && table.contains('\x1b'), "{table}");
    desk.env.insert("NO_COLOR".into(), "1".into());
    let table = desk.run("shows list").done().out;
    assert!(!table.contains('\x1b'), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    desk.env.insert("LANG".into(), "C".into());
    assert!(desk.run("seats map 1").done().out.is_ascii());
}

#[test]
fn no_text_moves_the_cursor() {
    let desk = Desk::seeded();
    let evil = "Evil\x1b[2J\tTitle\n";
    let words = ["movies", "add", evil, "--minutes", "90"].map(str::to_owned);
    assert!(desk.run_words(&words).exits(2).err.contains("one line"));
    let words = ["book", "1", "A1", "--as", "ada", "--reference", evil].map(str::to_owned);
    let booked = desk.run_words(&words).done().out;
    let told = booked.lines().find(|line| line.contains("Evil")).expect("the reference is told");
    assert!(!booked.contains('\x1b') && told.split('\t').count() == 2, "{booked}");
}

#[test]
fn questions_are_put_to_people_only() {
    let mut desk = Desk::seeded();
    let add = desk.run("users add ada").exits(2);
    assert!(add.err.contains("--password-stdin"), "{}", add.err);
    assert!(desk.run("shows cancel 1").exits(2).err.contains("--yes"));
    desk.stdin = "geheim77\n";
    desk.run("users add ada --role staff --password-stdin").done();
    desk.run("createsuperuser root --password-stdin").done().says("manager");
    assert!(desk.run("users add ADA --password-stdin").exits(5).err.contains("taken"));
    desk.run("users role ada manager").done().says("manager");
    desk.terminal = Terminal { stdin: true, stdout: true, stderr: true, width: 80 };
    desk.stdin = "no\n";
    desk.run("shows cancel 1").exits(1);
    assert!(desk.run("shows cancel 1 --no-input").exits(2).err.contains("--yes"));
    desk.stdin = "yes\n";
    desk.run("shows cancel 1").done().says("cancelled");
}

#[test]
fn staff_block_and_unblock_with_the_way_back_told() {
    let desk = Desk::seeded();
    desk.run("hold 1 A1 --as ada").done();
    assert!(desk.run("seats block 1 A1 --reason x").exits(5).err.contains("--force"));
    let blocked = desk.run("seats block 1 A1 A2 --reason broken~hinge --force --as eve").done();
    blocked.says("blocked");
    assert!(blocked.err.contains("seatcore seats unblock 1 A1 A2"), "{}", blocked.err);
    desk.run("seats why 1 A2").done().says("broken hinge");
    desk.run("seats unblock 1 A1 A2").done();
    assert_eq!(desk.json("shows show 1")["stats"]["available"], 50);
}

#[test]
fn times_are_read_and_printed_in_the_zone() {
    let desk = Desk::seeded();
    let add = "shows add --movie 2 --screen 1 --starts 2099-07-01T20:00 --price 1800~JPY";
    let show = desk.json(&format!("{add} --tz Asia/Tokyo"));
    assert_eq!(show["starts_at"], "2099-07-01T11:00:00.000Z");
    let id = &show["id"];
    desk.run(&format!("shows show {id} --tz Asia/Tokyo")).done().says("2099-07-01 20:00:00 JST");
    let on =
        |day: &str| desk.json(&format!("shows list --date {day} --tz Asia/Tokyo"))["data"].clone();
    assert_eq!(on("2099-07-01")[0]["id"], *id);
    assert_eq!(on("2099-07-02"), serde_json::json!([]));
    desk.run(&format!("shows close {id}")).done().says("closed");
    desk.run(&format!("shows reopen {id}")).done().says("on_sale");
}

#[test]
fn ten_users_race_for_one_seat_and_one_wins() {
    let desk = Desk::empty();
    let stress = desk.run("stress").done();
    for line in ["Users\t10", "Successes\t1", "Blocked\t9", "Failed\t0", "hold\t10\t"] {
        stress.says(line);
    }
    assert!(!desk.path("test.db").exists(), "SEATCORE_DB is left alone");
    let told = desk.json("stress --users 30 --seats 4");
    assert_eq!((&told["successes"], &told["blocked"]), (&4.into(), &26.into()));
    assert_eq!(told["verify"]["findings"], serde_json::json!([]));
}

#[test]
fn a_named_database_can_be_raced_on_until_it_is_sold_out() {
    let desk = Desk::seeded();
    let db = desk.path("test.db").display().to_string();
    let told = desk.json(&format!("stress --users 60 --seats 50 --db {db}"));
    assert_eq!(told["successes"], 50);
    assert!(desk.run(&format!("stress --db {db}")).exits(2).err.contains("only 0 seats left"));
}

#[test]
fn the_binary_races_over_several_processes() {
    let desk = Desk::empty();
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_seatcore"))
        .args(["stress", "--users", "12", "--seats", "2", "--processes", "3", "--json"])
        .current_dir(desk.folder.path())
        .output()
        .expect("the binary runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told: Value = serde_json::from_slice(&ran.stdout).expect("one JSON value");
    assert_eq!((&told["successes"], &told["blocked"]), (&2.into(), &10.into()));
}

#[test]
fn the_demonstration_ends_with_maps_and_a_clean_verify() {
    let desk = Desk::empty();
    let db = desk.path("demo.db").display().to_string();
    let demo = desk.run(&format!("demo --no-serve --buyers 20 --seed 7 --db {db}")).done();
    for part in ["show 1  Top Gun", "show 4  Avatar", "SCREEN", "no contradictions", "seed\t7", &db]
    {
        demo.says(part);
    }
    desk.run(&format!("verify --db {db}")).done();
    desk.run(&format!("demo --no-serve --buyers 20 --db {db}")).exits(2);
    let told = |name: &str| {
        let path = desk.path(name).display().to_string();
        desk.json(&format!("demo --no-serve --buyers 20 --seed 7 --db {path}"))["statistics"]
            .clone()
    };
    assert_eq!(told("one.db"), told("two.db"), "the same seed, the same day");
}

#[test]
fn the_file_can_be_copied_measured_and_examined() {
    let desk = Desk::seeded();
    let copy = desk.path("copy.db").display().to_string();
    desk.run(&format!("db backup {copy}")).done();
    desk.run(&format!("db backup {copy}")).exits(2);
    desk.run(&format!("verify --db {copy}")).done();
    desk.run("db check").done().says("ok");
    let stats = desk.json("db stats");
    assert_eq!(
        (&stats["seats"], &stats["shows"], &stats["records"]),
        (&160.into(), &4.into(), &4.into())
    );
    let doctor = desk.json("doctor");
    assert_eq!((&doctor["ok"], &doctor["sqlite"]["synchronous"]), (&true.into(), &2.into()));
    desk.run("cleanup_holds").done().says("lapsed holds published\t0");
    // A folder has a copy of every night; one that is meant by its slash is made.
    let nights = desk.path("nights").display().to_string();
    let named = text(&desk.json(&format!("db backup {nights}/ --verify"))["backup"]);
    assert!(desk.path("nights").is_dir(), "{named}");
    let stamp = named.strip_prefix(&format!("{nights}/test-")).expect("named after the database");
    assert_eq!(stamp.len(), "20270109T043000Z.db".len(), "{stamp}");
    desk.run(&format!("verify --db {named}")).done();
}

#[test]
fn a_second_verify_says_what_it_did_not_read() {
    let desk = Desk::seeded();
    desk.run("book 1 E1 --as ada").done();
    // The first leaves houses kept and rows followed; the next two have something to rest on.
    desk.run("verify").done();
    let (next, again) = (desk.json("verify"), desk.json("verify"));
    assert_eq!(next["findings"], Value::Array(Vec::new()));
    let sum = |report: &Value| report["records"].as_u64().zip(report["skipped"].as_u64());
    assert_eq!(sum(&again).map(|(read, skipped)| read + skipped), Some(6));
    assert!(again["skipped"].as_u64() > Some(0), "{again}");
    desk.run("verify").done().says("not read again");
    let all = desk.json("verify --all");
    assert_eq!(sum(&all), Some((6, 0)));
    assert_eq!(desk.json("verify --show 1")["shows"], 1);
    desk.run("verify --show 1 --all").exits(2);
}

#[test]
fn years_later_a_show_leaves_the_file() {
    let desk = Desk::seeded();
    desk.run("book 1 E1 E2 --as ada").done();
    let archive = desk.path("show-1.db").display().to_string();
    let move_it = format!("db archive 1 {archive} --yes");
    assert_eq!(desk.run(&format!("{move_it} --json")).exits(5).problem()["code"], "in_use");
    desk.run("shows close 1").done();
    let revenue = desk.json("report revenue");
    desk.run(&format!("db archive 1 {archive}")).exits(2);
    let over =
        |line: &str| desk.run(line).done().out.split_whitespace().map(str::to_owned).collect();
    let none: Vec<String> = over("shows list --over --fields id");
    assert_eq!(none, Vec::<String>::new(), "closed by hand is not yet over");
    desk.run("shows cancel 4 --yes").done();
    let cancelled: Vec<String> = over("shows list --over --fields id");
    assert_eq!(cancelled, ["4"]);
    let there = desk.path("archives/2027/show-4.db").display().to_string();
    desk.run(&format!("db archive 4 {there} --yes")).done();
    desk.run(&format!("verify --all --db {there}")).done();
    assert_eq!(desk.json(&move_it)["records"], 5);
    assert_eq!(desk.run(&format!("{move_it} --json")).exits(5).problem()["code"], "show_closed");
    desk.run("seats map 1").exits(5);
    desk.run("bookings list --show 1").exits(5);
    assert_eq!(desk.json("shows list")["data"].as_array().map(Vec::len), Some(4));
    desk.run("shows show 1").done();
    assert_eq!(desk.json("report revenue"), revenue);
    for line in ["report occupancy", "report popular", "events tail", "db stats", "doctor"] {
        desk.run(line).done();
    }
    desk.run("verify --all").done();
    desk.run("db vacuum").done();
    let there = |line: &str| desk.run(&format!("{line} --db {archive}")).done();
    there("verify --all");
    there("bookings list").says("E1 E2");
    there("seats map 1");
    there("report revenue").says("200.00");
}

#[test]
fn every_command_has_help_with_examples() {
    fn walk(command: &clap::Command, path: &[String], checked: &mut Vec<String>) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let path = [path, &[sub.get_name().to_owned()]].concat();
            let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Examples:\n  seatcore "), "{path:?}: {help}");
            checked.push(path.join(" "));
            walk(sub, &path, checked);
        }
    }
    let command = <Cli as clap::CommandFactory>::command();
    let mut checked = Vec::new();
    walk(&command, &[], &mut checked);
    assert!(checked.len() > 40, "{checked:?}");
    let desk = Desk::empty();
    desk.run("--help").done().says("Exit codes:");
    desk.run("seats map --help").done().says("Examples:");
    assert!(desk.run("--version").done().out.starts_with("seatcore 0."));
}
