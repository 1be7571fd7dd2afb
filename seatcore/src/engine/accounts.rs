//! Users, sessions and API keys: written through the lane like everything else, never into the log.
//!
//! What hashes or compares a password says so: it takes some 30 ms and 19 MiB on the caller's
//! thread. How many of those run at once is the face's to bound.

use crate::accounts::{
    Admission, ApiKey, ApiKeySecret, MintedKey, NewKey, NewSession, NewUser, PasswordDigest,
    PasswordPolicy, Role, Scope, SecretHash, Session, SessionToken, SignedIn, User, agent_label,
    api_key, checked_name, secret,
};
use crate::clock::Timestamp;
use crate::engine::Engine;
use crate::error::{Error, Failure};
use crate::house::rejection::{Rejection, What};
use crate::id::{KeyId, SessionId, UserId};
use crate::store::accounts::AccountChange;
use crate::store::{Change, Changed};
use std::sync::Arc;

/// Users read at a time where all are wanted.
const PAGE: u32 = 1_000;
/// Ids drawn until one is free. One in a million million is taken for each row there is.
const DRAWS: usize = 4;

/// Who opened a session, and what is known of how.
#[derive(Debug, Clone)]
struct Opening<'a> {
    user: UserId,
    agent: Option<&'a str>,
    checked: Option<PasswordDigest>,
    rehashed: Option<PasswordDigest>,
}

/// Users.
impl Engine {
    /// Every user, by number.
    ///
    /// # Errors
    /// A fault.
    pub fn users(&self) -> Result<Vec<User>, Failure> {
        let mut users = Vec::new();
        loop {
            let page = self.users_behind(users.last().map(|user: &User| user.id), PAGE)?;
            let full = page.len() == PAGE as usize;
            users.extend(page);
            if !full {
                return Ok(users);
            }
        }
    }

