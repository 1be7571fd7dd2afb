//! Tables: columns for people at once, markdown for `README.md`.

use crate::{Outcome, machine, place};
use std::fmt::Write as _;

/// One table as it is printed.
#[derive(Debug, Default)]
pub struct Report {
    /// What the table is about, one line.
    pub title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    notes: Vec<String>,
}

impl Report {
    /// A table without rows.
    pub fn new(title: impl Into<String>, head: &[&str]) -> Self {
        let head = head.iter().map(|name| (*name).to_owned()).collect();
        Self { title: title.into(), head, ..Self::default() }
    }

    /// Adds a row, and prints it: a long run shows how far it is.
    pub fn row(&mut self, cells: Vec<String>) {
        eprintln!("    {}", cells.join("  |  "));
        self.rows.push(cells);
    }

    /// Adds a sentence below the table.
    pub fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// As markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("**{}**\n\n", self.title);
        let mut line = |cells: &[String]| {
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        };
        line(&self.head);
        line(&vec!["---".to_owned(); self.head.len()]);
        self.rows.iter().for_each(|row| line(row));
        for note in &self.notes {
            let _ = write!(text, "\n{note}\n");
        }
        text
    }
}

/// Prints a table's reports and keeps them as `target/bench/<name>.md`.
pub fn keep(name: &str, terms: &str, reports: &[Report]) -> Outcome<()> {
    let body: Vec<String> = reports.iter().map(Report::markdown).collect();
    let text = format!("{}\n\n{}", machine::heading(terms), body.join("\n"));
    println!("\n{text}");
    std::fs::write(place::target()?.join(format!("{name}.md")), text)?;
    Ok(())
}

/// Puts every kept table between its marks in `README.md`.
pub fn paste() -> Outcome<()> {
    let path = place::root().join("benches/README.md");
    let mut text = std::fs::read_to_string(&path)?;
    let mut pasted = 0;
    for entry in std::fs::read_dir(place::target()?)? {
        let entry = entry?.path();
        let name = entry.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if entry.extension().is_none_or(|end| end != "md") {
            continue;
        }
        if let Some(new) = between(&text, &name, &std::fs::read_to_string(&entry)?) {
            (text, pasted) = (new, pasted + 1);
        }
    }
    std::fs::write(&path, text)?;
    println!("{pasted} tables pasted into benches/README.md");
    Ok(())
}

fn between(text: &str, name: &str, table: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- table: {name} -->"), "<!-- end -->");
    let (before, rest) = text.split_once(&begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n{}\n{end}{after}", table.trim_end()))
}

/// Median, lowest and highest of some rounds.
#[derive(Debug, Clone, Copy)]
pub struct Spread {
    /// The middle one; of an even number, the upper.
    pub median: f64,
    low: f64,
    high: f64,
}

impl Spread {
    /// Of these; `None` of none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let median = *sorted.get(sorted.len() / 2)?;
        Some(Self { median, low: *sorted.first()?, high: *sorted.last()? })
    }

    /// As `12,345 (11,000–13,000)`.
    pub fn whole(self) -> String {
        let Self { median, low, high } = self;
        format!("{} ({}–{})", thousands(median), thousands(low), thousands(high))
    }

    /// As `0.53 (0.51–0.55)`.
    pub fn share(self) -> String {
        let Self { median, low, high } = self;
        if median >= 10.0 {
            return self.whole();
        }
        format!("{median:.2} ({low:.2}–{high:.2})")
    }
}

/// A whole number with commas.
pub fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What is not known is a dash.
pub fn or_dash(value: Option<f64>, print: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), print)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_goes_between_its_marks_and_replaces_the_last_one() {
        let page = "a\n<!-- table: x -->\nold\n<!-- end -->\nb\n<!-- table: y -->\n<!-- end -->\n";
        let pasted = between(page, "x", "new\n").expect("marks");
        assert_eq!(pasted, page.replace("old", "new"));
        assert_eq!(between(page, "z", "new"), None);
    }

    #[test]
    fn figures_are_read_at_a_glance() {
        assert_eq!(
            [7.0, 1_234.4, 1_234_567.0, -1_000.0].map(thousands),
            ["7", "1,234", "1,234,567", "-1,000"]
        );
        let spread = Spread::of([3.0, 1.0, 2.0]).expect("rounds");
        assert_eq!(
            (spread.share().as_str(), spread.whole().as_str()),
            ("2.00 (1.00–3.00)", "2 (1–3)")
        );
    }
}
