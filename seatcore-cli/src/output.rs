//! How answers are printed: tables on a terminal, tab-separated lines in a pipe, or JSON.

use crate::Io;
use crate::args::{Colour, Format, Global};
use crate::error::CliError;
use comfy_table::{
    Attribute, Cell, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, Write};

/// How one run prints.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// In which form.
    pub format: Format,
    /// Programs read it: one JSON value, or one a line.
    pub json: bool,
    /// Notes on stderr are not wanted.
    pub quiet: bool,
    /// More notes are.
    pub verbose: bool,
    /// Tables rather than tabs.
    pub tables: bool,
    /// Escape sequences are welcome on stdout.
    pub colour: bool,
    /// Characters beyond ASCII are.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
    /// The first column of a table is a title, which may wrap: nobody copies it.
    pub titles: bool,
}

impl Style {
    /// Nothing is to be said but answers.
    pub const fn is_silent(&self) -> bool {
        self.quiet || self.json
    }

    /// What these flags mean in this world.
    pub fn of(global: &Global, io: &Io<'_>) -> Self {
        let format = match (global.json, global.format) {
            (true, _) => Format::Json,
            (false, Some(format)) => format,
            (false, None) if io.terminal.stdout => Format::Table,
            (false, None) => Format::Plain,
        };
        Self {
            format,
            json: matches!(format, Format::Json | Format::Ndjson),
            quiet: global.quiet,
            verbose: global.verbose,
            tables: format == Format::Table,
            colour: colours(io, global.color, io.terminal.stdout),
            unicode: speaks_utf8(io),
            width: usize::from(width(io)),
            titles: false,
        }
    }
}

/// What `COLUMNS` says, else what the terminal has.
fn width(io: &Io<'_>) -> u16 {
    let said = io.env.get("COLUMNS").and_then(|columns| columns.parse().ok());
    let seen = if io.terminal.stdout { io.terminal.width } else { crate::Terminal::WIDTH_DEFAULT };
    said.filter(|columns| *columns > 0).unwrap_or(seen)
}

