//! Sessions: signing in and out, and one's own account.

use super::reading::owned;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::identity::set_cookie;
use crate::refusal::{Refusal, after_the_fact};
use crate::route::{Doc, Handled, Route};
use hyper::header::{SET_COOKIE, USER_AGENT};
use hyper::{Method, StatusCode};
use seatcore::accounts::{Admission, Deed, PasswordPolicy, Role, Session, SignedIn, User};
use seatcore::error::{Code, Failure};
use seatcore::house::rejection::{Rejection, What};
use seatcore::id::{SessionId, UserId};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The rows about signing in.
pub fn routes() -> Vec<Route> {
    let doc = Doc { tag: "session", ..Doc::default() };
    vec![
        Route::new(Method::POST, "/api/v1/users", Deed::Browse, register).doc(Doc {
            summary: "Register as a customer",
            body: Some("NewUser"),
            answer: (201, "User"),
            refusals: &["name_taken", "rate_limited", "busy"],
            ..doc
        }),
        Route::new(Method::POST, "/api/v1/session", Deed::Browse, sign_in).doc(Doc {
            summary: "Sign in: sets the session's cookie",
            body: Some("Credentials"),
            answer: (200, "Session"),
            refusals: &["not_signed_in", "rate_limited", "busy"],
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/session", Deed::OwnAccount, current).doc(Doc {
            summary: "Who am I",
            answer: (200, "Session"),
            ..doc
        }),
        Route::new(Method::DELETE, "/api/v1/session", Deed::Browse, sign_out).doc(Doc {
            summary: "Sign out",
            answer: (204, ""),
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/sessions", Deed::OwnAccount, list).doc(Doc {
            summary: "Where I am signed in",
            answer: (200, "SessionList"),
            ..doc
        }),
        Route::new(Method::DELETE, "/api/v1/sessions", Deed::OwnAccount, end_others).doc(Doc {
            summary: "Sign out everywhere else",
            answer: (204, ""),
            ..doc
        }),
        Route::new(Method::DELETE, "/api/v1/sessions/{id}", Deed::OwnAccount, end).doc(Doc {
            summary: "Sign out in one place",
            answer: (204, ""),
            refusals: &["not_found"],
            ..doc
        }),
        Route::new(Method::POST, "/api/v1/users/me/password", Deed::OwnAccount, password).doc(
            Doc {
                summary: "Change my password: ends my sessions and begins a new one",
                body: Some("PasswordChange"),
                answer: (200, "Session"),
                refusals: &["rate_limited", "busy"],
                ..doc
            },
        ),
    ]
}

/// A session, as its owner sees it.
#[derive(Serialize)]
struct SessionView<'a> {
    user: &'a User,
    session: &'a Session,
    holder: seatcore::Holder,
}

fn print(status: StatusCode, admission: &Admission) -> Answer {
    let (user, session) = (&admission.user, &admission.session);
    Answer::json(status, &SessionView { user, session, holder: user.holder() })
}

/// The answer that signs somebody in.
pub fn signed_in(ask: &Ask, signed: &SignedIn) -> Answer {
    let answer = print(StatusCode::OK, &signed.admission);
    answer.with(SET_COOKIE, &set_cookie(&ask.app, Some(&signed.token)))
}

/// A name and a password.
fn credentials(ask: &Ask) -> Result<(String, String), Refusal> {
    let mut fields = ask.fields()?;
    let name = fields.required("name", owned);
    let password = fields.required("password", owned);
    fields.finish()?;
    Ok((name.unwrap_or_default(), password.unwrap_or_default()))
}

async fn register(ask: Ask) -> Handled {
    let (name, password) = credentials(&ask)?;
    let user = add_customer(&ask, name, password, PasswordPolicy::Native).await?;
    Ok(Answer::created(&user, &format!("/api/v1/users/{}", user.id)))
}

/// Adds a customer, in the line of those who hash, if their address has not brought too many. Behind
/// a proxy that nobody named everybody comes from this machine, which is not counted.
pub async fn add_customer(
    ask: &Ask,
    name: String,
    password: String,
    policy: PasswordPolicy,
) -> Result<User, Refusal> {
    let (from, counted) = (ask.origin.address, &ask.app.registrations);
    if !from.is_loopback() {
        if let Some(wait) = counted.wait(from) {
            let [(policy, allowed), (rate, left)] = counted.left(from).headers();
            let refusal =
                Refusal::later(Code::RateLimited, "too many registrations from here", wait);
            return Err(refusal.header(policy, &allowed).header(rate, &left));
        }
        counted.count(from);
    }
    let engine = ask.app.engine.clone();
    let add = move || engine.add_user_under(policy, &name, &password, Role::Customer);
    ask.app.hashing.run(add).await
}

async fn sign_in(ask: Ask) -> Handled {
    let (name, password) = credentials(&ask)?;
    let signed = admit(&ask, name, password).await;
    with_limit(&ask, signed.map(|signed| signed_in(&ask, &signed)))
}

