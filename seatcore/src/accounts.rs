//! Who asks: people with a password and a session, machines with an API key, and the one role
//! table that says what each may do.
//!
//! Users, sessions and keys are ordinary rows, never in the log, so they can be deleted. What the
//! log has of a person is `user:<id>`.
//!
//! Secrets are kept as hashes only: a password as Argon2id, which is slow on purpose; a session
//! token or an API key as SHA-256, which is enough for 256 random bits. A row is found *by* that
//! hash, so there is nothing to compare in constant time: whoever measures how long a look-up
//! takes learns about hashes of what they already sent.

use crate::clock::Timestamp;
use crate::house::rejection::{Problem, Rejection};
use crate::id::{Holder, UserId};
use std::fmt;

pub(crate) mod api_key;
mod password;
mod principal;
pub(crate) mod secret;
mod session;

pub use api_key::{ApiKey, MintedKey, MintedKeyView, NewKey, Scope, Scopes};
pub use password::{
    PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PASSWORD_CHARS_MIN_CLASSIC, PasswordDigest,
    PasswordPolicy,
};
pub use principal::{Deed, Principal};
pub use secret::{ApiKeySecret, SecretHash, SessionToken};
pub use session::{
    AGENT_CHARS_MAX, Admission, NewSession, SESSION_IDLE, SESSION_LIFE, SESSION_TOUCH,
    SESSIONS_PER_USER, SESSIONS_PRUNED, Session, SessionView, SignedIn, agent_label,
};

/// Longest user name, in characters.
pub const NAME_CHARS_MAX: usize = crate::id::HOLDER_CHARS_MAX;

/// What a user is. Each role may do what the one before may.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Role {
    /// Holds and books for themselves.
    Customer,
    /// Sells, blocks and cancels for others.
    Staff,
    /// Also runs the catalogue and the users.
    Manager,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Customer, Self::Staff, Self::Manager];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Staff => "staff",
            Self::Manager => "manager",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

parse_by_word!(Role, "role");

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Their number; `user:<id>` is their holder text.
    pub id: UserId,
    /// Their name, unique whatever the case of its letters `a` to `z`.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may not sign in.
    pub disabled: bool,
    /// When they were added.
    pub created_at: Timestamp,
}

impl User {
    /// What they hold seats as.
    pub fn holder(&self) -> Holder {
        Holder::of_user(self.id)
    }
}

/// What a user is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// 1 to 64 visible characters.
    pub name: String,
    /// The password's hash.
    pub password: PasswordDigest,
    /// What they may do.
    pub role: Role,
}

impl NewUser {
    /// Checks the fields and hashes the password: some 30 ms and 19 MiB.
    ///
    /// # Errors
    /// `invalid`, naming every wrong field.
    pub fn new(
        name: &str,
        password: &str,
        role: Role,
        policy: PasswordPolicy,
    ) -> Result<Self, Rejection> {
        checked_name(name)?;
        Ok(Self { name: name.to_owned(), password: PasswordDigest::new(password, policy)?, role })
    }
}

/// Names of people and keys: 1 to 64 visible characters, no space at either end.
pub(crate) fn checked_name(name: &str) -> Result<(), Rejection> {
    let visible = Holder::parse(name).is_ok() && !name.chars().any(is_unseen);
    if visible { Ok(()) } else { Err(Rejection::invalid("name", Problem::Name)) }
}

/// Characters that are not seen and make one name look like another: joiners, marks of direction,
/// tags (Unicode's default ignorable code points, as far as names could have them).
const fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}
