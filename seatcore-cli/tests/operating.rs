//! What whoever looks after the file meets: full disks, closed folders, foreign encodings, archives.

use desk::Desk;
use std::process::{Command, Output, Stdio};

#[path = "cli/desk.rs"]
mod desk;

/// The program in a process of its own, in the desk's folder.
fn program(desk: &Desk, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatcore"));
    command.args(line.split_whitespace().map(|word| word.replace('~', " ")));
    command.envs(&desk.env).env("HOME", desk.folder.path()).env_remove("XDG_CONFIG_HOME");
    command.current_dir(desk.folder.path());
    command
}

#[track_caller]
fn ended(output: &Output, code: i32, parts: &[&str]) {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    assert!(parts.iter().all(|part| err.contains(part)), "{parts:?} in {err}");
}

#[test]
fn the_log_is_followed_and_the_heat_drawn_where_a_show_was_archived() {
    let desk = Desk::seeded();
    desk.run("book 2 A1 --as ada").done();
    desk.run("shows close 1").done();
    let archive = desk.path("show-1.db").display().to_string();
    desk.run(&format!("db archive 1 {archive} --yes")).done();
    desk.run("seats map 2 --heat").done().says("of 1 show");
    for format in ["plain", "json"] {
        let line = format!("events tail --limit 1 --follow --format {format}");
        let mut tail = program(&desk, &line).stdout(Stdio::piped()).spawn().expect("it runs");
        let lines = std::io::BufReader::new(tail.stdout.take().expect("its lines"));
        let mut lines = std::io::BufRead::lines(lines);
        lines.next().expect("what was last, so it follows").expect("text");
        desk.run("hold 2 B1 --as eve").done();
        let told = lines.next().expect("what happens").expect("text");
        assert!(told.contains("held") && told.contains("eve"), "{told}");
        tail.kill().expect("it stops");
        tail.wait().expect("it ends");
        desk.run("holds release --all --as eve").done();
    }
}

#[test]
fn a_variable_in_another_encoding_is_named_and_no_other_file_taken() {
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::seeded();
    std::fs::rename(desk.path("test.db"), desk.path("seatcore.db")).expect("a name");
    let latin = std::ffi::OsStr::from_bytes(b"n\xffn.db");
    let hold = program(&desk, "hold 1 A1 --as ada").env("SEATCORE_DB", latin).output();
    ended(&hold.expect("it runs"), 2, &["SEATCORE_DB", "not UTF-8"]);
    let json = program(&desk, "shows list --json").env("SEATCORE_TZ", latin).output();
    ended(&json.expect("it runs"), 2, &["{\"", "SEATCORE_TZ"]);
    let other = program(&desk, "shows list --db seatcore.db").env("LESSOPEN", latin).output();
    ended(&other.expect("it runs"), 0, &[]);
}

#[test]
fn a_setting_that_cannot_be_meant_is_named_and_a_switch_has_many_words() {
    let desk = Desk::seeded();
    let hold = program(&desk, "hold 1 A1 --as ada").env("SEATCORE_HOLD_TTL", "abc").output();
    ended(&hold.expect("it runs"), 2, &["--ttl is set to \"abc\" by SEATCORE_HOLD_TTL"]);
    let mut typed = program(&desk, "hold 1 A1 --as ada --ttl xyz");
    let typed = typed.env("SEATCORE_HOLD_TTL", "5m").output().expect("it runs");
    ended(&typed, 2, &["--ttl"]);
    assert!(!String::from_utf8_lossy(&typed.stderr).contains("SEATCORE_HOLD_TTL"), "{typed:?}");
    let json = program(&desk, "shows list").env("SEATCORE_JSON", "1").output().expect("it runs");
    assert!(json.status.success() && json.stdout.starts_with(b"{"), "{json:?}");
}

