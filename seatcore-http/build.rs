//! Lists the dashboard's files, so that they are part of the binary: scripts without the comments
//! and the indentation that only their writers read, joined to few, and styles in one.

#[path = "build/join.rs"]
mod join;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The page, which names its stylesheets in lines like this; as it is sent, they are one.
const PAGE: &str = "index.html";
const STYLESHEET: (&str, &str) = ("<link rel=\"stylesheet\" href=\"/assets/", "\">");
const STYLES: &str = "styles.css";
/// Where a page begins.
const ENTRY: &str = "app.js";
/// Runs before all others are here, so it is a file of its own.
const EARLY: &str = "early.js";

fn main() -> io::Result<()> {
    let root = Path::new(&env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("dashboard");
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    let (mut served, mut scripts) = (BTreeMap::new(), BTreeMap::new());
    for file in files {
        let name = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        if name.ends_with(".js") {
            scripts.insert(name, lean(&fs::read_to_string(&file)?));
        } else {
            served.insert(name, file);
        }
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    for (name, script) in join::join(&scripts, ENTRY, EARLY).map_err(io::Error::other)? {
        let to = out.join(&name);
        fs::write(&to, script)?;
        served.insert(name, to);
    }
    join_styles(&mut served, &out)?;
    let mut table = String::from("&[\n");
    for (name, file) in served {
        let file = file.to_string_lossy();
        // Writing into a string cannot fail.
        let _written = writeln!(table, "    ({name:?}, include_bytes!({file:?})),");
    }
    table.push(']');
    fs::write(out.join("dashboard.rs"), table)
}

/// Has the page name one stylesheet, in which those that it named follow each other.
fn join_styles(served: &mut BTreeMap<String, PathBuf>, out: &Path) -> io::Result<()> {
    let Some(page) = served.get(PAGE) else { return Ok(()) };
    let (mut text, mut styles) = (String::new(), String::new());
    let (before, behind) = STYLESHEET;
    for line in fs::read_to_string(page)?.lines() {
        let name = line.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
        match name.and_then(|name| served.remove(name)) {
            Some(file) if styles.is_empty() => {
                styles = fs::read_to_string(file)?;
                text += &format!("{before}{STYLES}{behind}\n");
            }
            Some(file) => styles += &fs::read_to_string(file)?,
            None => text.extend([line, "\n"]),
        }
    }
    for (name, text) in [(PAGE, text), (STYLES, styles)] {
        fs::write(out.join(name), text)?;
        served.insert(name.to_owned(), out.join(name));
    }
    Ok(())
}

/// A script without its comments. Lines stay lines: where a statement ends may depend on them. That
/// nothing else is lost is a test of the dashboard, which reads both with a real parser.
fn lean(script: &str) -> String {
    let mut text = String::new();
    let mut rest = script;
    while let Some((code, comment)) = rest.split_once("/**") {
        text.push_str(code);
        rest = comment.split_once("*/").map_or("", |(_, behind)| behind);
    }
    text.push_str(rest);
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
