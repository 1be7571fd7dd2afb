//! Users, sessions and API keys.

use super::data::{Account, Data, KeptKey, KeptSession, Put, folded};
use super::turn::Writing;
use super::{MemoryTables, change::exhausted};
use crate::accounts::{
    ApiKey, NewKey, NewSession, NewUser, PasswordDigest, Role, SESSION_LIFE, SESSIONS_PER_USER,
    SESSIONS_PRUNED, SecretHash, Session, User,
};
use crate::clock::Timestamp;
use crate::error::Error;
use crate::house::rejection::{Rejection, What};
use crate::id::{KeyId, SessionId, UserId};
use crate::store::accounts::{AccountChange, AccountTables, Admitted};
use crate::store::{Changed, Made};
use std::cmp::Reverse;
use std::sync::Arc;

/// A page when the caller names no limit.
const PAGE: usize = 200;

type Answer = Result<Changed, Rejection>;

impl Writing {
    /// Writes a change of accounts, or refuses it.
    pub(super) fn account(&mut self, change: &AccountChange) -> Made {
        if change.demoted().is_some_and(|user| self.is_last_manager(user)) {
            return Ok(Err(Rejection::LastManager));
        }
        Ok(match change {
            AccountChange::AddUser { user, at } => return self.add_user(user, *at),
            AccountChange::EditUser { user, role, disabled } => {
                let ends_sessions = role.is_some() || *disabled == Some(true);
                self.edit_user(*user, ends_sessions, |account| {
                    account.user.role = role.unwrap_or(account.user.role);
                    account.user.disabled = disabled.unwrap_or(account.user.disabled);
                })
            }
            AccountChange::SetPassword { user, password, checked } => {
                if self.has_password(*user, checked.as_ref()) {
                    self.edit_user(*user, true, |account| account.password = password.clone())
                } else {
                    Err(Rejection::NotSignedIn)
                }
            }
            AccountChange::RemoveUser { user } => self.remove_user(*user),
            AccountChange::SignIn(session) => self.begin_session(session),
            AccountChange::Touch { session, at } => self.touch(*session, *at),
            AccountChange::SignOut { token } => {
                let found = self.data().tokens.get(token).copied();
                found.into_iter().for_each(|id| self.put(Put::Session(id, None)));
                Ok(self.shut_out(Changed::Account))
            }
            AccountChange::EndSession { user, session } => self.end_session(*user, *session),
            AccountChange::EndSessions { user, but } => {
                self.end_sessions(*user, *but);
                Ok(self.shut_out(Changed::User(*user)))
            }
            AccountChange::AddKey(key) => self.add_key(key),
            AccountChange::RevokeKey { key, at } => self.revoke_key(*key, *at),
        })
    }

    /// Somebody who was let in no longer is.
    fn shut_out(&mut self, changed: Changed) -> Changed {
        self.count(|counters| counters.accounts += 1);
        changed
    }

    fn add_user(&mut self, new: &NewUser, at: Timestamp) -> Made {
        if self.data().names.contains_key(&folded(&new.name)) {
            return Ok(Err(Rejection::NameTaken));
        }
        let number = self.data().counters.users.saturating_add(1);
        let Some(id) = UserId::new(number) else { return exhausted() };
        let name = new.name.clone();
        let user = User { id, name, role: new.role, disabled: false, created_at: at };
        let account = Account { user, password: new.password.clone() };
        self.count(|counters| counters.users = number);
        self.put(Put::User(id, Some(Arc::new(account))));
        Ok(Ok(Changed::User(id)))
    }

    fn is_last_manager(&self, id: UserId) -> bool {
        let users = self.data().users.values().map(|account| &account.user);
        let mut managers = users.filter(|user| user.role == Role::Manager && !user.disabled);
        managers.next().is_some_and(|user| user.id == id) && managers.next().is_none()
    }

    fn edit_user(
        &mut self,
        id: UserId,
        ends_sessions: bool,
        edit: impl FnOnce(&mut Account),
    ) -> Answer {
        let account = self.data().users.get(&id).ok_or(Rejection::NotFound { what: What::User })?;
        let mut account = Account::clone(account);
        edit(&mut account);
        self.put(Put::User(id, Some(Arc::new(account))));
        if ends_sessions {
            self.end_sessions(id, None);
        }
        Ok(self.shut_out(Changed::User(id)))
    }

    fn remove_user(&mut self, id: UserId) -> Answer {
        self.edit_user(id, true, |_| {})?;
        self.put(Put::User(id, None));
        Ok(Changed::User(id))
    }

    fn has_password(&self, user: UserId, password: Option<&PasswordDigest>) -> bool {
        let stored = self.data().users.get(&user).map(|account| &account.password);
        password.is_none() || stored == password
    }

    fn begin_session(&mut self, new: &NewSession) -> Answer {
        let account = self.data().users.get(&new.user).cloned();
        let account = account.filter(|account| !account.user.disabled);
        let account = account.filter(|_| self.has_password(new.user, new.checked.as_ref()));
        let mut account = account.ok_or(Rejection::NotSignedIn)?;
        if let Some(password) = &new.rehashed {
            Arc::make_mut(&mut account).password = password.clone();
            self.put(Put::User(new.user, Some(account)));
        }
        self.prune_sessions(new.at);
        let capped = self.cap_sessions(new.user);
        if self.data().sessions.contains_key(&new.id) {
            return Err(Rejection::NameTaken);
        }
        let session = Session {
            id: new.id,
            user: new.user,
            created_at: new.at,
            last_seen_at: new.at,
            expires_at: new.at.plus(SESSION_LIFE),
            agent: new.agent.clone(),
        };
        let kept = KeptSession { session, token: new.token };
        self.put(Put::Session(new.id, Some(Arc::new(kept))));
        Ok(if capped { self.shut_out(Changed::Account) } else { Changed::Account })
    }

