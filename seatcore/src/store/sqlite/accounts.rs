//! Users, sessions and API keys.

use crate::accounts::{
    ApiKey, NewKey, NewSession, NewUser, PasswordDigest, Role, SESSION_IDLE, SESSION_LIFE,
    SESSIONS_PER_USER, SESSIONS_PRUNED, Scopes, SecretHash, Session, User,
};
use crate::clock::Timestamp;
use crate::error::Error;
use crate::house::rejection::{Rejection, What};
use crate::id::{KeyId, SessionId, UserId};
use crate::store::accounts::{AccountChange, AccountTables, Admitted};
use crate::store::sqlite::statement::{all, all_checked, one, run};
use crate::store::sqlite::tables::{SqliteTables, page};
use crate::store::sqlite::{checkpointer, fault, open};
use crate::store::{Changed, Made};
use rusqlite::{Connection, Params, Row};

const TOUCH: &str = "UPDATE session SET last_seen_at = ?2
     WHERE id = ?1 AND last_seen_at < ?2 AND expires_at > ?2 AND last_seen_at > ?2 - ?3";
const INSERT_SESSION: &str =
    "INSERT INTO session (id, token, user, created_at, last_seen_at, expires_at, agent)
     VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)";
/// Through `session_expiry`.
const PRUNE: &str = "DELETE FROM session WHERE id IN
     (SELECT id FROM session WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
/// Through `session_user`.
const CAP: &str = "DELETE FROM session WHERE id IN
     (SELECT id FROM session WHERE user = ?1 ORDER BY last_seen_at DESC, id LIMIT -1 OFFSET ?2)";
const END_SESSIONS: &str = "DELETE FROM session WHERE user = ?1 AND id IS NOT ?2";
const SESSION: &str =
    "SELECT session.id, session.user, session.created_at, last_seen_at, expires_at, agent,
            user.id, name, role, disabled, user.created_at, (SELECT accounts FROM meta)
     FROM session JOIN user ON user.id = session.user WHERE token = ?1";
const SESSIONS: &str = "SELECT id, user, created_at, last_seen_at, expires_at, agent
     FROM session WHERE user = ?1 ORDER BY created_at DESC, id";
const EDIT_USER: &str = "UPDATE user
     SET role = coalesce(?2, role), disabled = coalesce(?3, disabled) WHERE id = ?1";
/// Reads every user, for a change that is made once in a while.
const LAST_MANAGER: &str = "SELECT 1 FROM user
     WHERE id = ?1 AND role = 'manager' AND disabled = 0 AND NOT EXISTS
         (SELECT 1 FROM user WHERE id <> ?1 AND role = 'manager' AND disabled = 0)";
const KEY: &str = "SELECT id, name, scopes, created_at, revoked_at, (SELECT accounts FROM meta)
     FROM api_key WHERE secret = ?1";

/// Makes a change, or says why not; the caller takes back what a refusal left half done.
///
/// Names and secrets that are deleted or replaced leave no trace in the file: what they stood in
/// is overwritten, also where SQLite moves rows between pages.
pub(super) fn make(connection: &Connection, change: &AccountChange) -> Made {
    if let AccountChange::Touch { session, at } = change {
        return touch(connection, *session, *at);
    }
    one(connection, "PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    let made = make_unseen(connection, change);
    one(connection, "PRAGMA secure_delete = OFF", [], |_| Ok(()))?;
    made
}

/// Empties the write-ahead log, where names of removed people would last until it is written over.
/// Waits for nobody: a reader or another writer puts it off, which the answer says.
pub(super) fn empty_wal(connection: &Connection) -> Result<bool, Error> {
    connection.busy_handler(None).map_err(fault::from_sqlite)?;
    let emptied = checkpointer::empty(connection);
    open::wait_for_locks(connection).map_err(fault::from_sqlite)?;
    emptied
}

fn make_unseen(connection: &Connection, change: &AccountChange) -> Made {
    let to = Keeper(connection);
    match change {
        AccountChange::AddUser { user, at } => to.add_user(user, *at),
        change if to.loses_last_manager(change)? => Ok(Err(Rejection::LastManager)),
        AccountChange::EditUser { user, role, disabled } => {
            let ends_sessions = role.is_some() || *disabled == Some(true);
            let params = (user.get(), role.map(Role::as_str), disabled);
            to.change_user(*user, EDIT_USER, params, ends_sessions)
        }
        AccountChange::SetPassword { user, password, checked } => {
            if !to.has_password(*user, checked.as_ref())? {
                return Ok(Err(Rejection::NotSignedIn));
            }
            let sql = "UPDATE user SET password = ?2 WHERE id = ?1";
            to.change_user(*user, sql, (user.get(), password.as_stored()), true)
        }
        AccountChange::RemoveUser { user } => {
            to.change_user(*user, "DELETE FROM user WHERE id = ?1", [user.get()], true)
        }
        AccountChange::SignIn(session) => to.sign_in(session),
        AccountChange::Touch { session, at } => touch(connection, *session, *at),
        AccountChange::SignOut { token } => {
            run(connection, "DELETE FROM session WHERE token = ?1", [&token.0[..]])?;
            to.shut_out(Changed::Account)
        }
        AccountChange::EndSession { user, session } => {
            let sql = "DELETE FROM session WHERE id = ?1 AND user = ?2";
            match run(connection, sql, (session.bits() as i64, user.get()))? {
                0 => missing(What::Session),
                _ => to.shut_out(Changed::Account),
            }
        }
        AccountChange::EndSessions { user, but } => {
            run(connection, END_SESSIONS, (user.get(), but.map(|id| id.bits() as i64)))?;
            to.shut_out(Changed::User(*user))
        }
        AccountChange::AddKey(key) => to.add_key(key),
        AccountChange::RevokeKey { key, at } => to.revoke_key(*key, *at),
    }
}

fn missing(what: What) -> Made {
    Ok(Err(Rejection::NotFound { what }))
}

fn touch(connection: &Connection, session: SessionId, at: Timestamp) -> Made {
    let idle = SESSION_IDLE.as_millis() as i64;
    match run(connection, TOUCH, (session.bits() as i64, at.millis(), idle))? {
        0 => missing(What::Session),
        _ => Ok(Ok(Changed::Account)),
    }
}

struct Keeper<'c>(&'c Connection);

impl Keeper<'_> {
    fn exists(&self, sql: &'static str, params: impl Params) -> Result<bool, Error> {
        one(self.0, sql, params, |_| Ok(())).map(|row| row.is_some())
    }

    /// Somebody who was let in no longer is.
    fn shut_out(&self, changed: Changed) -> Made {
        run(self.0, "UPDATE meta SET accounts = accounts + 1", [])?;
        Ok(Ok(changed))
    }

    fn add_user(&self, user: &NewUser, at: Timestamp) -> Made {
        if self.exists("SELECT 1 FROM user WHERE name = ?1", [&user.name])? {
            return Ok(Err(Rejection::NameTaken));
        }
        let row = (&user.name, user.password.as_stored(), user.role.as_str(), at.millis());
        let sql = "INSERT INTO user (name, password, role, created_at) VALUES (?1, ?2, ?3, ?4)";
        run(self.0, sql, row)?;
        let id = u32::try_from(self.0.last_insert_rowid()).ok().and_then(UserId::new);
        id.map(|id| Ok(Changed::User(id))).ok_or_else(|| Error::corrupt("no user numbers left"))
    }

    /// Whether nobody could run the users after this.
    fn loses_last_manager(&self, change: &AccountChange) -> Result<bool, Error> {
        match change.demoted() {
            Some(user) => self.exists(LAST_MANAGER, [user.get()]),
            None => Ok(false),
        }
    }

    /// Their sessions end with what made them what they were.
    fn change_user(
        &self,
        user: UserId,
        sql: &'static str,
        params: impl Params,
        ends_sessions: bool,
    ) -> Made {
        if run(self.0, sql, params)? == 0 {
            return missing(What::User);
        }
        if ends_sessions {
            run(self.0, END_SESSIONS, (user.get(), None::<i64>))?;
        }
        self.shut_out(Changed::User(user))
    }

    fn has_password(&self, user: UserId, password: Option<&PasswordDigest>) -> Result<bool, Error> {
        let Some(password) = password else { return Ok(true) };
        let sql = "SELECT 1 FROM user WHERE id = ?1 AND password = ?2";
        self.exists(sql, (user.get(), password.as_stored()))
    }

    fn sign_in(&self, new: &NewSession) -> Made {
        let user = new.user.get();
        let enabled = "SELECT 1 FROM user WHERE id = ?1 AND disabled = 0";
        if !self.exists(enabled, [user])? || !self.has_password(new.user, new.checked.as_ref())? {
            return Ok(Err(Rejection::NotSignedIn));
        }
        if let Some(password) = &new.rehashed {
            let sql = "UPDATE user SET password = ?2 WHERE id = ?1";
            run(self.0, sql, (user, password.as_stored()))?;
        }
        run(self.0, PRUNE, (new.at.millis(), SESSIONS_PRUNED))?;
        let capped = run(self.0, CAP, (user, SESSIONS_PER_USER - 1))?;
        if self.exists("SELECT 1 FROM session WHERE id = ?1", [new.id.bits() as i64])? {
            return Ok(Err(Rejection::NameTaken));
        }
        let (at, until) = (new.at.millis(), new.at.plus(SESSION_LIFE).millis());
        let row = (new.id.bits() as i64, &new.token.0[..], user, at, until, &new.agent);
        run(self.0, INSERT_SESSION, row)?;
        if capped > 0 { self.shut_out(Changed::Account) } else { Ok(Ok(Changed::Account)) }
    }

    fn add_key(&self, key: &NewKey) -> Made {
        if self.exists("SELECT 1 FROM api_key WHERE id = ?1", [key.id.bits() as i64])? {
            return Ok(Err(Rejection::NameTaken));
        }
        let (id, scopes) = (key.id.bits() as i64, key.scopes.bits());
        let row = (id, &key.secret.0[..], &key.name, scopes, key.at.millis());
        let sql = "INSERT INTO api_key (id, secret, name, scopes, created_at)
                   VALUES (?1, ?2, ?3, ?4, ?5)";
        run(self.0, sql, row)?;
        Ok(Ok(Changed::Account))
    }

    /// A key that was revoked before keeps its first moment.
    fn revoke_key(&self, key: KeyId, at: Timestamp) -> Made {
        let sql = "UPDATE api_key SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1";
        match run(self.0, sql, (key.bits() as i64, at.millis()))? {
            0 => missing(What::ApiKey),
            _ => self.shut_out(Changed::Account),
        }
    }
}