/// Whether escape sequences may go to a stream.
pub fn colours(io: &Io<'_>, colour: Colour, terminal: bool) -> bool {
    let set = |name: &str| io.env.get(name).is_some_and(|value| !value.is_empty());
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto if set("NO_COLOR") => false,
        Colour::Auto if io.env.get("CLICOLOR_FORCE").is_some_and(|v| v != "0") => true,
        Colour::Auto => terminal && io.env.get("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// The first of these that is set decides, as in POSIX; an unset locale is today's UTF-8.
fn speaks_utf8(io: &Io<'_>) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let set = names.iter().filter_map(|name| io.env.get(*name)).find(|value| !value.is_empty());
    set.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Text that others wrote, without what would move the cursor or split a line.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// Seats by label; in a table a long list is cut, because pipes and `show` have all of it.
pub fn seats_text(seats: &[String], style: Style) -> String {
    const SHOWN: usize = 6;
    if seats.is_empty() {
        return "-".to_owned();
    }
    match seats.get(..SHOWN).filter(|_| style.tables) {
        Some(first) if seats.len() > SHOWN => {
            let more = if style.unicode { "…" } else { "..." };
            format!("{} {more} ({} seats)", first.join(" "), seats.len())
        }
        _ => seats.join(" "),
    }
}

/// Prints one JSON value; as `ndjson` a list's items, one a line.
pub fn print_json(out: &mut dyn Write, value: &Value, format: Format) -> io::Result<()> {
    if format != Format::Ndjson {
        serde_json::to_writer_pretty(&mut *out, value).map_err(io::Error::from)?;
        return writeln!(out);
    }
    let one = std::slice::from_ref(value);
    let items = value.get("data").and_then(Value::as_array).map_or(one, Vec::as_slice);
    items.iter().try_for_each(|item| writeln!(out, "{item}"))
}

/// Which of these columns are wanted, in the order wanted; all, if none was named.
pub fn chosen(wanted: &[String], known: &[&str]) -> Result<Vec<usize>, CliError> {
    if wanted.is_empty() {
        return Ok((0..known.len()).collect());
    }
    let place = |name: &String| {
        let found = known.iter().position(|known| known.eq_ignore_ascii_case(name));
        found.ok_or_else(|| unknown_field(name, known))
    };
    wanted.iter().map(place).collect()
}

fn unknown_field(name: &str, known: &[&str]) -> CliError {
    CliError::usage(format!("--fields: there is no {name:?}"))
        .hint(format!("there are {}", known.join(", ")))
}

/// A value with only the members wanted; of a list, each item.
/// What is known to be a member, and is not there this time, is null.
pub fn narrowed(value: Value, wanted: &[String], known: &[&str]) -> Result<Value, CliError> {
    if wanted.is_empty() {
        return Ok(value);
    }
    match value {
        Value::Object(mut list) if list.get("data").is_some_and(Value::is_array) => {
            if let Some(Value::Array(items)) = list.get_mut("data") {
                let narrow =
                    std::mem::take(items).into_iter().map(|item| pick(item, wanted, known));
                *items = narrow.collect::<Result<_, _>>()?;
            }
            Ok(Value::Object(list))
        }
        one => pick(one, wanted, known),
    }
}

fn pick(item: Value, wanted: &[String], known: &[&str]) -> Result<Value, CliError> {
    let Value::Object(item) = item else { return Ok(item) };
    let part = |name: &String| match item.get(name) {
        Some(value) => Ok((name.clone(), value.clone())),
        // What has no value is left out of some items, and is no mistake.
        None if OFTEN_ABSENT.contains(&name.as_str()) || known.contains(&name.as_str()) => {
            Ok((name.clone(), Value::Null))
        }
        None => {
            let known: Vec<_> = item.keys().map(String::as_str).collect();
            Err(unknown_field(name, &known))
        }
    };
    wanted.iter().map(part).collect::<Result<_, _>>().map(Value::Object)
}

/// Members that the contract leaves out where there is nothing to say.
const OFTEN_ABSENT: [&str; 7] = ["reference", "tier", "tz", "hold", "holder", "actor", "reason"];

/// The list shape of the contract.
pub fn list_of(items: &[impl Serialize], next: Option<String>) -> Value {
    json!({"data": items, "next": next})
}

/// Prints rows: a table with a header, or lines of tabs without.
pub fn print_rows(
    out: &mut dyn Write,
    style: Style,
    header: &[&str],
    rows: &[Vec<String>],
) -> io::Result<()> {
    match style.format {
        Format::Table => {}
        Format::Csv => return print_csv(out, header, rows),
        _ => {
            return rows.iter().try_for_each(|row| {
                let cells: Vec<_> = row.iter().map(|cell| clean(cell)).collect();
                writeln!(out, "{}", cells.join("\t"))
            });
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let mut table = new_table(style);
    table.set_header(header.iter().map(|name| head(name, style)));
    for row in rows {
        table.add_row(row.iter().map(|cell| Cell::new(clean(cell))));
    }
    arrange(&mut table, style);
    writeln!(out, "{}", table.trim_fmt())
}

/// RFC 4180, but with the line ends of this system.
fn print_csv(out: &mut dyn Write, header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let heads: Vec<_> = header.iter().map(|name| csv_cell(name)).collect();
    writeln!(out, "{}", heads.join(","))?;
    rows.iter().try_for_each(|row| {
        let cells: Vec<_> = row.iter().map(|cell| csv_cell(cell)).collect();
        writeln!(out, "{}", cells.join(","))
    })
}

fn csv_cell(text: &str) -> String {
    let text = clean(text);
    // A spreadsheet takes these for the beginning of a formula.
    let formula = text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err();
    let text = if formula && text != "-" { format!("'{text}") } else { text };
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A line under the header and nothing else: what is left is the data.
fn new_table(style: Style) -> Table {
    let rule = if style.unicode { '─' } else { '-' };
    let mut table = Table::new();
    table.load_style(
        TableStyle::new().header_separator(LineStyle::none().fill(rule).junction(rule)),
    );
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(style.width).unwrap_or(u16::MAX));
    table.force_no_tty();
    if style.colour {
        table.enforce_styling();
    }
    table
}

/// Close columns. Short ones, and the first, which is copied into the next command, never wrap; the
/// others keep room for a word, also where the table is wider than the terminal then.
fn arrange(table: &mut Table, style: Style) {
    const SHORT: u16 = 16;
    const WORD: u16 = 10;
    const ROOMY: usize = 60;
    let widths = table.column_max_content_widths();
    for (at, (column, width)) in table.column_iter_mut().zip(widths).enumerate() {
        column.set_padding((0, 1));
        let whole = at == 0 && !style.titles;
        if whole || (width <= SHORT && style.width >= ROOMY) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        } else {
            // With its padding.
            let least = Width::Fixed(width.min(WORD) + 1);
            column.set_constraint(ColumnConstraint::LowerBoundary(least));
        }
    }
}

fn head(name: &str, style: Style) -> Cell {
    let cell = Cell::new(name);
    if style.colour { cell.add_attribute(Attribute::Bold) } else { cell }
}

/// Prints named values, one a line.
pub fn print_pairs(out: &mut dyn Write, style: Style, pairs: &[(&str, String)]) -> io::Result<()> {
    if style.format == Format::Csv {
        let (names, values): (Vec<_>, Vec<_>) = pairs.iter().cloned().unzip();
        return print_csv(out, &names, &[values]);
    }
    let widest = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    pairs.iter().try_for_each(|(name, value)| {
        let value = clean(value);
        if style.tables {
            let name = paint(&format!("{name:widest$}"), Paint::Dim, style.colour);
            writeln!(out, "{name}  {value}")
        } else {
            writeln!(out, "{name}\t{value}")
        }
    })
}

/// The few colours that are used. None of them says anything that the text does not say too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Names of values, aisles.
    Dim,
    /// Headings.
    Bold,
    /// Free, good.
    Green,
    /// Held, waiting.
    Yellow,
    /// Sold.
    Blue,
    /// Off sale, bad.
    Red,
    /// The asker's own.
    Magenta,
}

/// Text in a colour, if colours are on.
pub fn paint(text: &str, with: Paint, on: bool) -> String {
    if !on {
        return text.to_owned();
    }
    let code = match with {
        Paint::Dim => 2,
        Paint::Bold => 1,
        Paint::Green => 32,
        Paint::Yellow => 33,
        Paint::Blue => 34,
        Paint::Red => 31,
        Paint::Magenta => 35,
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}
