//! `docs/commands.md` is every help page; `docs/cli.md` is a morning at the box office that runs as
//! it is printed. `SEATCORE_BLESS=1 cargo test -p seatcore-cli --test reference` writes the first
//! anew.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Stands in a printed line for what is another every time: ids, moments, bytes.
const ANY: &str = "[..]";
/// Parts the output of one line from the next.
const MARK: &str = "--8<--";

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

fn seatcore(folder: &Path, line: &str) -> (String, Option<i32>) {
    let program = Path::new(env!("CARGO_BIN_EXE_seatcore"));
    let programs = program.parent().expect("a folder");
    let path = std::env::var("PATH").expect("a PATH");
    let ran = Command::new("bash")
        .args(["-c", &format!("exec 2>&1; {line}")])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .env_remove("SEATCORE_DB")
        .env_remove("XDG_CONFIG_HOME")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("bash runs");
    (String::from_utf8(ran.stdout).expect("UTF-8"), ran.status.code())
}

#[test]
fn the_reference_is_what_help_prints() {
    let folder = tempfile::tempdir().expect("a folder");
    let (printed, _) = seatcore(folder.path(), "seatcore util markdown");
    let path = page("commands.md");
    if std::env::var_os("SEATCORE_BLESS").is_some() {
        std::fs::write(&path, &printed).expect("docs/commands.md");
    }
    let kept = std::fs::read_to_string(&path).expect("docs/commands.md");
    for (line, (kept, printed)) in kept.lines().zip(printed.lines()).enumerate() {
        let line = line + 1;
        assert_eq!(
            kept, printed,
            "docs/commands.md:{line}: help changed; SEATCORE_BLESS=1 writes it"
        );
    }
    assert_eq!(kept.lines().count(), printed.lines().count(), "docs/commands.md is cut");
}

/// A command of the page, and what is printed below it.
struct Step {
    line: usize,
    command: String,
    output: Vec<String>,
}

fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (line, text) in (1..).zip(text.lines()) {
        if text.starts_with("```") {
            inside = text == "```console";
        } else if let Some(command) = text.strip_prefix("$ ").filter(|_| inside) {
            steps.push(Step { line, command: command.to_owned(), output: Vec::new() });
        } else if let Some(more) = text.strip_prefix('>').filter(|_| inside) {
            let last = steps.last_mut().expect("a command before what goes on");
            let more = more.strip_prefix(' ').unwrap_or(more);
            last.command = format!("{}\n{more}", last.command);
        } else if inside {
            steps.last_mut().expect("a command before output").output.push(text.to_owned());
        }
    }
    steps
}

/// Whether a line was printed as written, with anything in the place of [`ANY`].
fn fits(written: &str, printed: &str) -> bool {
    let mut parts = written.split(ANY);
    let Some(first) = parts.next() else { return false };
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        last = Some(part);
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || last == Some("") || last.is_some_and(|part| printed.ends_with(part))
}

#[test]
fn a_morning_at_the_box_office_goes_as_printed() {
    let text = std::fs::read_to_string(page("cli.md")).expect("docs/cli.md");
    let folder = tempfile::tempdir().expect("a folder");
    let poster = concat!(env!("CARGO_MANIFEST_DIR"), "/posters/inception.png");
    std::fs::copy(poster, folder.path().join("arrival.png")).expect("a poster");
    let steps = steps(&text);
    assert!(steps.len() > 15, "{}", steps.len());
    // One shell for all of it: what one line sets, later ones use.
    let script: String =
        steps.iter().map(|step| format!("{}\nprintf '%s\\n' '{MARK}'\n", step.command)).collect();
    let (out, _) = seatcore(folder.path(), &script);
    let parts: Vec<_> = out.split(&format!("{MARK}\n")).collect();
    assert_eq!(parts.len(), steps.len() + 1, "{out}");
    for (step, part) in steps.iter().zip(parts) {
        let printed: Vec<_> = part.lines().map(str::trim_end).collect();
        let same = printed.len() == step.output.len()
            && step.output.iter().zip(&printed).all(|(written, printed)| fits(written, printed));
        let Step { line, command, output } = step;
        let output = output.join("\n");
        assert!(same, "docs/cli.md:{line}: $ {command}\nwritten:\n{output}\nprinted:\n{part}");
    }
}

#[test]
fn lines_fit_with_anything_in_their_gaps() {
    for (written, printed, fit) in [
        ("hold [..]", "hold hld_1", true),
        ("hold [..] C5", "hold hld_1 C5", true),
        ("hold [..] C5", "hold hld_1 C6", false),
        ("until [..] ([..] left)", "until 2027 (9m left)", true),
        ("plain", "plain", true),
        ("plain", "plainer", false),
    ] {
        assert_eq!(fits(written, printed), fit, "{written} / {printed}");
    }
}
