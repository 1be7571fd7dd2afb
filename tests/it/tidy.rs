//! The house rules, as a test.

use seatcore::error::Code;
use std::path::{Path, PathBuf};

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
/// Names that say nothing of what is inside.
const EMPTY_NAMES: [&str; 5] = ["utils", "helpers", "manager", "types", "mod"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.expect("a readable folder").path()) {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let built = path.file_name().is_some_and(|name| name == "target");
        if path.is_dir() && !hidden && !built {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every Rust file below a folder, with its text.
fn sources(below: &str) -> Vec<(String, String)> {
    let root = root();
    let mut paths = Vec::new();
    collect(&root.join(below), &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("text");
        let name = path.strip_prefix(&root).expect("inside the workspace");
        (name.display().to_string(), text)
    };
    paths.into_iter().map(read).collect()
}

/// A line without its comment; good enough for code that passed rustfmt.
fn code_of(line: &str) -> &str {
    let line = line.trim_start();
    if line.starts_with("//") { "" } else { line.split(" // ").next().unwrap_or(line) }
}

fn assert_none(rule: &str, mut broken: Vec<String>) {
    broken.sort();
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

/// Lines of files below a folder that break a rule.
fn lines(below: &str, breaks: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, text) in sources(below) {
        let lines = text.lines().enumerate().filter(|(_, line)| breaks(&name, code_of(line)));
        broken.extend(lines.map(|(at, line)| format!("{name}:{}: {}", at + 1, line.trim())));
    }
    broken
}

#[test]
fn files_are_short() {
    let long = sources("")
        .into_iter()
        .map(|(name, text)| (text.lines().count(), name))
        .filter(|(lines, _)| *lines > FILE_LINES_MAX)
        .map(|(lines, name)| format!("{name}: {lines} lines"));
    assert_none("a file has at most 600 lines; split it where the subject changes", long.collect());
}

/// From the line with `fn` to the closing brace at the same depth.
fn functions(text: &str) -> Vec<(usize, usize)> {
    let lines: Vec<_> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let depth = line.len() - line.trim_start().len();
        let words = code_of(line);
        let begins =
            words.starts_with("fn ") || words.contains(" fn ") && !words.contains("\" fn ");
        if !begins || words.ends_with(';') || words.ends_with("},") {
            continue;
        }
        let close = format!("{}}}", " ".repeat(depth));
        let ends = lines[at..].iter().position(|line| *line == close);
        found.extend(ends.map(|length| (at + 1, length + 1)));
    }
    found
}

#[test]
fn functions_are_short() {
    let mut long = Vec::new();
    for (name, text) in sources("") {
        let over = functions(&text).into_iter().filter(|(_, lines)| *lines > FUNCTION_LINES_MAX);
        long.extend(over.map(|(at, lines)| format!("{name}:{at}: {lines} lines")));
    }
    assert_none("split by moving branches up and loops down", long);
}

#[test]
fn sql_stands_in_the_store() {
    let words = ["SELECT ", "INSERT INTO", "UPDATE meta", "DELETE FROM", "PRAGMA ", "CREATE TABLE"];
    let sql = |name: &str, line: &str| {
        !name.starts_with("seatcore/src/store/") && words.iter().any(|word| line.contains(word))
    };
    assert_none("SQL belongs under store/", lines("seatcore/src", sql));
}

#[test]
fn the_core_is_pure() {
    let forbidden =
        ["crate::store", "crate::engine", "rusqlite", "parking_lot", "std::fs", "std::thread"];
    let impure = |_: &str, line: &str| forbidden.iter().any(|word| line.contains(word));
    let mut broken = lines("seatcore/src/house", impure);
    broken.extend(lines("seatcore/src/catalogue", impure));
    assert_none("house/ and catalogue/ do no I/O and know no store", broken);
}

#[test]
fn time_enters_through_the_clock() {
    let words = ["SystemTime", "Instant", "Utc::now", "Local::now"];
    let reads = |name: &str, line: &str| {
        name != "seatcore/src/clock.rs"
            && words.iter().any(|word| {
                line.split(|c: char| !c.is_alphanumeric() && c != ':').any(|w| w.ends_with(word))
            })
    };
    assert_none("only clock.rs reads the system's clocks", lines("seatcore/src", reads));
}

#[test]
fn names_say_what_is_inside() {
    let empty = sources("").into_iter().map(|(name, _)| name).filter(|name| {
        let stem = Path::new(name).file_stem().expect("a file").to_string_lossy();
        EMPTY_NAMES.contains(&&*stem)
    });
    assert_none("name a file by what it holds", empty.collect());
}

#[test]
fn every_code_is_explained() {
    let page = root().join("docs/errors.md");
    let text = std::fs::read_to_string(&page).expect("docs/errors.md explains every code");
    let missing = Code::ALL.iter().map(|code| code.as_str());
    let missing = missing.filter(|code| !text.contains(&format!("`{code}`"))).map(str::to_owned);
    assert_none("docs/errors.md does not explain these codes", missing.collect());
}

#[test]
fn every_case_of_the_suite_is_listed() {
    let list = std::fs::read_to_string(root().join("tests/it/conformance.rs")).expect("the list");
    let words: Vec<_> = list.split_whitespace().map(|word| word.trim_end_matches(';')).collect();
    let mut missing = Vec::new();
    for (name, text) in sources("tests/it/conformance") {
        let cases = text.lines().filter_map(|line| line.strip_prefix("pub fn "));
        let unlisted =
            cases.filter_map(|line| line.split('(').next()).filter(|c| !words.contains(c));
        missing.extend(unlisted.map(|case| format!("{name}: {case}")));
    }
    assert_none("a case that no store runs", missing);
}