/// Says how often this address may still be wrong.
pub fn with_limit(ask: &Ask, handled: Handled) -> Handled {
    let [(policy, allowed), (rate, left)] = ask.app.failures.left(ask.origin.address).headers();
    match handled {
        Ok(answer) => Ok(answer.with(policy, &allowed).with(rate, &left)),
        Err(refusal) => Err(refusal.header(policy, &allowed).header(rate, &left)),
    }
}

/// Signs in, if the address has not failed too often. Ends the session that came along: a new
/// token at every sign-in.
pub async fn admit(ask: &Ask, name: String, password: String) -> Result<SignedIn, Refusal> {
    let engine = ask.app.engine.clone();
    let agent = ask.header(USER_AGENT).map(str::to_owned);
    let before = ask.identity.token.clone();
    let work = move || {
        let signed = engine.sign_in(&name, &password, agent.as_deref())?;
        if let Some(before) = before {
            engine.sign_out(&before)?;
        }
        Ok(signed)
    };
    compare(ask, work).await
}

/// Compares a password when its turn comes, unless its address was wrong too often by then. What is
/// wrong counts where it is compared: whoever asked may have hung up, and would guess for nothing.
async fn compare<T: Send + 'static>(
    ask: &Ask,
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Refusal> {
    check_failures(ask)?;
    let (app, from) = (ask.app.clone(), ask.origin.address);
    let turn = move || {
        if app.failures.wait(from).is_some() {
            return Ok(None);
        }
        let done = work();
        if matches!(done, Err(Failure::Rejected(Rejection::NotSignedIn))) {
            app.failures.count(from);
            app.metrics.sign_in_failures.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(%from, "a sign-in was refused");
        }
        done.map(Some)
    };
    match ask.app.hashing.run(turn).await? {
        Some(done) => Ok(done),
        None => Err(too_often(ask.app.failures.wait(from).unwrap_or_default())),
    }
}

fn check_failures(ask: &Ask) -> Result<(), Refusal> {
    ask.app.failures.wait(ask.origin.address).map_or(Ok(()), |wait| Err(too_often(wait)))
}

fn too_often(wait: Duration) -> Refusal {
    Refusal::later(Code::RateLimited, "too many wrong passwords from here", wait)
}

/// The asker's own session; keys have none.
fn own(ask: &Ask) -> Result<Arc<Admission>, Refusal> {
    ask.identity.admission.clone().ok_or_else(|| Rejection::NotSignedIn.into())
}

async fn current(ask: Ask) -> Handled {
    Ok(print(StatusCode::OK, &*own(&ask)?))
}

async fn sign_out(ask: Ask) -> Handled {
    if let Some(token) = ask.identity.token.clone() {
        ask.engine(move |engine| engine.sign_out(&token)).await?;
    }
    Ok(Answer::nothing().with(SET_COOKIE, &set_cookie(&ask.app, None)))
}

async fn list(ask: Ask) -> Handled {
    #[derive(Serialize)]
    struct Row {
        #[serde(flatten)]
        session: Session,
        current: bool,
    }
    let admission = own(&ask)?;
    let user = admission.user.id;
    let sessions = ask.engine(move |engine| engine.sessions(user)).await?;
    let row = |session: Session| Row { current: session.id == admission.session.id, session };
    let rows: Vec<_> = sessions.into_iter().map(row).collect();
    Ok(Answer::list(&rows, None))
}

async fn end_others(ask: Ask) -> Handled {
    let admission = own(&ask)?;
    let (user, session) = (admission.user.id, admission.session.id);
    ask.engine(move |engine| engine.end_sessions(user, Some(session))).await?;
    Ok(Answer::nothing())
}

async fn end(ask: Ask) -> Handled {
    let user = own(&ask)?.user.id;
    let session: SessionId = ask.param("id", What::Session)?;
    ask.engine(move |engine| engine.end_session(user, session)).await?;
    Ok(Answer::nothing())
}

async fn password(ask: Ask) -> Handled {
    let user = own(&ask)?.user.id;
    let mut fields = ask.fields()?;
    let old = fields.required("old", owned).unwrap_or_default();
    let new = fields.required("new", owned).unwrap_or_default();
    fields.finish()?;
    let changed = change_password(&ask, user, old, new).await;
    with_limit(&ask, changed.map(|signed| signed_in(&ask, &signed)))
}

async fn change_password(
    ask: &Ask,
    user: UserId,
    old: String,
    new: String,
) -> Result<SignedIn, Refusal> {
    let engine = ask.app.engine.clone();
    let agent = ask.header(USER_AGENT).map(str::to_owned);
    let change = move || -> Result<SignedIn, Failure> {
        engine.change_password(user, &old, &new, PasswordPolicy::Native)?;
        engine.start_session(user, agent.as_deref()).map_err(after_the_fact)
    };
    compare(ask, change).await
}
