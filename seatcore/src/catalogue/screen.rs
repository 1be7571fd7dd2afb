//! A screen: a hall with a layout, and the pause it needs between shows.

use crate::catalogue::layout::Layout;
use crate::house::rejection::{FieldError, Rejection, Unit};
use crate::id::{LayoutHash, ScreenId};
use std::sync::Arc;
use std::time::Duration;

/// Pause between two shows of one screen, unless the screen says otherwise: people out, floor
/// swept, people in.
pub const CLEANING_DEFAULT: Duration = Duration::from_secs(15 * 60);
/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 100;

/// A hall.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Screen {
    /// Its number.
    pub id: ScreenId,
    /// Its name, unique in the file.
    pub name: String,
    /// How many seats new shows get.
    pub seats: u32,
    /// The plan of new shows; shows that exist keep theirs.
    pub layout: LayoutHash,
    /// Its time zone, where it is not the venue's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tz: Option<String>,
    /// Seconds between two shows.
    pub cleaning_s: u32,
}

/// What a screen is made of.
#[derive(Debug, Clone)]
pub struct NewScreen {
    /// 1 to 100 characters, unique.
    pub name: String,
    /// The plan.
    pub layout: Arc<Layout>,
    /// An IANA time zone name.
    pub tz: Option<String>,
    /// Pause between shows, at most a day.
    pub cleaning: Duration,
}

impl NewScreen {
    /// A screen with the usual pause, in the venue's time zone.
    pub fn new(name: impl Into<String>, layout: Layout) -> Self {
        Self { name: name.into(), layout: Arc::new(layout), tz: None, cleaning: CLEANING_DEFAULT }
    }

    /// Checks every field at once.
    pub fn check(&self) -> Result<(), Rejection> {
        let name = self.name.trim().chars().count() as i64;
        let tz = self.tz.as_deref().map(|tz| tz.len() as i64);
        let cleaning = self.cleaning.as_secs() as i64;
        FieldError::ranges([
            ("name", Some(name), Unit::Characters.range(1, NAME_CHARS_MAX as i64)),
            ("tz", tz, Unit::Bytes.range(1, 64)),
            ("cleaning_s", Some(cleaning), Unit::Seconds.range(0, 24 * 3_600)),
        ])?;
        FieldError::line("name", &self.name)
    }
}