#[test]
fn the_way_back_can_be_pasted_into_a_shell_whatever_somebody_is_called() {
    let desk = Desk::seeded();
    let holder = "O$(id)'Neill";
    let words = |line: &str| -> Vec<String> {
        line.split(' ').map(|word| word.replace("WHO", holder)).collect()
    };
    desk.run_words(&words("book 1 A1 A2 --as WHO")).done();
    let booking = desk.run("bookings list --fields booking").done().out;
    let cancelled = desk.run(&format!("bookings cancel {}", booking.trim())).done();
    let said = cancelled.err.trim().strip_prefix("to undo this: seatcore ").map(str::to_owned);
    let said = said.expect("a way back");
    let pasted = Command::new("sh").args(["-c", &format!("printf '%s\\n' {said}")]).output();
    let pasted = String::from_utf8(pasted.expect("sh runs").stdout).expect("UTF-8");
    let pasted: Vec<_> = pasted.lines().map(str::to_owned).collect();
    assert_eq!(pasted, words("book 1 A1 A2 --as WHO"), "{said}");
    desk.run_words(&pasted).done();
    let plain = desk.hold("hold 1 B1 --as ada");
    let released = desk.run(&format!("holds release {plain}")).done();
    assert!(released.err.contains("to undo this: seatcore hold 1 B1 --as ada\n"));
}

#[test]
fn what_cannot_be_made_is_told_with_its_path_and_the_reason() {
    let desk = Desk::seeded();
    let gone = desk.path("nowhere/copy.db").display().to_string();
    let backup = desk.run(&format!("db backup {gone}")).exits(1);
    assert!(backup.err.contains(&format!("{gone}: No such file or directory")), "{}", backup.err);
    let init = desk.run(&format!("init {gone}")).exits(1);
    assert!(init.err.contains(&format!("{gone}: No such file or directory")), "{}", init.err);
}

/// Runs as somebody who owns nothing here: root may do everything.
fn as_nobody(desk: &Desk, line: &str) -> Output {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;
    let mut command = program(desk, line);
    command.current_dir("/");
    if std::fs::metadata("/proc/self").expect("Linux").uid() == 0 {
        command.uid(65_534).gid(65_534);
    }
    command.output().expect("it runs")
}

fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("it is ours");
}

#[test]
fn a_closed_door_is_told_as_one() {
    let desk = Desk::seeded();
    let (file, inner) = (desk.path("test.db"), desk.path("inner"));
    std::fs::create_dir(&inner).expect("a folder");
    set_mode(desk.folder.path(), 0o755);
    set_mode(&inner, 0o000);
    set_mode(&file, 0o000);
    let shown = file.display().to_string();
    ended(&as_nobody(&desk, "shows list"), 1, &[&format!("permission denied: {shown}")]);
    let hidden = inner.join("x.db").display().to_string();
    let list = as_nobody(&desk, &format!("shows list --db {hidden}"));
    ended(&list, 1, &[&format!("permission denied: {hidden}")]);
    set_mode(&file, 0o644);
    set_mode(&inner, 0o555);
    let copy = as_nobody(&desk, &format!("db backup {hidden}"));
    ended(&copy, 1, &[&hidden, "ermission denied"]);
    set_mode(&inner, 0o755);
}

#[test]
fn a_server_without_a_certificate_outlives_a_hangup() {
    let desk = Desk::seeded();
    let line = "serve --no-config --bind 127.0.0.1:0";
    let mut server = program(&desk, line).stderr(Stdio::piped()).spawn().expect("it runs");
    let log = std::io::BufReader::new(server.stderr.take().expect("its log"));
    let mut log = std::io::BufRead::lines(log).map_while(Result::ok);
    let url = log.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned));
    let process = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(process, rustix::process::Signal::HUP).expect("it is ours");
    let noted = log.any(|line| line.contains("hangup"));
    std::thread::spawn(move || log.for_each(drop));
    assert!(noted, "it says that it was told to hang up, and why it goes on");
    desk.run(&format!("health --url {}", url.expect("an address"))).done();
    server.kill().expect("it stops");
    server.wait().expect("it ends");
}