    /// A page of users by number: behind `after`, at most `limit`, where 0 means 200.
    ///
    /// # Errors
    /// A fault.
    pub fn users_behind(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, Failure> {
        Ok(self.inner.tables.users(after, limit)?)
    }

    /// A user by name, whatever the case of its letters `a` to `z`.
    ///
    /// # Errors
    /// `not_found`.
    pub fn user(&self, name: &str) -> Result<User, Failure> {
        let found = self.inner.tables.user(name)?;
        found.map(|(user, _)| user).ok_or_else(|| missing(What::User))
    }

    /// A user by number.
    ///
    /// # Errors
    /// `not_found`.
    pub fn user_numbered(&self, user: UserId) -> Result<User, Failure> {
        let found = self.inner.tables.user_numbered(user)?;
        found.map(|(user, _)| user).ok_or_else(|| missing(What::User))
    }

    /// What is kept of a user's password: equal as long as it was not set again.
    ///
    /// # Errors
    /// `not_found`.
    pub fn password_digest(&self, user: UserId) -> Result<PasswordDigest, Failure> {
        let found = self.inner.tables.user_numbered(user)?;
        found.map(|(_, kept)| kept).ok_or_else(|| missing(What::User))
    }

    /// Adds a user under the [native](PasswordPolicy::Native) policy. Hashes a password: some
    /// 30 ms and 19 MiB on this thread.
    ///
    /// # Errors
    /// `invalid`, `name_taken`.
    pub fn add_user(&self, name: &str, password: &str, role: Role) -> Result<User, Failure> {
        self.add_user_under(PasswordPolicy::Native, name, password, role)
    }

    /// The same under another policy.
    ///
    /// # Errors
    /// `invalid`, `name_taken`.
    pub fn add_user_under(
        &self,
        policy: PasswordPolicy,
        name: &str,
        password: &str,
        role: Role,
    ) -> Result<User, Failure> {
        let user = NewUser::new(name, password, role, policy)?;
        match self.account(AccountChange::AddUser { user, at: self.now() })? {
            Changed::User(id) => self.user_numbered(id),
            _ => Err(Error::OutcomeUnknown.into()),
        }
    }

    /// Gives a user another role. Ends their sessions: a token never outlives its rights.
    ///
    /// # Errors
    /// `not_found`, `last_manager`.
    pub fn set_role(&self, user: UserId, role: Role) -> Result<(), Failure> {
        self.edit_user(user, Some(role), None)
    }

    /// Lets a user sign in, or not. Disabling ends their sessions.
    ///
    /// # Errors
    /// `not_found`, `last_manager`.
    pub fn set_disabled(&self, user: UserId, disabled: bool) -> Result<(), Failure> {
        self.edit_user(user, None, Some(disabled))
    }

    /// Both at once, or neither; what is `None` stays.
    ///
    /// # Errors
    /// `not_found`, `last_manager`.
    pub fn edit_user(
        &self,
        user: UserId,
        role: Option<Role>,
        disabled: Option<bool>,
    ) -> Result<(), Failure> {
        self.account(AccountChange::EditUser { user, role, disabled }).map(drop)
    }

    /// Gives a user another password under the [native](PasswordPolicy::Native) policy, whatever
    /// the old one was, and ends their sessions. Hashes a password: some 30 ms and 19 MiB on this
    /// thread.
    ///
    /// # Errors
    /// `invalid`, `not_found`.
    pub fn set_password(&self, user: UserId, password: &str) -> Result<(), Failure> {
        let password = PasswordDigest::new(password, PasswordPolicy::Native)?;
        self.account(AccountChange::SetPassword { user, password, checked: None }).map(drop)
    }

    /// Changes a user's own password and ends their sessions, this one too: the caller goes on
    /// with [`start_session`](Self::start_session). Compares one password and hashes another:
    /// some 60 ms and 19 MiB on this thread.
    ///
    /// # Errors
    /// `invalid`, `not_found`, `not_signed_in` if `old` is not the password.
    pub fn change_password(
        &self,
        user: UserId,
        old: &str,
        new: &str,
        policy: PasswordPolicy,
    ) -> Result<(), Failure> {
        policy.check(new)?;
        let found = self.inner.tables.user_numbered(user)?;
        let (_, kept) = found.ok_or_else(|| missing(What::User))?;
        if !kept.verify(old) {
            return Err(Rejection::NotSignedIn.into());
        }
        let password = PasswordDigest::new(new, policy)?;
        let checked = Some(kept);
        self.account(AccountChange::SetPassword { user, password, checked }).map(drop)
    }

    /// Removes a user. Their name, password and sessions leave the file; what they booked stays
    /// under `user:<id>`, and the number is not given again.
    ///
    /// # Errors
    /// `not_found`, `last_manager`.
    pub fn remove_user(&self, user: UserId) -> Result<(), Failure> {
        self.account(AccountChange::RemoveUser { user }).map(drop)
    }

    fn account(&self, change: AccountChange) -> Result<Changed, Failure> {
        let changed = self.changed(Change::Account(change));
        self.inner.door.doubt();
        changed
    }
}

/// Sessions.
impl Engine {
    /// Who this is, if the password fits; nothing is begun. Compares a password: some 30 ms and
    /// 19 MiB on this thread, also for a name that nobody has.
    ///
    /// # Errors
    /// `not_signed_in`, for a wrong name, a wrong password and a disabled user alike.
    pub fn verify_password(&self, name: &str, password: &str) -> Result<User, Failure> {
        self.checked(name, password).map(|(user, _)| user)
    }

    fn checked(&self, name: &str, password: &str) -> Result<(User, PasswordDigest), Failure> {
        let found = self.inner.tables.user(name)?;
        let stored = found.as_ref().map_or_else(PasswordDigest::nobody, |(_, kept)| kept.clone());
        let fits = stored.verify(password);
        match found {
            Some((user, kept)) if fits && !user.disabled => Ok((user, kept)),
            _ => Err(Rejection::NotSignedIn.into()),
        }
    }

    /// Signs in by name and password: a session with a token of its own begins. A password that
    /// was hashed with less than today's parameters is hashed anew. Compares a password: some
    /// 30 ms and 19 MiB on this thread, also for a name that nobody has.
    ///
    /// # Errors
    /// `not_signed_in`, for a wrong name, a wrong password and a disabled user alike.
    pub fn sign_in(
        &self,
        name: &str,
        password: &str,
        agent: Option<&str>,
    ) -> Result<SignedIn, Failure> {
        let (user, kept) = self.checked(name, password)?;
        let rehashed = kept.is_weak().then(|| PasswordDigest::hash(password)).transpose()?;
        let opening = Opening { user: user.id, agent, checked: Some(kept), rehashed };
        match self.open_session(&opening) {
            // A neighbour may have hashed the same password anew in between: look again.
            Err(Failure::Rejected(Rejection::NotSignedIn)) => {
                let (user, kept) = self.checked(name, password)?;
                let (checked, rehashed) = (Some(kept), None);
                self.open_session(&Opening { user: user.id, agent, checked, rehashed })
            }
            done => done,
        }
    }

