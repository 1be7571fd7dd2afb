//! What is said where something is wrong: the words, the exit code, and that nothing has changed.

use desk::{Desk, text};
use serde_json::json;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

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
fn a_clock_that_is_right_needs_no_word() {
    let desk = Desk::seeded();
    let doctor = desk.run("doctor --accept-clock").done();
    assert!(doctor.err.contains("nothing to accept"), "{}", doctor.err);
    assert_eq!(desk.json("db stats")["records"], 4, "nothing was written");
}
