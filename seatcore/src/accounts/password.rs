//! Passwords: what is accepted, and how they are kept.

use crate::error::{Error, Failure, StorageReason};
use crate::house::rejection::{FieldError, Problem, Rejection, Unit};
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params};
use std::fmt;

/// Shortest password, in characters (OWASP ASVS 6.2.1).
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Shortest password of the classic API, whose clients send seven.
pub const PASSWORD_CHARS_MIN_CLASSIC: usize = 7;
/// Longest password, in characters: hashing time grows with it.
pub const PASSWORD_CHARS_MAX: usize = 256;

/// The 3,000 most frequent passwords of at least eight characters, in lower case and in order
/// (from zxcvbn's list, MIT).
const COMMON: &str = include_str!("common_passwords.txt");

/// Which passwords are accepted. Signing in checks none of this: what was set before is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PasswordPolicy {
    /// 8 to 256 characters, and none of those that everybody tries first.
    Native,
    /// 7 to 256 characters: for the classic API and the demonstration's user.
    Classic,
}

impl PasswordPolicy {
    /// Whether this password may be set.
    ///
    /// # Errors
    /// `invalid`.
    pub fn check(self, password: &str) -> Result<(), Rejection> {
        let min = match self {
            Self::Native => PASSWORD_CHARS_MIN,
            Self::Classic => PASSWORD_CHARS_MIN_CLASSIC,
        };
        // No character has more than four bytes: longer texts need no counting.
        let chars = password.chars().take(PASSWORD_CHARS_MAX + 1).count() as i64;
        let range = Unit::Characters.range(min as i64, PASSWORD_CHARS_MAX as i64);
        FieldError::ranges([("password", Some(chars), range)])?;
        if self == Self::Native && is_common(password) {
            return Err(Rejection::invalid("password", Problem::Common));
        }
        Ok(())
    }
}

fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    COMMON.lines().any(|common| common == lower)
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
    /// Checks and hashes a password that is being set: some 30 ms and 19 MiB on this thread.
    ///
    /// # Errors
    /// `invalid`.
    pub fn new(password: &str, policy: PasswordPolicy) -> Result<Self, Rejection> {
        policy.check(password)?;
        Self::hash(password).map_err(|_| Rejection::invalid("password", Problem::Unreadable))
    }

    /// Hashes what was accepted before. Argon2id with 19 MiB, two passes and one lane: OWASP's
    /// current minimum (RFC 9106 allows more memory, which a small machine does not have twice).
    pub(crate) fn hash(password: &str) -> Result<Self, Failure> {
        let hash = Argon2::default().hash_password(password.as_bytes());
        let hash = hash.map_err(|error| Error::storage(StorageReason::Library, error))?;
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

    /// Whether this is the password: some 30 ms and 19 MiB on this thread.
    pub fn verify(&self, password: &str) -> bool {
        PasswordHash::new(&self.0)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    }

    /// Whether a hash made now would be stronger: the next sign-in replaces it.
    pub fn is_weak(&self) -> bool {
        let today = Params::default();
        let strong = PasswordHash::new(&self.0).is_ok_and(|hash| {
            let algorithm = Algorithm::try_from(hash.algorithm.as_str());
            let params = Params::try_from(&hash);
            matches!(algorithm, Ok(Algorithm::Argon2id))
                && params.is_ok_and(|params| {
                    params.m_cost() >= today.m_cost() && params.t_cost() >= today.t_cost()
                })
        });
        !strong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str, policy: PasswordPolicy) -> bool {
        policy.check(password).is_err()
    }

    #[test]
    fn a_password_is_hashed_with_the_current_minimum_and_verified() {
        let digest = PasswordDigest::new("demo123", PasswordPolicy::Classic).expect("seven");
        assert!(digest.as_stored().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(digest.verify("demo123") && !digest.verify("demo124"));
        assert!(!digest.is_weak() && !PasswordDigest::nobody().is_weak());
        let (nobody, parameters) = (PasswordDigest::nobody(), digest.as_stored().split('$').nth(3));
        assert_eq!(nobody.as_stored().split('$').nth(3), parameters, "as slow as anybody's");
        assert_eq!(nobody.as_stored().len(), digest.as_stored().len());
        assert!(!nobody.verify(""));
        assert_eq!(format!("{digest:?}"), "PasswordDigest(..)");
    }

    #[test]
    fn salts_differ_and_have_sixteen_bytes() {
        let [one, two] = [0, 1].map(|_| PasswordDigest::hash("the same").expect("hashed"));
        assert_ne!(one, two);
        assert_eq!(one.as_stored().split('$').nth(4).map(str::len), Some(22));
    }

    #[test]
    fn what_was_hashed_with_less_is_weak() {
        let tail = "c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for head in [
            "$argon2id$v=19$m=15360,t=2,p=1$",
            "$argon2id$v=19$m=19456,t=1,p=1$",
            "$argon2i$v=19$m=19456,t=2,p=1$",
            "unreadable",
        ] {
            assert!(PasswordDigest::from_stored(format!("{head}{tail}")).is_weak(), "{head}");
        }
        let strong = format!("$argon2id$v=19$m=65536,t=3,p=4${tail}");
        assert!(!PasswordDigest::from_stored(strong).is_weak());
    }

    #[test]
    fn lengths_are_counted_in_characters_and_nothing_is_cut_off() {
        use PasswordPolicy::{Classic, Native};
        let kurdish = "ژمارەکان";
        assert!(kurdish.chars().count() == 8 && !refused(kurdish, Native));
        assert!(refused("7 chars", Native) && !refused("7 chars", Classic));
        assert!(refused("6chars", Classic) && refused("", Classic));
        let longest = "é".repeat(256);
        assert!(!refused(&longest, Native) && refused(&format!("{longest}x"), Native));
        let digest = PasswordDigest::new(&longest, Native).expect("accepted");
        assert!(digest.verify(&longest) && !digest.verify(&format!("{}x", &longest[..510])));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for common in ["password", "PassWord", "12345678", "qwertyuiop", "iloveyou"] {
            assert!(refused(common, PasswordPolicy::Native), "{common}");
        }
        for fine in ["correct horse battery", "geheim77", "nine seats please"] {
            assert!(!refused(fine, PasswordPolicy::Native), "{fine}");
        }
        assert_eq!(COMMON.lines().count(), 3_000);
        assert!(COMMON.lines().all(|line| line.len() >= PASSWORD_CHARS_MIN), "no line is in vain");
    }
}