impl AccountTables for SqliteTables {
    fn users(&self, after: Option<UserId>, limit: u32) -> Result<Vec<User>, Error> {
        let sql = "SELECT id, name, role, disabled, created_at FROM user
                   WHERE id > ?1 ORDER BY id LIMIT ?2";
        let behind = (after.map_or(0, UserId::get), page(limit));
        all_checked(&*self.reader()?, sql, behind, |row| read_user(row, 0))
    }

    fn user(&self, name: &str) -> Result<Option<(User, PasswordDigest)>, Error> {
        let sql = "SELECT id, name, role, disabled, created_at, password FROM user WHERE name = ?1";
        one(&*self.reader()?, sql, [name], read_account)?.transpose()
    }

    fn user_numbered(&self, user: UserId) -> Result<Option<(User, PasswordDigest)>, Error> {
        let sql = "SELECT id, name, role, disabled, created_at, password FROM user WHERE id = ?1";
        one(&*self.reader()?, sql, [user.get()], read_account)?.transpose()
    }

    fn session(&self, token: &SecretHash) -> Result<Option<Admitted<(Session, User)>>, Error> {
        let found = one(&*self.reader()?, SESSION, [&token.0[..]], |row| {
            Ok((read_session(row)?, read_user(row, 6)?, row.get::<_, i64>(11)?))
        })?;
        let Some((session, user, generation)) = found else { return Ok(None) };
        Ok(Some(Admitted { who: (session?, user?), generation: generation as u64 }))
    }

