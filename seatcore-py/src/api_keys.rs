//! API keys: how machines ask over HTTP.

use crate::engine::Engine;
use crate::failure::Trouble;
use crate::shape::{self, Value};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use seatcore::accounts::{ApiKey, ApiKeySecret, Deed, Principal, Scope, Scopes};
use seatcore::house::rejection::{FieldError, Rejection, What};
use seatcore::id::KeyId;
use seatcore::word::ParseWordError;

fn key_id(text: &str) -> Result<KeyId, Trouble> {
    text.parse().map_err(|_| Rejection::NotFound { what: What::ApiKey }.into())
}

/// Every word that is none is named.
fn scopes_of(words: &[String]) -> Result<Vec<Scope>, Trouble> {
    let (mut scopes, mut errors) = (Vec::new(), Vec::new());
    for (at, word) in words.iter().enumerate() {
        match word.parse() {
            Ok(scope) => scopes.push(scope),
            Err(error) => {
                let error: ParseWordError = error;
                errors.push(FieldError { field: format!("scopes/{at}"), problem: error.into() });
            }
        }
    }
    if errors.is_empty() { Ok(scopes) } else { Err(Rejection::Invalid { errors }.into()) }
}

#[pymethods]
impl Engine {
    /// A new key, and its secret.
    fn add_api_key<'py>(&self, py: Python<'py>, name: &str, scopes: Vec<String>) -> Value<'py> {
        let scopes = scopes_of(&scopes)?;
        let minted = self.handle().run(py, |engine| Ok(engine.add_api_key(name, &scopes)?))?;
        class(py, "MintedKey")?.call1((api_key(py, &minted.key)?, minted.secret.reveal()))
    }

    fn api_keys<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let keys = self.handle().run(py, |engine| Ok(engine.api_keys()?))?;
        keys.iter().map(|key| api_key(py, key)).collect()
    }

    fn api_key<'py>(&self, py: Python<'py>, key: &str) -> Value<'py> {
        let key = key_id(key)?;
        api_key(py, &self.handle().run(py, |engine| Ok(engine.api_key(key)?))?)
    }

    fn revoke_api_key<'py>(&self, py: Python<'py>, key: &str) -> Value<'py> {
        let key = key_id(key)?;
        api_key(py, &self.handle().run(py, |engine| Ok(engine.revoke_api_key(key)?))?)
    }

    /// The key with this secret, if it is one that was not revoked.
    fn authenticate_api_key<'py>(
        &self,
        py: Python<'py>,
        secret: &str,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Ok(secret) = secret.parse::<ApiKeySecret>() else { return Ok(None) };
        let found = self.handle().run(py, |engine| Ok(engine.authenticate_api_key(&secret)?))?;
        found.map(|key| api_key(py, &key)).transpose()
    }
}

/// Whether a machine with a key of these scopes may do this.
#[pyfunction]
pub fn key_may(scopes: Vec<String>, deed: &str) -> Result<bool, Trouble> {
    let wrong = |error: ParseWordError| Rejection::invalid("deed", error.into());
    let deed: Deed = deed.parse().map_err(wrong)?;
    let scopes = Scopes::new(scopes_of(&scopes)?);
    // Which key it is makes no difference to its rights.
    let may = |scopes| Principal::Key { id: KeyId::from_bits(0), scopes }.may(deed);
    Ok(scopes.is_some_and(may))
}

fn class<'py>(py: Python<'py>, name: &str) -> Value<'py> {
    py.import("seatcore._api_keys")?.getattr(name)
}

fn api_key<'py>(py: Python<'py>, key: &ApiKey) -> Value<'py> {
    let scopes: Vec<_> = key.scopes.iter().map(Scope::as_str).collect();
    class(py, "ApiKey")?.call1((
        key.id.to_string(),
        &key.name,
        PyTuple::new(py, scopes)?,
        shape::moment(py, key.created_at)?,
        key.revoked_at.map(|at| shape::moment(py, at)).transpose()?,
    ))
}
