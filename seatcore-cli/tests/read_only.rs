//! A file that can only be read: an auditor's copy, a mounted backup.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

const NOBODY: u32 = 65_534;

fn seatcore(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatcore"));
    command.args(line.split(' ')).env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    command.env("SEATCORE_DB", folder.join("box-office.db")).current_dir("/");
    command
}

/// As somebody who may read everything there and write nothing; root may write everywhere.
fn as_reader(folder: &Path, line: &str) -> Output {
    let mut command = seatcore(folder, line);
    if std::fs::metadata("/proc/self").expect("Linux").uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.output().expect("the program starts; is its folder readable for everybody?")
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("it is ours");
}

#[test]
fn whoever_may_only_read_a_file_can_ask_everything_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    for line in ["seed", "book 1 A1 A2 --as ada"] {
        assert!(seatcore(folder, line).output().expect("it runs").status.success(), "{line}");
    }
    let file = folder.join("box-office.db");
    let before = std::fs::read(&file).expect("bytes");
    let names = || std::fs::read_dir(folder).expect("a folder").count();
    let beside = names();
    set_mode(&file, 0o444);
    set_mode(folder, 0o555);
    for (line, found) in [
        ("verify --all", "contradictions\t0"),
        ("db check", "ok"),
        ("doctor", "box-office.db, only read here"),
        ("db stats", "booked\t2"),
        ("bookings list", "A1 A2"),
        ("events tail --after 0", "booked"),
        ("shows list", "Main Hall"),
        ("seats list 1", "A1\tbooked"),
        ("report revenue", "200.00\t0.00\t200.00\tEUR"),
    ] {
        let output = as_reader(folder, line);
        let (out, err) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.contains(found), "{line}: {out}{err}");
    }
    let sale = as_reader(folder, "hold 1 B1 --as eve");
    let err = String::from_utf8_lossy(&sale.stderr);
    assert_eq!(sale.status.code(), Some(1), "{err}");
    assert!(err.contains("storage: read-only"), "{err}");
    assert!(std::fs::read(&file).expect("bytes") == before);
    assert_eq!(names(), beside, "nothing is made beside it");
    set_mode(folder, 0o755);
}
