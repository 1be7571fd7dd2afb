//! A movie and its poster.

use crate::house::rejection::{FieldError, Problem, Rejection, Unit};
use crate::id::MovieId;

/// Largest poster, in bytes.
pub const POSTER_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Longest title, in characters.
pub const TITLE_CHARS_MAX: usize = 200;
/// Longest description, in bytes.
pub const DESCRIPTION_BYTES_MAX: usize = 4_096;
/// Longest movie, in minutes.
pub const MINUTES_MAX: u32 = 1_440;

/// A movie.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Movie {
    /// Its number.
    pub id: MovieId,
    /// Its title.
    pub title: String,
    /// How long it runs.
    pub minutes: u32,
    /// A few sentences.
    pub description: String,
    /// Where its poster is found on this server; none without a poster.
    pub poster_url: Option<String>,
}

/// What a movie is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewMovie {
    /// 1 to 200 characters.
    pub title: String,
    /// 1 to 1440.
    pub minutes: u32,
    /// At most 4 KiB.
    pub description: String,
    /// Its poster.
    pub poster: Option<Poster>,
}

/// Changes to a movie; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MoviePatch {
    /// A new title.
    pub title: Option<String>,
    /// A new length.
    pub minutes: Option<u32>,
    /// A new description.
    pub description: Option<String>,
}

/// An image, told by its first bytes and never by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poster {
    kind: PosterKind,
    bytes: Vec<u8>,
}

/// The formats that browsers show and that carry no script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PosterKind {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    WebP,
}

impl PosterKind {
    /// Recognises an image by its signature.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\xFF\xD8\xFF") {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Self::WebP)
        } else {
            None
        }
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

impl Poster {
    /// Takes JPEG, PNG or WebP of at most 5 MiB.
    pub fn new(bytes: Vec<u8>) -> Result<Self, Rejection> {
        if bytes.len() > POSTER_BYTES_MAX {
            let range = Unit::Bytes.range(1, POSTER_BYTES_MAX as i64);
            return Err(Rejection::invalid("poster", range.into()));
        }
        let kind = PosterKind::sniff(&bytes)
            .ok_or_else(|| Rejection::invalid("poster", Problem::Unreadable))?;
        Ok(Self { kind, bytes })
    }

    /// Its format.
    pub const fn kind(&self) -> PosterKind {
        self.kind
    }

    /// The image itself.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl NewMovie {
    /// Checks every field at once.
    pub fn check(&self) -> Result<(), Rejection> {
        check_fields(Some(&self.title), Some(self.minutes), Some(&self.description))
    }
}

impl MoviePatch {
    /// Checks every field at once.
    pub fn check(&self) -> Result<(), Rejection> {
        check_fields(self.title.as_deref(), self.minutes, self.description.as_deref())
    }
}

fn check_fields(
    title: Option<&str>,
    minutes: Option<u32>,
    description: Option<&str>,
) -> Result<(), Rejection> {
    let chars = |text: &str| text.trim().chars().count() as i64;
    let length = description.map(|text| text.len() as i64);
    FieldError::ranges([
        ("title", title.map(chars), Unit::Characters.range(1, TITLE_CHARS_MAX as i64)),
        ("minutes", minutes.map(i64::from), Unit::Minutes.range(1, i64::from(MINUTES_MAX))),
        ("description", length, Unit::Bytes.range(0, DESCRIPTION_BYTES_MAX as i64)),
    ])?;
    title.map_or(Ok(()), |title| FieldError::line("title", title))
}
