//! What a store does for accounts: rows that are written in turns and are never in the log.

use crate::accounts::{
    ApiKey, NewKey, NewSession, NewUser, PasswordDigest, Role, SecretHash, Session, User,
};
use crate::clock::Timestamp;
use crate::error::Error;
use crate::id::{KeyId, SessionId, UserId};

/// A write that is about who may ask. All but the first, `AddKey`, `Touch` and most sign-ins shut
/// somebody out, and move the [generation](Admitted::generation) in the same transaction.
#[derive(Debug, Clone)]
#[non_exhaustive]
#[expect(missing_docs, reason = "fields are the parts named by their types")]
pub enum AccountChange {
    /// A new user.
    AddUser { user: NewUser, at: Timestamp },
    /// Another role, or whether they may sign in; ends their sessions, but for letting them in
    /// again. This and removing are refused where no manager would be left who may sign in.
    EditUser { user: UserId, role: Option<Role>, disabled: Option<bool> },
    /// Another password; ends their sessions. Refused if `checked` is no longer the old one.
    SetPassword { user: UserId, password: PasswordDigest, checked: Option<PasswordDigest> },
    /// Gone with their sessions; the number is not given again.
    RemoveUser { user: UserId },
    /// A session begins, sessions past their life go, and the one that was silent longest if the
    /// user has too many. Refused if the user may not sign in.
    SignIn(Box<NewSession>),
    /// A session was heard of; refused if it had ended by then.
    Touch { session: SessionId, at: Timestamp },
    /// The session with this token ends, if there is one.
    SignOut { token: SecretHash },
    /// This session of this user ends.
    EndSession { user: UserId, session: SessionId },
    /// Every session of this user ends, but one.
    EndSessions { user: UserId, but: Option<SessionId> },
    /// A new key.
    AddKey(NewKey),
    /// The key opens nothing from now on.
    RevokeKey { key: KeyId, at: Timestamp },
}

impl AccountChange {
    /// Who could not run the users after this.
    pub(crate) fn demoted(&self) -> Option<UserId> {
        match self {
            Self::RemoveUser { user } => Some(*user),
            Self::EditUser { user, role, disabled } => {
                let demoted = role.is_some_and(|role| role < Role::Manager);
                (demoted || *disabled == Some(true)).then_some(*user)
            }
            _ => None,
        }
    }
}

/// Somebody whom a secret lets in, and how long that may be remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted<T> {
    /// Who.
    pub who: T,
    /// Read at the same moment: as long as the file has this one, the answer stands.
    pub generation: u64,
}

/// The readers' half for accounts: committed rows, from any thread.
pub trait AccountTables {
    /// Users by number, behind `after`; at most `limit`, where 0 means 200.
    fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, Error>;
    /// A user and their password, by name, whatever the case of its letters `a` to `z`.
    fn user(&self, name: &str) -> Result<Option<(User, PasswordDigest)>, Error>;
    /// The same by number.
    fn user_numbered(&self, user: UserId) -> Result<Option<(User, PasswordDigest)>, Error>;
    /// The session with this token, live or not, and whose it is.
    fn session(&self, token: &SecretHash) -> Result<Option<Admitted<(Session, User)>>, Error>;
    /// A user's sessions, live or not, newest first.
    fn sessions(&self, user: UserId) -> Result<Vec<Session>, Error>;
    /// The key with this secret, revoked or not.
    fn api_key(&self, secret: &SecretHash) -> Result<Option<Admitted<ApiKey>>, Error>;
    /// The key with this id, revoked or not.
    fn api_key_by_id(&self, key: KeyId) -> Result<Option<ApiKey>, Error>;
    /// Every key, oldest first.
    fn api_keys(&self) -> Result<Vec<ApiKey>, Error>;
}
