//! Users: for managers.

use super::shows::next;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::identity::label;
use crate::refusal::after_the_fact;
use crate::route::Written::{Number, UpTo};
use crate::route::{Doc, Handled, Route};
use hyper::Method;
use seatcore::UserId;
use seatcore::accounts::{Deed, Role};
use seatcore::house::rejection::What;

/// The rows about users.
pub fn routes() -> Vec<Route> {
    let doc =
        Doc { tag: "users", answer: (200, "User"), refusals: &["not_found"], ..Doc::default() };
    vec![
        Route::new(Method::GET, "/api/v1/users", Deed::EditUsers, list).doc(Doc {
            summary: "Everybody, by number",
            query: &[
                ("cursor", "where the last page ended", Number),
                ("limit", "1 to 200, else 50", UpTo(200)),
            ],
            answer: (200, "UserList"),
            refusals: &[],
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/users/{id}", Deed::EditUsers, show)
            .doc(Doc { summary: "One user", ..doc }),
        Route::new(Method::PATCH, "/api/v1/users/{id}", Deed::EditUsers, edit).doc(Doc {
            summary: "Another role; disable or enable. Ends their sessions",
            body: Some("UserPatch"),
            refusals: &["not_found", "last_manager"],
            ..doc
        }),
        Route::new(Method::DELETE, "/api/v1/users/{id}", Deed::EditUsers, remove).doc(Doc {
            summary: "Remove a user; what they booked stays under their number",
            answer: (204, ""),
            refusals: &["not_found", "last_manager"],
            ..doc
        }),
    ]
}

async fn list(ask: Ask) -> Handled {
    let mut query = ask.query()?;
    let limit = query.limit(50, 200);
    let after: Option<UserId> = query.parsed("cursor");
    query.finish()?;
    let mut users = ask.engine(move |engine| engine.users_behind(after, limit + 1)).await?;
    let more = users.len() > limit as usize;
    users.truncate(limit as usize);
    let cursor = users.last().filter(|_| more).map(|user| user.id.to_string());
    Ok(Answer::list(&users, cursor.map(|cursor| next(&ask, cursor))))
}

async fn show(ask: Ask) -> Handled {
    let id: UserId = ask.param("id", What::User)?;
    Ok(Answer::ok(&ask.engine(move |engine| engine.user_numbered(id)).await?))
}

async fn edit(ask: Ask) -> Handled {
    let id: UserId = ask.param("id", What::User)?;
    let mut fields = ask.fields()?;
    let role: Option<Role> = fields.parsed("role");
    let disabled = fields.flag("disabled");
    fields.finish()?;
    let change = move |engine: &seatcore::Engine| {
        engine.edit_user(id, role, disabled)?;
        engine.user_numbered(id).map_err(after_the_fact)
    };
    let user = ask.engine(change).await?;
    tracing::info!(by = label(ask.identity.principal), user = %id, ?role, ?disabled, "a user was changed");
    Ok(Answer::ok(&user))
}

async fn remove(ask: Ask) -> Handled {
    let id: UserId = ask.param("id", What::User)?;
    ask.engine(move |engine| engine.remove_user(id)).await?;
    tracing::info!(by = label(ask.identity.principal), user = %id, "a user was removed");
    Ok(Answer::nothing())
}
