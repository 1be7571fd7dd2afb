//! One line of a settings file set, with every other line and comment left as it is.

/// The text with `key` set to `value`: in its place, else at the end of its section, else in a new
/// section.
pub fn with(text: &str, key: &str, value: &str) -> String {
    let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
    let line = format!("{name} = {}", literal(value));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut current = String::new();
    let mut end_of_section = section.is_empty().then_some(0);
    for (at, text) in lines.iter().enumerate() {
        if let Some(head) = heading(text) {
            current = head.to_owned();
        }
        if current != section {
            continue;
        }
        if named(text) == Some(name) {
            lines[at] = line;
            return joined(&lines);
        }
        if !text.trim().is_empty() {
            end_of_section = Some(at + 1);
        }
    }
    match end_of_section {
        Some(at) => lines.insert(at, line),
        None => lines.extend([String::new(), format!("[{section}]"), line]),
    }
    joined(&lines)
}

fn joined(lines: &[String]) -> String {
    let mut text = lines.join("\n").trim_start_matches('\n').to_owned();
    text.push('\n');
    text
}

fn heading(line: &str) -> Option<&str> {
    let line = line.trim();
    let inner = line.strip_prefix('[')?;
    inner.split_once(']').map(|(name, _)| name.trim())
}

fn named(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim();
    (!name.starts_with('#')).then_some(name)
}

/// Numbers and yes or no as they are, everything else as a string.
fn literal(value: &str) -> String {
    let bare = value.parse::<i64>().is_ok() || matches!(value, "true" | "false");
    if bare { value.to_owned() } else { toml::Value::String(value.to_owned()).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_set_in_its_place_and_the_rest_is_left_alone() {
        let text = "# mine\ntz = \"UTC\" \n\n[hold]\n# short\nttl = \"10m\"\n";
        let set = with(text, "hold.ttl", "5m");
        assert_eq!(set, "# mine\ntz = \"UTC\" \n\n[hold]\n# short\nttl = \"5m\"\n");
        let set = with(&set, "tz", "Europe/Berlin");
        assert!(set.starts_with("# mine\ntz = \"Europe/Berlin\"\n\n[hold]"), "{set}");
        let set = with(&set, "seats.map.ascii", "true");
        assert!(set.ends_with("\n\n[seats.map]\nascii = true\n"), "{set}");
        let set = with(&set, "quiet", "true");
        assert!(set.starts_with("# mine\ntz = \"Europe/Berlin\"\nquiet = true\n"), "{set}");
        assert_eq!(with("", "tz", "UTC"), "tz = \"UTC\"\n");
    }
}