#[test]
fn the_doctor_looks_at_a_file_that_cannot_be_opened_from_outside() {
    let desk = Desk::empty();
    std::fs::write(desk.path("test.db"), "somebody else's".repeat(100)).expect("a file");
    let doctor = desk.run("doctor").exits(1);
    doctor.says("test.db, which cannot be opened");
    doctor.says("disk\t");
    assert!(doctor.err.contains("test.db is no database of seatcore"), "{}", doctor.err);
    let told = desk.run("doctor --json").exits(1);
    assert_eq!((&told.value()["ok"], &told.value()["sqlite"]), (&false.into(), &().into()));
}

#[test]
fn a_week_of_shows_keeps_its_hour_when_the_clocks_change_and_offsets_need_no_seconds() {
    let desk = Desk::seeded();
    let add = "shows add --movie 1 --screen 1 --price 9~EUR --tz Europe/Berlin";
    let week = desk.run(&format!("{add} --starts 2099-10-24T20:00+02:00 --repeat 2")).done();
    week.says("2099-10-24 20:00");
    week.says("2099-10-25 20:00");
    desk.run(&format!("{add} --starts 2099-11-28T20:00Z")).done().says("2099-11-28 21:00");
    desk.run(&format!("{add} --starts 2099-11-10T20:00+05:30")).done().says("2099-11-10 15:30");
    desk.run(&format!("{add} --starts 2099-11-29~20:00+01:00")).done().says("2099-11-29 20:00");
    let twice = desk.run(&format!("{add} --starts 2099-10-25T02:30")).exits(2).err;
    for candidate in ["2099-10-25T02:30+02:00", "2099-10-25T02:30+01:00"] {
        assert!(twice.contains(candidate), "{twice}");
    }
}

#[test]
fn a_server_that_says_nothing_is_waited_for_as_long_as_was_said() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let mut desk = Desk::empty();
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    desk.env.insert("SEATCORE_DB".into(), url.clone());
    let key = Desk::seeded().json("keys create till --scope sell");
    desk.env.insert("SEATCORE_API_KEY".into(), desk::text(&key["secret"]));
    let list = program(&desk, "shows list --timeout 1s").output().expect("it runs");
    ended(&list, 6, &[&format!("cannot reach {url}: it did not answer in time")]);
    desk.env.insert("SEATCORE_TIMEOUT".into(), "3s".into());
    let hold = program(&desk, "hold 1 A1 --key call-17").output().expect("it runs");
    ended(&hold, 6, &[&format!("still waiting for {url}"), "--key call-17 tells"]);
    let told = String::from_utf8(hold.stderr).expect("UTF-8");
    assert!(told.lines().next().is_some_and(|note| note.contains("call-17")), "{told}");
}

#[test]
fn an_archived_show_says_where_to_ask() {
    let desk = Desk::seeded();
    desk.run("shows close 1").done();
    let archive = desk.path("show-1.db").display().to_string();
    desk.run(&format!("db archive 1 {archive} --yes")).done();
    for line in [
        "seats map 1",
        "seats list 1",
        "seats why 1 A1",
        "hold 1 A1 --as ada",
        "book 1 A1 --as ada",
        "bookings list --show 1",
        "seats block 1 A1 --reason x",
    ] {
        let ran = desk.run(line).exits(5);
        let said = "show 1 was archived: ask the file that it was moved to";
        assert!(ran.err.contains(said), "{line}: {}", ran.err);
        assert_eq!(ran.out, "", "{line}");
        assert_eq!(desk.run(&format!("{line} --json")).exits(5).problem()["code"], "show_closed");
    }
}

#[test]
fn help_is_also_a_command_and_the_best_seats_are_held_as_they_are_sold() {
    let desk = Desk::seeded();
    assert_eq!(desk.run("help seats map").done().out, desk.run("seats map --help").done().out);
    desk.run("help").done().says("Exit codes:");
    assert_eq!(desk.json("hold 1 -n 2 --as ada")["seats"].as_array().map(Vec::len), Some(2));
    desk.run("hold 1 A1 -n 2 --as ada").exits(2);
}