    fn prune_sessions(&mut self, now: Timestamp) {
        let ended = self.data().sessions.values().filter(|kept| kept.session.expires_at <= now);
        let mut ended: Vec<_> =
            ended.map(|kept| (kept.session.expires_at, kept.session.id)).collect();
        ended.sort();
        for (_, id) in ended.into_iter().take(SESSIONS_PRUNED as usize) {
            self.put(Put::Session(id, None));
        }
    }

    fn cap_sessions(&mut self, user: UserId) -> bool {
        let mut stays = self.data().sessions_of(user);
        stays.sort_by_key(|session| (Reverse(session.last_seen_at), session.id));
        let silent: Vec<_> = stays.iter().skip(SESSIONS_PER_USER as usize - 1).collect();
        silent.iter().for_each(|session| self.put(Put::Session(session.id, None)));
        !silent.is_empty()
    }

    fn touch(&mut self, id: SessionId, at: Timestamp) -> Answer {
        let kept = self.data().sessions.get(&id).cloned();
        let kept = kept.filter(|kept| kept.session.live_at(at) && kept.session.last_seen_at < at);
        let mut kept = kept.ok_or(Rejection::NotFound { what: What::Session })?;
        Arc::make_mut(&mut kept).session.last_seen_at = at;
        self.put(Put::Session(id, Some(kept)));
        Ok(Changed::Account)
    }

    fn end_session(&mut self, user: UserId, id: SessionId) -> Answer {
        let found = self.data().sessions.get(&id).filter(|kept| kept.session.user == user);
        found.ok_or(Rejection::NotFound { what: What::Session })?;
        self.put(Put::Session(id, None));
        Ok(self.shut_out(Changed::Account))
    }

    fn end_sessions(&mut self, user: UserId, but: Option<SessionId>) {
        for session in self.data().sessions_of(user) {
            if Some(session.id) != but {
                self.put(Put::Session(session.id, None));
            }
        }
    }

    fn add_key(&mut self, new: &NewKey) -> Answer {
        if self.data().keys.contains_key(&new.id) {
            return Err(Rejection::NameTaken);
        }
        let (name, scopes) = (new.name.clone(), new.scopes);
        let key = ApiKey { id: new.id, name, scopes, created_at: new.at, revoked_at: None };
        let kept = KeptKey { key, secret: new.secret };
        self.put(Put::Key(new.id, Some(Arc::new(kept))));
        Ok(Changed::Account)
    }

    fn revoke_key(&mut self, id: KeyId, at: Timestamp) -> Answer {
        let kept = self.data().keys.get(&id).cloned();
        let mut kept = kept.ok_or(Rejection::NotFound { what: What::ApiKey })?;
        Arc::make_mut(&mut kept).key.revoked_at.get_or_insert(at);
        self.put(Put::Key(id, Some(kept)));
        Ok(self.shut_out(Changed::Account))
    }
}

impl Data {
    fn sessions_of(&self, user: UserId) -> Vec<Session> {
        let own = self.sessions.values().filter(|kept| kept.session.user == user);
        own.map(|kept| kept.session.clone()).collect()
    }

    fn account(&self, id: UserId) -> Option<(User, PasswordDigest)> {
        let account = self.users.get(&id)?;
        Some((account.user.clone(), account.password.clone()))
    }

    fn admitted<T>(&self, who: T) -> Admitted<T> {
        Admitted { who, generation: self.counters.accounts }
    }
}

impl AccountTables for MemoryTables {
    fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, Error> {
        let limit = if limit == 0 { PAGE } else { limit as usize };
        self.read(|data| {
            let behind = data.users.iter().filter(|(id, _)| after.is_none_or(|last| **id > last));
            behind.take(limit).map(|(_, account)| account.user.clone()).collect()
        })
    }

    fn user(&self, name: &str) -> Result<Option<(User, PasswordDigest)>, Error> {
        self.read(|data| data.account(*data.names.get(&folded(name))?))
    }

    fn user_numbered(&self, user: UserId) -> Result<Option<(User, PasswordDigest)>, Error> {
        self.read(|data| data.account(user))
    }

    fn session(&self, token: &SecretHash) -> Result<Option<Admitted<(Session, User)>>, Error> {
        self.read(|data| {
            let session = &data.sessions.get(data.tokens.get(token)?)?.session;
            let user = &data.users.get(&session.user)?.user;
            Some(data.admitted((session.clone(), user.clone())))
        })
    }

    fn sessions(&self, user: UserId) -> Result<Vec<Session>, Error> {
        self.read(|data| {
            let mut own = data.sessions_of(user);
            own.sort_by_key(|session| (Reverse(session.created_at), session.id));
            own
        })
    }

    fn api_key(&self, secret: &SecretHash) -> Result<Option<Admitted<ApiKey>>, Error> {
        self.read(|data| {
            let kept = data.keys.values().find(|kept| kept.secret == *secret)?;
            Some(data.admitted(kept.key.clone()))
        })
    }

    fn api_key_by_id(&self, key: KeyId) -> Result<Option<ApiKey>, Error> {
        self.read(|data| Some(data.keys.get(&key)?.key.clone()))
    }

    fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        self.read(|data| {
            let mut keys: Vec<_> = data.keys.values().map(|kept| kept.key.clone()).collect();
            keys.sort_by_key(|key| (key.created_at, key.id));
            keys
        })
    }
}
