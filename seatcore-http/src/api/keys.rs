//! API keys: for managers.

use super::reading::owned;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::identity::label;
use crate::route::{Doc, Handled, Route};
use hyper::Method;
use seatcore::accounts::{Deed, Scope};
use seatcore::house::rejection::What;
use seatcore::id::KeyId;

/// The rows about keys.
pub fn routes() -> Vec<Route> {
    let doc = Doc { tag: "keys", ..Doc::default() };
    vec![
        Route::new(Method::GET, "/api/v1/keys", Deed::EditUsers, list).doc(Doc {
            summary: "Every API key, revoked ones too; never a secret",
            answer: (200, "KeyList"),
            ..doc
        }),
        Route::new(Method::POST, "/api/v1/keys", Deed::EditUsers, add).doc(Doc {
            summary: "Make a key: its secret is in this answer and never again. Keeps no Idempotency-Key",
            body: Some("NewKey"),
            answer: (201, "MintedKey"),
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/keys/{id}", Deed::EditUsers, show).doc(Doc {
            summary: "One key, revoked or not; never its secret",
            answer: (200, "Key"),
            refusals: &["not_found"],
            ..doc
        }),
        Route::new(Method::DELETE, "/api/v1/keys/{id}", Deed::EditUsers, revoke).doc(Doc {
            summary: "Revoke a key",
            answer: (204, ""),
            refusals: &["not_found"],
            ..doc
        }),
    ]
}

async fn list(ask: Ask) -> Handled {
    let keys = ask.engine(|engine| engine.api_keys()).await?;
    Ok(Answer::list(&keys, None))
}

async fn show(ask: Ask) -> Handled {
    let id: KeyId = ask.param("id", What::ApiKey)?;
    Ok(Answer::ok(&ask.engine(move |engine| engine.api_key(id)).await?))
}

async fn add(ask: Ask) -> Handled {
    ask.unkeyed()?;
    let mut fields = ask.fields()?;
    let name = fields.required("name", owned).unwrap_or_default();
    let words = fields.required("scopes", |fields, name| fields.texts(name)).unwrap_or_default();
    let mut scopes: Vec<Scope> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match word.parse() {
            Ok(scope) => scopes.push(scope),
            Err(error) => fields.wrong(&format!("scopes/{at}"), format!("is {error}")),
        }
    }
    fields.finish()?;
    let minted = ask.engine(move |engine| engine.add_api_key(&name, &scopes)).await?;
    tracing::info!(by = label(ask.identity.principal), key = %minted.key.id, "an API key was made");
    let place = format!("/api/v1/keys/{}", minted.key.id);
    Ok(Answer::created(&minted.shown_once(), &place))
}

async fn revoke(ask: Ask) -> Handled {
    let id: KeyId = ask.param("id", What::ApiKey)?;
    ask.engine(move |engine| engine.revoke_api_key(id)).await?;
    tracing::info!(by = label(ask.identity.principal), key = %id, "an API key was revoked");
    Ok(Answer::nothing())
}