    /// Begins a session for somebody whom the caller has made sure of: after registering, or after
    /// a change that ended the one they had.
    ///
    /// # Errors
    /// `not_signed_in`, if there is no such user or they may not sign in.
    pub fn start_session(&self, user: UserId, agent: Option<&str>) -> Result<SignedIn, Failure> {
        self.open_session(&Opening { user, agent, checked: None, rehashed: None })
    }

    fn open_session(&self, opening: &Opening<'_>) -> Result<SignedIn, Failure> {
        let token = SessionToken::draw()?;
        self.draw_until_free(|| {
            Ok(AccountChange::SignIn(Box::new(NewSession {
                id: SessionId::from_bits(secret::random_bits()?),
                token: token.hash(),
                user: opening.user,
                at: self.now(),
                agent: opening.agent.and_then(agent_label),
                checked: opening.checked.clone(),
                rehashed: opening.rehashed.clone(),
            })))
        })?;
        let admission = self.look_up(&token.hash(), self.now())?;
        let admission = admission.ok_or(Rejection::NotSignedIn)?;
        Ok(SignedIn { token, admission: Admission::clone(&admission) })
    }

    fn draw_until_free(
        &self,
        draw: impl Fn() -> Result<AccountChange, Failure>,
    ) -> Result<Changed, Failure> {
        let mut done = self.account(draw()?);
        for _ in 1..DRAWS {
            if done != Err(Rejection::NameTaken.into()) {
                break;
            }
            done = self.account(draw()?);
        }
        done
    }

    /// Whom this token lets in, from memory alone: never waits and never asks the file. `None`
    /// says nothing; ask [`authenticate`](Self::authenticate), where waiting is allowed.
    pub fn recognise(&self, token: &SessionToken) -> Option<Arc<Admission>> {
        let (hash, now) = (token.hash(), self.now());
        let admission = self.inner.door.session(&hash, self.monotonic())?;
        admission.session.live_at(now).then(|| self.admit(&hash, admission, now))
    }

    /// Whom this token lets in. Most often from memory; else one look into the file, some ten
    /// microseconds. What this process revoked is dead at once, what another revoked within a
    /// second. Writes nothing, but once a minute asks the lane to note that the session was seen,
    /// and does not wait for it.
    ///
    /// # Errors
    /// A fault, if the file cannot be read.
    pub fn authenticate(&self, token: &SessionToken) -> Result<Option<Arc<Admission>>, Failure> {
        match self.recognise(token) {
            Some(admission) => Ok(Some(admission)),
            None => self.look_up(&token.hash(), self.now()),
        }
    }

    /// Whether a session still lets somebody in. No sign of life: for what goes on by itself after
    /// the request that began it.
    ///
    /// # Errors
    /// A fault, if the file cannot be read.
    pub fn is_session_live(&self, token: &SessionToken) -> Result<bool, Failure> {
        let (hash, now) = (token.hash(), self.now());
        let known = self.inner.door.session(&hash, self.monotonic());
        if known.is_some_and(|known| known.session.live_at(now)) {
            return Ok(true);
        }
        let found = self.inner.tables.session(&hash)?;
        Ok(found.is_some_and(|found| found.who.0.live_at(now) && !found.who.1.disabled))
    }

