//! Request heads, looked at before the parser reads them: what two parsers could read in two ways
//! is not passed on.
//!
//! The parser takes lines that end in a bare line feed, and a length beside a transfer coding.
//! A proxy in front may read such a head otherwise, and then one request is two. This looks at the
//! bytes as they come, knows where each head ends by the length it declares, and spoils a head
//! that breaks the rule, so that the parser itself refuses it.

use memchr::memchr2;

/// Bytes of a line that are looked at: the longest name here and a length.
const LINE_KEPT: usize = 48;

/// Where in the stream of requests we are.
#[derive(Debug)]
enum Place {
    /// In a line of a head.
    Head,
    /// This many bytes of a body are left.
    Body(u64),
    /// Where the next head begins is not known: the connection ends with this request.
    Unknown,
}

/// Follows one connection.
#[derive(Debug)]
pub struct Heads {
    place: Place,
    line: [u8; LINE_KEPT],
    kept: usize,
    length: usize,
    after_cr: bool,
    first_line: bool,
    content_length: Option<u64>,
    has_coding: bool,
}

/// Something in this head can be read in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ambiguous;

impl Default for Heads {
    fn default() -> Self {
        Self {
            place: Place::Head,
            line: [0; LINE_KEPT],
            kept: 0,
            length: 0,
            after_cr: false,
            first_line: true,
            content_length: None,
            has_coding: false,
        }
    }
}

impl Heads {
    /// Looks at the next bytes.
    ///
    /// # Errors
    /// [`Ambiguous`]: nothing of them may reach the parser.
    pub fn look(&mut self, mut bytes: &[u8]) -> Result<(), Ambiguous> {
        while !bytes.is_empty() {
            match self.place {
                Place::Unknown => return Ok(()),
                Place::Body(left) => {
                    let skipped = left.min(bytes.len() as u64);
                    bytes = bytes.get(skipped as usize..).unwrap_or_default();
                    let left = left - skipped;
                    self.place = if left == 0 { Place::Head } else { Place::Body(left) };
                }
                Place::Head => bytes = self.head(bytes)?,
            }
        }
        Ok(())
    }

    /// Whether a head has begun and not ended.
    pub fn is_inside(&self) -> bool {
        let blank = self.first_line && self.length == 0 && !self.after_cr;
        matches!(self.place, Place::Head) && !blank
    }

    /// Reads on in a head, to its end or that of the bytes.
    fn head<'a>(&mut self, mut bytes: &'a [u8]) -> Result<&'a [u8], Ambiguous> {
        while let Some(at) = memchr2(b'\r', b'\n', bytes) {
            let (text, rest) = bytes.split_at(at);
            self.keep(text);
            let (end, behind) = rest.split_first().ok_or(Ambiguous)?;
            bytes = behind;
            if *end == b'\r' {
                self.after_cr = true;
            } else if !self.after_cr {
                return Err(Ambiguous);
            } else if self.end_line()? {
                return Ok(bytes);
            }
        }
        self.keep(bytes);
        Ok(&[])
    }

    /// More of a line.
    fn keep(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        self.after_cr = false;
        let space = self.line.get_mut(self.kept..).unwrap_or_default();
        for (place, byte) in space.iter_mut().zip(text) {
            *place = *byte;
            self.kept += 1;
        }
        self.length += text.len();
    }

    /// Answers whether the head ended with this line.
    fn end_line(&mut self) -> Result<bool, Ambiguous> {
        let (kept, length) = (self.kept, self.length);
        (self.kept, self.length, self.after_cr) = (0, 0, false);
        if length == 0 && self.first_line {
            // Empty lines before a request are skipped by everybody.
            return Ok(false);
        }
        if length == 0 {
            self.end_head();
            return Ok(true);
        }
        if !std::mem::take(&mut self.first_line) {
            self.header(kept, length)?;
        }
        Ok(false)
    }

    fn header(&mut self, kept: usize, length: usize) -> Result<(), Ambiguous> {
        let line = self.line.get(..kept).unwrap_or_default();
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return Ok(()) };
        let (name, value) = line.split_at(colon);
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.has_coding = true;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let digits = std::str::from_utf8(value.get(1..).unwrap_or_default());
            let plain = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
            let digits = digits.ok().map(str::trim).filter(plain);
            let number = digits.and_then(|digits| digits.parse().ok());
            let number = number.filter(|_| length == kept).ok_or(Ambiguous)?;
            if self.content_length.is_some_and(|before| before != number) {
                return Err(Ambiguous);
            }
            self.content_length = Some(number);
        }
        if self.has_coding && self.content_length.is_some() { Err(Ambiguous) } else { Ok(()) }
    }

    fn end_head(&mut self) {
        // A coded body is refused and its connection closed.
        self.place = match (self.has_coding, self.content_length.take()) {
            (true, _) => Place::Unknown,
            (false, None | Some(0)) => Place::Head,
            (false, Some(length)) => Place::Body(length),
        };
        (self.has_coding, self.first_line) = (false, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str) -> bool {
        let whole = Heads::default().look(text.as_bytes()).is_ok();
        let mut heads = Heads::default();
        let pieces = text.as_bytes().chunks(1).try_for_each(|piece| heads.look(piece)).is_ok();
        assert_eq!(whole, pieces, "however it is cut: {text:?}");
        whole
    }

    #[test]
    fn ordinary_requests_pass_however_they_are_cut() {
        assert!(reads("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(reads(
            "\r\nPOST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na\nbGET / HTTP/1.1\r\n\r\n"
        ));
        assert!(reads("POST / HTTP/1.1\r\ncontent-length:0\r\n\r\nGET / HTTP/1.1\r\n\r\n"));
        assert!(reads("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n"));
        assert!(reads(&format!("GET / HTTP/1.1\r\nCookie: {}\r\n\r\n", "a".repeat(5_000))));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_passed_on() {
        assert!(!reads("GET / HTTP/1.1\nHost: a\n\n"));
        assert!(!reads("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"));
        let both = "Content-Length: 4\r\nTransfer-Encoding: chunked";
        assert!(!reads(&format!("POST / HTTP/1.1\r\n{both}\r\n\r\n")));
        let both = "transfer-encoding: chunked\r\nCONTENT-LENGTH: 4";
        assert!(!reads(&format!("POST / HTTP/1.1\r\n{both}\r\n\r\n")));
        for length in ["4, 4", "+4", "-1", "0x4", "4 4", "", "99999999999999999999"] {
            assert!(
                !reads(&format!("POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n")),
                "{length}"
            );
        }
        assert!(!reads("POST / HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n"));
        let second = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\n\n";
        assert!(!reads(second), "the second request is looked at like the first");
    }
}