    fn sessions(&self, user: UserId) -> Result<Vec<Session>, Error> {
        all_checked(&*self.reader()?, SESSIONS, [user.get()], read_session)
    }

    fn api_key(&self, secret: &SecretHash) -> Result<Option<Admitted<ApiKey>>, Error> {
        let found = one(&*self.reader()?, KEY, [&secret.0[..]], |row| {
            Ok((read_key(row)?, row.get::<_, i64>(5)?))
        })?;
        let Some((key, generation)) = found else { return Ok(None) };
        Ok(Some(Admitted { who: key?, generation: generation as u64 }))
    }

    fn api_key_by_id(&self, key: KeyId) -> Result<Option<ApiKey>, Error> {
        let sql = "SELECT id, name, scopes, created_at, revoked_at FROM api_key WHERE id = ?1";
        one(&*self.reader()?, sql, [key.bits() as i64], read_key)?.transpose()
    }

    fn api_keys(&self) -> Result<Vec<ApiKey>, Error> {
        let sql = "SELECT id, name, scopes, created_at, revoked_at FROM api_key
                   ORDER BY created_at, id";
        all(&*self.reader()?, sql, [], read_key)?.into_iter().collect()
    }
}

/// `from` is the column of their number.
fn read_user(row: &Row<'_>, from: usize) -> rusqlite::Result<Result<User, Error>> {
    let (name, role): (String, String) = (row.get(from + 1)?, row.get(from + 2)?);
    let (disabled, created_at) = (row.get(from + 3)?, Timestamp::from_millis(row.get(from + 4)?));
    let user = UserId::new(row.get(from)?).zip(role.parse().ok());
    let wrong = || Error::corrupt(format!("the row of user {name} cannot be read"));
    Ok(user.ok_or_else(wrong).map(|(id, role)| User { id, name, role, disabled, created_at }))
}

