//! People and keys of a server.

use super::client::{Command, Payload};
use super::{ServerOffice, with_query};
use crate::error::CliError;
use crate::office::{Answer, Staff};
use seatcore::UserId;
use seatcore::accounts::{ApiKey, MintedKeyView, Role, Scope, User};
use seatcore::house::rejection::{Rejection, What};
use seatcore::id::KeyId;
use serde_json::json;

impl Staff for ServerOffice {
    fn users(&self) -> Answer<Vec<User>> {
        self.pages(usize::MAX, super::PAGE, |cursor, limit| {
            let parts = [("limit", Some(limit.to_string())), ("cursor", cursor)];
            with_query("/api/v1/users", parts)
        })
    }

    fn user(&self, name: &str) -> Answer<User> {
        let name = name.to_lowercase();
        let found = self.users()?.into_iter().find(|user| user.name.to_lowercase() == name);
        found.ok_or_else(|| Rejection::NotFound { what: What::User }.into())
    }

    /// Over HTTP people register as customers; a manager's key then gives them their role.
    fn add_user(&self, name: &str, password: &str, role: Role) -> Answer<User> {
        let body = json!({"name": name, "password": password});
        let (method, path, body) = ("POST", "/api/v1/users", Payload::Json(&body));
        let user: User = self.client.send(&Command { method, path, body, key: None })?;
        if role == Role::Customer { Ok(user) } else { self.set_role(user.id, role) }
    }

    fn set_role(&self, id: UserId, role: Role) -> Answer<User> {
        self.patch(&format!("/api/v1/users/{id}"), &json!({"role": role}))
    }

    fn set_disabled(&self, id: UserId, disabled: bool) -> Answer<User> {
        self.patch(&format!("/api/v1/users/{id}"), &json!({"disabled": disabled}))
    }

    fn set_password(&self, _id: UserId, _password: &str) -> Answer<()> {
        Err(CliError::usage("a server lets people change their own password, and nobody else's")
            .hint("run `seatcore users password` on the machine that has the file"))
    }

    fn remove_user(&self, id: UserId) -> Answer<()> {
        self.delete(&format!("/api/v1/users/{id}"))
    }

    fn keys(&self) -> Answer<Vec<ApiKey>> {
        Ok(self.client.get::<super::Page<ApiKey>>("/api/v1/keys")?.data)
    }

    fn add_key(&self, name: &str, scopes: &[Scope]) -> Answer<MintedKeyView> {
        let body = json!({"name": name, "scopes": scopes});
        let (method, path, body) = ("POST", "/api/v1/keys", Payload::Json(&body));
        self.client.send(&Command { method, path, body, key: None })
    }

    fn revoke_key(&self, id: KeyId) -> Answer<ApiKey> {
        self.delete(&format!("/api/v1/keys/{id}"))?;
        let revoked = self.keys()?.into_iter().find(|key| key.id == id);
        revoked.ok_or_else(|| Rejection::NotFound { what: What::ApiKey }.into())
    }
}
