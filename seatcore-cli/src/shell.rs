//! Command lines that are printed to be pasted: what others wrote stays a word there.

/// A word as a POSIX shell reads it: quoted where it would be read as anything else.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,+@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    // Nothing has a meaning between single quotes but the next one.
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Words with a space between them.
pub fn words(all: &[String]) -> String {
    let all: Vec<_> = all.iter().map(|text| word(text)).collect();
    all.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_read_as_something_else_is_quoted() {
        assert_eq!(word("stalls/A1"), "stalls/A1");
        assert_eq!(word("key:1a2b"), "key:1a2b");
        assert_eq!(word("Ms Adams"), "'Ms Adams'");
        assert_eq!(word("O'Neill"), r"'O'\''Neill'");
        assert_eq!(word("$(id)`id`\\"), "'$(id)`id`\\'");
        assert_eq!(word("~ada"), "'~ada'");
        assert_eq!(word(""), "''");
        assert_eq!(words(&["A1".to_owned(), "Loge 2".to_owned()]), "A1 'Loge 2'");
    }
}