#[test]
fn a_port_that_is_taken_is_a_failure_and_no_misuse() {
    let desk = Desk::seeded();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let serve = program(&desk, &format!("serve --no-config --bind {address}")).output();
    ended(&serve.expect("it runs"), 1, &["in use"]);
}

#[test]
fn a_calendar_entry_goes_where_its_dash_points() {
    let desk = Desk::seeded();
    let code = desk.json("book 1 A1 --as ada")["tickets"][0]["code"].clone();
    let line = format!("tickets show {} --ics -", desk::text(&code));
    let shown = program(&desk, &line).output().expect("it runs");
    ended(&shown, 0, &[]);
    let out = String::from_utf8(shown.stdout).expect("UTF-8");
    assert!(out.starts_with("BEGIN:VCALENDAR") && out.ends_with("END:VCALENDAR\r\n"), "{out}");
    assert!(!desk.path("-").exists());
}

#[test]
fn a_narrow_table_keeps_its_words_and_columns_says_how_narrow() {
    let mut desk = Desk::seeded();
    for columns in ["40", "24"] {
        desk.env.insert("COLUMNS".into(), columns.into());
        let narrow = desk.run("shows list --format table").done();
        narrow.says("Main Hall");
        let short = |line: &str| line.split_whitespace().all(|word| word.chars().count() == 1);
        let broken = narrow.out.lines().any(|line| !line.trim().is_empty() && short(line));
        assert!(!broken, "{}", narrow.out);
    }
    desk.env.insert("COLUMNS".into(), "200".into());
    assert_eq!(desk.run("shows list --format table").done().out.lines().count(), 6);
}

#[test]
fn a_backup_that_is_no_good_is_named_and_nothing_replaced() {
    let desk = Desk::seeded();
    let shown = |name: &str| desk.path(name).display().to_string();
    let (copy, damaged, junk, gone) =
        (shown("copy.db"), shown("damaged.db"), shown("junk.db"), shown("gone.db"));
    desk.run(&format!("db backup {copy}")).done();
    let whole = std::fs::read(&copy).expect("the copy");
    std::fs::write(&damaged, &whole[..whole.len() / 2]).expect("half of it");
    std::fs::write(&junk, "not a database at all, but long enough to be read".repeat(90))
        .expect("a file");
    let before = std::fs::read(desk.path("test.db")).expect("the database");
    let restore = |file: &str, code| desk.run(&format!("db restore {file} --yes")).exits(code).err;
    let said = restore(&damaged, 7);
    let parts = [&format!("{damaged} is damaged ("), "nothing was replaced", "an older copy"];
    assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    let said = restore(&junk, 1);
    assert!(said.contains(&format!("{junk} is no database of seatcore")), "{said}");
    let said = restore(&gone, 3);
    assert!(said.contains(&format!("there is no backup at {gone}")), "{said}");
    assert!(!said.contains("seatcore seed"), "{said}");
    assert_eq!(std::fs::read(desk.path("test.db")).expect("the database"), before);
    for line in ["db check", "verify", "shows list"] {
        let said = desk.run(&format!("{line} --db {damaged}")).exits(7).err;
        assert!(said.contains(&format!("{damaged} is damaged (")), "{line}: {said}");
    }
}

#[test]
fn django_s_migrate_says_what_it_made() {
    let desk = Desk::empty();
    let made = desk.run("migrate").done().err;
    assert!(made.contains("a new, empty database was made at"), "{made}");
    assert!(made.contains("`seatcore db migrate` brings an old one"), "{made}");
    let again = desk.run("migrate").done();
    assert!(!again.err.contains("new, empty"), "{}", again.err);
    again.says("was there already");
    let folder = desk.folder.path().display();
    let said = desk.run(&format!("init {folder}")).exits(1).err;
    assert!(said.contains("is a folder"), "{said}");
}

