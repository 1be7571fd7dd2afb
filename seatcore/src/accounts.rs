//! People who sign in: users, their passwords and the one role table.
//!
//! Names and passwords are ordinary rows, never in the log, so they can be deleted. A password is
//! kept as an Argon2id hash (19 MiB, two passes, one lane: OWASP's current minimum, RFC 9106).

use crate::clock::Timestamp;
use crate::house::rejection::{FieldError, Problem, Rejection};
use crate::id::UserId;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use std::fmt;
use std::str::FromStr;

/// Shortest password for customers.
pub const PASSWORD_CHARS_MIN: usize = 7;
/// Longest password, in characters: hashing time grows with it.
pub const PASSWORD_CHARS_MAX: usize = 256;
/// Longest user name, in characters.
pub const NAME_CHARS_MAX: usize = 64;

/// What a user may do. Each role may do what the one before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
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

    /// The role table: whether this role may do this.
    pub const fn may(self, deed: Deed) -> bool {
        match deed {
            Deed::Buy => true,
            Deed::Sell | Deed::Block | Deed::CancelForOthers | Deed::SeeOthers => {
                matches!(self, Self::Staff | Self::Manager)
            }
            Deed::EditCatalogue | Deed::EditUsers => matches!(self, Self::Manager),
        }
    }
}

/// What a role can be needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Hold, book and release for oneself.
    Buy,
    /// The same for somebody else.
    Sell,
    /// Take seats off sale.
    Block,
    /// Undo somebody else's booking.
    CancelForOthers,
    /// See who holds what.
    SeeOthers,
    /// Movies, screens, shows and prices.
    EditCatalogue,
    /// Users, roles and API keys.
    EditUsers,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = crate::id::ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or(crate::id::ParseIdError { kind: "role" })
    }
}

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct User {
    /// Their number; `user:<id>` is their holder text.
    pub id: UserId,
    /// Their name, unique whatever its case.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub disabled: bool,
    /// When they were added.
    pub created_at: Timestamp,
}

/// A password's hash, as a PHC string. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordDigest(String);

impl fmt::Debug for PasswordDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordDigest(..)")
    }
}

impl PasswordDigest {
    /// Hashes a password: about 30 ms and 19 MiB, so never on a request's own thread.
    pub fn of(password: &str) -> Result<Self, Rejection> {
        let chars = password.chars().count() as i64;
        let (min, max) = (PASSWORD_CHARS_MIN as i64, PASSWORD_CHARS_MAX as i64);
        FieldError::ranges(&[("password", Some(chars), min, max)])?;
        let hash = argon2::Argon2::default()
            .hash_password(password.as_bytes())
            .map_err(|_| Rejection::invalid("password", Problem::Unreadable))?;
        Ok(Self(hash.to_string()))
    }

    /// A hash that no password has, as slow to compare as any: who asks for a name that nobody
    /// has must not learn it from the time.
    pub fn nobody() -> Self {
        let salt_and_hash = "AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        Self(format!("$argon2id$v=19$m=19456,t=2,p=1${salt_and_hash}"))
    }

    /// A stored hash.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The PHC string, for storage.
    pub fn as_stored(&self) -> &str {
        &self.0
    }

    /// Whether this is the password; as slow as [`of`](Self::of).
    pub fn verify(&self, password: &str) -> bool {
        PasswordHash::new(&self.0).is_ok_and(|hash| {
            argon2::Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        })
    }
}

/// What a user is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// 1 to 64 printable characters.
    pub name: String,
    /// The password's hash.
    pub password: PasswordDigest,
    /// What they may do.
    pub role: Role,
}

impl NewUser {
    /// Checks the fields and hashes the password.
    pub fn new(name: &str, password: &str, role: Role) -> Result<Self, Rejection> {
        crate::id::Holder::parse(name)
            .map_err(|_| Rejection::invalid("name", Problem::Unreadable))?;
        Ok(Self { name: name.to_owned(), password: PasswordDigest::of(password)?, role })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_hashed_with_the_current_minimum_and_verified() {
        let digest = PasswordDigest::of("demo123").expect("seven characters are enough");
        assert!(digest.as_stored().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(digest.verify("demo123") && !digest.verify("demo124"));
        assert!(PasswordDigest::of("short").is_err());
        assert_eq!(format!("{digest:?}"), "PasswordDigest(..)");
    }

    #[test]
    fn each_role_may_do_what_the_one_before_may() {
        let deeds = [Deed::Buy, Deed::Sell, Deed::Block, Deed::EditCatalogue, Deed::EditUsers];
        for pair in Role::ALL.windows(2) {
            assert!(deeds.iter().all(|deed| !pair[0].may(*deed) || pair[1].may(*deed)));
        }
        assert!(!Role::Customer.may(Deed::Block) && !Role::Staff.may(Deed::EditUsers));
    }
}