fn read_account(row: &Row<'_>) -> rusqlite::Result<Result<(User, PasswordDigest), Error>> {
    let password = PasswordDigest::from_stored(row.get(5)?);
    Ok(read_user(row, 0)?.map(|user| (user, password)))
}

fn read_session(row: &Row<'_>) -> rusqlite::Result<Result<Session, Error>> {
    let at = |column| row.get(column).map(Timestamp::from_millis);
    let (created_at, last_seen_at, expires_at) = (at(2)?, at(3)?, at(4)?);
    let (id, agent) = (SessionId::from_bits(row.get::<_, i64>(0)? as u64), row.get(5)?);
    let user = UserId::new(row.get(1)?).ok_or_else(|| Error::corrupt("a session of user 0"));
    Ok(user.map(|user| Session { id, user, created_at, last_seen_at, expires_at, agent }))
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<Result<ApiKey, Error>> {
    let id = KeyId::from_bits(row.get::<_, i64>(0)? as u64);
    let (name, created_at) = (row.get(1)?, Timestamp::from_millis(row.get(3)?));
    let revoked_at = row.get::<_, Option<i64>>(4)?.map(Timestamp::from_millis);
    let scopes = Scopes::from_bits(row.get(2)?);
    let wrong = || Error::corrupt(format!("the row of API key {id} cannot be read"));
    Ok(scopes.ok_or_else(wrong).map(|scopes| ApiKey { id, name, scopes, created_at, revoked_at }))
}