#[test]
fn a_variable_that_is_none_of_ours_is_named_with_the_one_that_was_meant() {
    let mut desk = Desk::seeded();
    for name in ["SEATCORE_HOLD_TTTL", "SEATCORE_BIND", "SEATCORE_PORT_8000_TCP", "SEATCORE_YES"] {
        desk.env.insert(name.to_owned(), "x".to_owned());
    }
    desk.env.insert("SEATCORE_HOLD_TTL".to_owned(), "5m".to_owned());
    for line in ["config check --no-config", "doctor"] {
        let said = desk.run(line).done().err;
        let hold = "SEATCORE_HOLD_TTTL is not a setting: did you mean SEATCORE_HOLD_TTL?";
        let bind = "SEATCORE_BIND is not a setting: did you mean SEATCORE_SERVE_BIND?";
        assert!(said.contains(hold) && said.contains(bind), "{line}: {said}");
        assert_eq!(said.matches("warning:").count(), 3, "{line}: {said}");
        assert_eq!(desk.run(&format!("{line} -q")).done().err, "");
    }
    assert_eq!(desk.run("shows list").done().err, "", "it is said where settings matter");
}

#[test]
fn what_is_not_there_is_looked_for_in_the_list_of_its_kind() {
    let desk = Desk::seeded();
    for (line, list) in [
        ("users show nobody", "users list"),
        ("book hld_00000000000000000000000000", "holds list"),
        ("bookings show bkg_00000000000000000000000000", "bookings list"),
        ("hold 99 A1 --as ada", "shows list"),
        ("movies show 99", "movies list"),
        ("screens show 99", "screens list"),
        ("hold best 1 -n 2 --tier gold --as ada", "seats list SHOW"),
        ("keys revoke 0a1b2c3d --yes", "keys list"),
    ] {
        let said = desk.run(line).exits(3).err;
        assert!(said.contains(&format!("hint: `seatcore {list}")), "{line}: {said}");
    }
}

#[test]
fn seats_are_parted_by_spaces_and_one_named_twice_is_named() {
    let desk = Desk::seeded();
    for verb in ["hold", "book"] {
        let said = desk.run(&format!("{verb} 1 C7,C8 --as ada"));
        assert!(said.err.contains("separate seats with spaces: C7 C8"), "{verb}: {}", said.err);
    }
    let twice = desk.run("hold 1 c7 c7 --as ada").exits(2).err;
    assert!(twice.contains("c7 is named twice"), "{twice}");
    let among = desk.run("book 1 A1 B2 A1 --as ada").exits(2).err;
    assert!(among.contains("A1 is named twice"), "{among}");
}

#[test]
fn a_race_at_another_machine_asks_first() {
    let desk = Desk::empty();
    for line in ["stress --url https://tickets.example", "stress --db http://192.0.2.1:8000"] {
        let said = desk.run(line).exits(2).err;
        assert!(said.contains("sells seats") && said.contains("--yes"), "{line}: {said}");
    }
    let here = desk.run("stress --url http://127.0.0.1:9 --timeout 1s").exits(6).err;
    assert!(here.contains("cannot reach"), "{here}");
}

#[test]
fn a_slip_of_the_fingers_does_not_teach_names_that_no_help_has() {
    let desk = Desk::empty();
    for line in ["run", "runserve", "migrat"] {
        let said = desk.run(line).exits(2).err;
        let hidden = ["'runserver'", "'migrate'", "'createsuperuser'"];
        assert!(!hidden.iter().any(|name| said.contains(name)), "{said}");
    }
    let zone = desk.run("shows list --tz Mars").exits(2).err;
    assert!(zone.contains("such as Europe/Berlin"), "{zone}");
    let proxy = desk.run("serve --trusted-proxy proxy.example").exits(2).err;
    assert!(proxy.contains("such as 127.0.0.1"), "{proxy}");
}

#[test]
fn reports_fit_a_terminal_of_eighty() {
    let mut desk = Desk::seeded();
    desk.run("book 2 A1 A2 --as ada").done();
    desk.env.insert("COLUMNS".to_owned(), "80".to_owned());
    for report in ["revenue --by show", "revenue --by movie", "occupancy", "popular"] {
        let table = desk.run(&format!("report {report} --format table")).done().out;
        let widest = table.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(widest <= 80 && table.contains("Avatar"), "{widest} columns:\n{table}");
    }
}
