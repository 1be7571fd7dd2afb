//! `If-Match`: the versions that a write is meant for.

use crate::refusal::Refusal;
use hyper::HeaderMap;
use hyper::header::IF_MATCH;

/// What a write is meant for.
#[derive(Debug, PartialEq, Eq)]
pub enum Meant<'a> {
    /// Whatever is there.
    Any,
    /// One of these versions, without their quotes. Weak ones are left out: they never match.
    One(Vec<&'a str>),
}

/// Reads `If-Match`.
///
/// # Errors
/// `invalid`, if it is neither `*` nor a list of quoted tags.
pub fn of(headers: &HeaderMap) -> Result<Meant<'_>, Refusal> {
    let mut lines = headers.get_all(IF_MATCH).iter().peekable();
    if lines.peek().is_none() {
        return Ok(Meant::Any);
    }
    let wrong = || Refusal::field("If-Match", "is neither `*` nor a list of quoted tags");
    let (mut tags, mut any) = (Vec::new(), false);
    for line in lines {
        let line = line.to_str().map_err(|_| wrong())?.trim();
        if line == "*" {
            any = true;
        } else {
            read(line, &mut tags).ok_or_else(wrong)?;
        }
    }
    Ok(if any { Meant::Any } else { Meant::One(tags) })
}

/// Tags with commas between; a comma may also stand inside one.
fn read<'a>(line: &'a str, strong: &mut Vec<&'a str>) -> Option<()> {
    let mut left = line;
    loop {
        let (weak, quoted) = left.strip_prefix("W/").map_or((false, left), |rest| (true, rest));
        let (tag, rest) = quoted.strip_prefix('"')?.split_once('"')?;
        if !weak {
            strong.push(tag);
        }
        let rest = rest.trim_start();
        if rest.is_empty() {
            return Some(());
        }
        left = rest.strip_prefix(',')?.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(lines: &[&'static str]) -> Option<Vec<String>> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_MATCH, hyper::header::HeaderValue::from_static(line));
        }
        match of(&headers).ok()? {
            Meant::Any => Some(vec!["any".to_owned()]),
            Meant::One(tags) => Some(tags.into_iter().map(str::to_owned).collect()),
        }
    }

    #[test]
    fn a_list_is_read_over_all_its_lines() {
        let is = |lines: &[&'static str], tags: &[&str]| {
            let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            assert_eq!(meant(lines), Some(tags), "{lines:?}");
        };
        is(&[], &["any"]);
        is(&[" * "], &["any"]);
        is(&["\"a\"", "*"], &["any"]);
        is(&["\"a\""], &["a"]);
        is(&["\"a\" ,\"b,c\"", "\"\""], &["a", "b,c", ""]);
        is(&["W/\"a\", \"b\""], &["b"]);
        for line in ["", "a", "\"a", "\"a\" \"b\"", "\"a\",", "w/\"a\"", "*, \"a\""] {
            assert_eq!(meant(&[line]), None, "{line}");
        }
    }
}
