//! Sessions: somebody's stay between signing in and signing out.

use super::{PasswordDigest, SecretHash, SessionToken, User};
use crate::clock::Timestamp;
use crate::id::{SessionId, UserId};
use std::time::Duration;

/// The longest stay, however busy.
pub const SESSION_LIFE: Duration = Duration::from_secs(12 * 3_600);
/// Silence after which a stay is over, counted from `last_seen_at`.
pub const SESSION_IDLE: Duration = Duration::from_secs(30 * 60);
/// `last_seen_at` is written at most this often, so a stay ends 29 to 30 minutes after its last
/// request: a write for each request would cost more than the request.
pub const SESSION_TOUCH: Duration = Duration::from_secs(60);
/// Stays of one user at once; another one ends the stay that was silent longest.
pub const SESSIONS_PER_USER: u32 = 32;
/// Stays past their life that one sign-in clears away.
pub const SESSIONS_PRUNED: u32 = 64;
/// Longest description of a browser, in characters.
pub const AGENT_CHARS_MAX: usize = 120;

/// Somebody's stay.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Session {
    /// Its name: no secret.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they were last heard of, to a minute.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// What the browser says it is.
    pub agent: Option<String>,
}

impl Session {
    /// Whether it lets anybody in: dead at exactly `expires_at`, and at exactly half an hour of
    /// silence.
    pub fn live_at(&self, now: Timestamp) -> bool {
        now < self.expires_at && now < self.last_seen_at.plus(SESSION_IDLE)
    }

    /// Whether `last_seen_at` is due to be written.
    pub(crate) fn touch_due(&self, now: Timestamp) -> bool {
        now >= self.last_seen_at.plus(SESSION_TOUCH)
    }
}

/// A session as JSON, in its owner's list.
#[derive(Debug, serde::Serialize)]
pub struct SessionView<'a> {
    #[serde(flatten)]
    session: &'a Session,
    /// Whether it is the one that asks.
    current: bool,
}

impl<'a> SessionView<'a> {
    /// As the owner of `current` sees it.
    pub fn of(session: &'a Session, current: Option<SessionId>) -> Self {
        Self { session, current: current == Some(session.id) }
    }
}

/// A session to begin.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Its name.
    pub id: SessionId,
    /// What is stored of its token.
    pub token: SecretHash,
    /// Whose it is.
    pub user: UserId,
    /// When it begins.
    pub at: Timestamp,
    /// What the browser says it is.
    pub agent: Option<String>,
    /// The hash that the password was compared with: if it is no longer theirs, nobody signs in.
    pub checked: Option<PasswordDigest>,
    /// A stronger hash of the same password.
    pub rehashed: Option<PasswordDigest>,
}

/// Who a token lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub user: User,
}

/// What signing in gives.
#[derive(Debug)]
pub struct SignedIn {
    /// The secret: for the caller's cookie, kept nowhere else.
    pub token: SessionToken,
    /// Who it lets in.
    pub admission: Admission,
}

/// What is kept of a browser's description of itself: one line of at most 120 characters.
pub fn agent_label(text: &str) -> Option<String> {
    let printable = text.trim().chars().filter(|c| !c.is_control());
    let label: String = printable.take(AGENT_CHARS_MAX).collect();
    (!label.is_empty()).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_s_description_is_one_short_line() {
        assert_eq!(agent_label(" Firefox\r\n 152 "), Some("Firefox 152".into()));
        assert_eq!(agent_label("\n\t"), None);
        assert_eq!(agent_label(&"é".repeat(500)).map(|label| label.chars().count()), Some(120));
    }
}
