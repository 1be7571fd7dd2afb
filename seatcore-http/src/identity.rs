//! Who asks: a session's cookie or an API key, read from the headers.

use crate::app::App;
use crate::refusal::Refusal;
use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, COOKIE};
use seatcore::Holder;
use seatcore::accounts::{Admission, ApiKeySecret, Deed, Principal, SessionToken};
use seatcore::error::Code;
use seatcore::house::rejection::Rejection;
use std::sync::Arc;

/// The session's cookie where the client's side is encrypted: browsers keep such a name to this
/// very host.
pub const COOKIE_SECURE: &str = "__Host-seatcore";
/// The session's cookie on this machine, without encryption.
pub const COOKIE_LOCAL: &str = "seatcore_session";

/// Who asks.
#[derive(Debug, Clone)]
pub struct Identity {
    /// For the role table.
    pub principal: Principal,
    /// The session, if it is a person.
    pub admission: Option<Arc<Admission>>,
    /// The session's secret, to sign it out.
    pub token: Option<SessionToken>,
    /// Came with something that browsers send by themselves, or could have.
    pub ambient: bool,
}

fn signed_out() -> Refusal {
    Refusal::new(Code::NotSignedIn, "sign in first")
}

impl Identity {
    const fn guest() -> Self {
        Self { principal: Principal::Guest, admission: None, token: None, ambient: true }
    }

    /// What they hold seats as.
    ///
    /// # Errors
    /// `not_signed_in`.
    pub fn holder(&self) -> Result<Holder, Refusal> {
        self.principal.holder().ok_or_else(signed_out)
    }

    /// Refuses what they may not do.
    ///
    /// # Errors
    /// `not_signed_in`, `not_allowed`.
    pub fn require(&self, deed: Deed) -> Result<(), Refusal> {
        match self.principal.require(deed) {
            Err(Rejection::NotSignedIn) => Err(signed_out()),
            allowed => Ok(allowed?),
        }
    }

    /// Whether this is a person who may only touch their own: to them other people's things do
    /// not exist.
    pub fn sees_only_own(&self) -> bool {
        matches!(self.principal, Principal::User { .. }) && !self.principal.may(Deed::Sell)
    }

    /// Whether they may touch what belongs to others.
    pub fn is_staff(&self) -> bool {
        self.principal.may(Deed::Sell)
    }
}

/// Somebody for the log: never a name, never a secret.
pub fn label(principal: Principal) -> String {
    principal.holder().map_or_else(|| "guest".to_owned(), |holder| holder.to_string())
}

/// Reads who asks. Who was not seen lately is looked up, and that future is kept apart: every
/// request carries the space of this one.
///
/// # Errors
/// `not_signed_in` for a key that opens nothing; `invalid` for a key beside a cookie. A cookie that
/// opens nothing is a guest's.
pub async fn of(app: &Arc<App>, headers: &HeaderMap) -> Result<Identity, Refusal> {
    let cookie = session_cookie(app, headers);
    let mut credentials = headers.get_all(AUTHORIZATION).iter();
    let Some(first) = credentials.next() else {
        return match cookie.and_then(|text| text.parse().ok()) {
            Some(token) => by_session(app, token).await,
            None => Ok(Identity::guest()),
        };
    };
    if cookie.is_some() || credentials.next().is_some() {
        return Err(Refusal::unreadable("send a session's cookie or one API key, not both"));
    }
    let bearer = first.to_str().ok().and_then(|text| {
        let (scheme, secret) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
    });
    match bearer.and_then(|text| text.parse().ok()) {
        Some(secret) => by_key(app, secret).await,
        None => Err(unknown_key()),
    }
}

async fn by_session(app: &Arc<App>, token: SessionToken) -> Result<Identity, Refusal> {
    let known = match app.engine.recognise(&token) {
        Some(admission) => Some(admission),
        None => {
            let sought = token.clone();
            Box::pin(app.engine(move |engine| engine.authenticate(&sought))).await?
        }
    };
    Ok(known.map_or_else(Identity::guest, |admission| Identity {
        principal: Principal::from(&admission.user),
        admission: Some(admission),
        token: Some(token),
        ambient: true,
    }))
}

async fn by_key(app: &Arc<App>, secret: ApiKeySecret) -> Result<Identity, Refusal> {
    let known = match app.engine.recognise_api_key(&secret) {
        Some(key) => Some(key),
        None => Box::pin(app.engine(move |engine| engine.authenticate_api_key(&secret))).await?,
    };
    let key = known.ok_or_else(unknown_key)?;
    let principal = Principal::from(&*key);
    Ok(Identity { principal, admission: None, token: None, ambient: false })
}

fn unknown_key() -> Refusal {
    Refusal::new(Code::NotSignedIn, "this API key is not known, or was revoked")
}

fn session_cookie<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    let wanted = app.options.cookie_name();
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == wanted).then_some(value)
    });
    pairs.next()
}

/// The cookie that keeps a session, or, without a token, takes it away.
pub fn set_cookie(app: &App, token: Option<&SessionToken>) -> String {
    let name = app.options.cookie_name();
    let secure = if name == COOKIE_SECURE { "; Secure" } else { "" };
    let (value, life) = match token {
        Some(token) => (token.reveal(), seatcore::accounts::SESSION_LIFE.as_secs()),
        None => (String::new(), 0),
    };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={life}{secure}")
}