    fn look_up(
        &self,
        hash: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<Arc<Admission>>, Failure> {
        let glance = self.inner.door.glance(self.monotonic());
        let Some(found) = self.inner.tables.session(hash)? else { return Ok(None) };
        let (session, user) = found.who;
        if !session.live_at(now) || user.disabled {
            return Ok(None);
        }
        let admission = Arc::new(Admission { session, user });
        self.inner.door.remember_session(glance, found.generation, *hash, admission.clone());
        Ok(Some(self.admit(hash, admission, now)))
    }

    /// Lets them in, and has it noted once a minute: whether that is written in time, or at all,
    /// is nobody's concern but the next minute's.
    fn admit(
        &self,
        hash: &SecretHash,
        admission: Arc<Admission>,
        now: Timestamp,
    ) -> Arc<Admission> {
        let session = &admission.session;
        if session.touch_due(now) && self.inner.door.hear_of(hash, now) {
            let touch = AccountChange::Touch { session: session.id, at: now };
            drop(self.change(Change::Account(touch)));
        }
        admission
    }

    fn monotonic(&self) -> std::time::Duration {
        self.inner.shared.time.monotonic()
    }

    /// Ends the session with this token; whoever has none is signed out already.
    ///
    /// # Errors
    /// A fault.
    pub fn sign_out(&self, token: &SessionToken) -> Result<(), Failure> {
        self.account(AccountChange::SignOut { token: token.hash() }).map(drop)
    }

    /// A user's live sessions, newest first.
    ///
    /// # Errors
    /// A fault.
    pub fn sessions(&self, user: UserId) -> Result<Vec<Session>, Failure> {
        let now = self.now();
        let mut sessions = self.inner.tables.sessions(user)?;
        sessions.retain(|session| session.live_at(now));
        Ok(sessions)
    }

    /// Ends one of a user's sessions.
    ///
    /// # Errors
    /// `not_found`, also for a session of somebody else.
    pub fn end_session(&self, user: UserId, session: SessionId) -> Result<(), Failure> {
        self.account(AccountChange::EndSession { user, session }).map(drop)
    }

    /// Ends every session of a user, but this one.
    ///
    /// # Errors
    /// A fault.
    pub fn end_sessions(&self, user: UserId, but: Option<SessionId>) -> Result<(), Failure> {
        self.account(AccountChange::EndSessions { user, but }).map(drop)
    }
}

/// API keys.
impl Engine {
    /// Makes a key; its secret can be seen in the answer and never again.
    ///
    /// # Errors
    /// `invalid`: a name of 1 to 64 printable characters, at least one scope, none twice.
    pub fn add_api_key(&self, name: &str, scopes: &[Scope]) -> Result<MintedKey, Failure> {
        checked_name(name)?;
        let scopes = api_key::checked_scopes(scopes)?;
        let drawn = std::cell::RefCell::new(ApiKeySecret::draw()?);
        self.draw_until_free(|| {
            let secret = ApiKeySecret::draw()?;
            let (id, hash, name) = (secret.id(), secret.hash(), name.to_owned());
            drawn.replace(secret);
            Ok(AccountChange::AddKey(NewKey { id, secret: hash, name, scopes, at: self.now() }))
        })?;
        let secret = drawn.into_inner();
        let found = self.inner.tables.api_key(&secret.hash())?;
        let key = found.ok_or_else(|| missing(What::ApiKey))?.who;
        Ok(MintedKey { key, secret })
    }

    /// Every key, revoked ones too, oldest first.
    ///
    /// # Errors
    /// A fault.
    pub fn api_keys(&self) -> Result<Vec<ApiKey>, Failure> {
        Ok(self.inner.tables.api_keys()?)
    }

    /// A key by its id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn api_key(&self, key: KeyId) -> Result<ApiKey, Failure> {
        self.inner.tables.api_key_by_id(key)?.ok_or_else(|| missing(What::ApiKey))
    }

    /// Which key this is, from memory alone; as [`recognise`](Self::recognise).
    pub fn recognise_api_key(&self, secret: &ApiKeySecret) -> Option<Arc<ApiKey>> {
        let key = self.inner.door.key(&secret.hash(), self.monotonic())?;
        (key.id == secret.id()).then_some(key)
    }

    /// Which key this is, if it is one and was not revoked; as quick as
    /// [`authenticate`](Self::authenticate).
    ///
    /// # Errors
    /// A fault, if the file cannot be read.
    pub fn authenticate_api_key(
        &self,
        secret: &ApiKeySecret,
    ) -> Result<Option<Arc<ApiKey>>, Failure> {
        if let Some(key) = self.recognise_api_key(secret) {
            return Ok(Some(key));
        }
        let glance = self.inner.door.glance(self.monotonic());
        let Some(found) = self.inner.tables.api_key(&secret.hash())? else { return Ok(None) };
        let (key, generation) = (Arc::new(found.who), found.generation);
        if key.id != secret.id() || key.revoked_at.is_some() {
            return Ok(None);
        }
        self.inner.door.remember_key(glance, generation, secret.hash(), key.clone());
        Ok(Some(key))
    }

    /// Takes a key's rights away for good; the list keeps it.
    ///
    /// # Errors
    /// `not_found`.
    pub fn revoke_api_key(&self, key: KeyId) -> Result<ApiKey, Failure> {
        self.account(AccountChange::RevokeKey { key, at: self.now() })?;
        self.api_key(key)
    }
}

fn missing(what: What) -> Failure {
    Rejection::NotFound { what }.into()
}
