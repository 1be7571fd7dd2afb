//! The classic API under `/api/seats`: twelve endpoints as an older booking system had them, with
//! its fields and its words, for clients that are not to be changed. It has no rules of its own:
//! each request becomes what the engine has verbs for, and each answer is put in the old words.
//!
//! What is different on purpose is in `docs/classic.md`: nobody reads another's ticket, a retry is
//! answered as the first time, and what cannot be had is a conflict and not a wrong request.

use crate::answer::Answer;
use crate::api::sessions::{add_customer, admit, with_limit};
use crate::ask::Ask;
use crate::identity::set_cookie;
use crate::json::{Fields, Json};
use crate::refusal::Refusal;
use crate::route::{BODY_MAX, Doc, Handled, Route, Takes, Written};
use hyper::header::SET_COOKIE;
use hyper::{Method, StatusCode};
use seatcore::accounts::{Deed, PasswordPolicy};
use seatcore::error::Code;
use seatcore::wire::ProblemView;
use serde_json::json;
use std::future::Future;

mod programme;
mod purchase;
mod receipts;

const SIGN_IN: &str = "Authentication required";
const BAD_PAIR: &str = "Invalid credentials";

/// Every row, each with and without a slash at its end.
pub fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let mut rows = Vec::new();
    let mut add = Rows(&mut rows);
    add.row(&get, ["/api/seats/shows/", "/api/seats/shows"], Deed::Browse, programme::shows);
    add.row(&get, ["/api/seats/", "/api/seats"], Deed::Browse, programme::seats);
    add.row(&post, ["/api/seats/register/", "/api/seats/register"], Deed::Browse, register);
    add.row(&post, ["/api/seats/login/", "/api/seats/login"], Deed::Browse, sign_in);
    add.row(&post, ["/api/seats/logout/", "/api/seats/logout"], Deed::Browse, sign_out);
    add.row(&post, ["/api/seats/hold/", "/api/seats/hold"], Deed::Buy, purchase::hold);
    let batch = ["/api/seats/hold-batch/", "/api/seats/hold-batch"];
    add.row(&post, batch, Deed::Buy, purchase::hold_batch);
    add.row(&post, ["/api/seats/book/", "/api/seats/book"], Deed::Buy, purchase::book);
    let batch = ["/api/seats/book-batch/", "/api/seats/book-batch"];
    add.row(&post, batch, Deed::Buy, purchase::book_batch);
    let batch = ["/api/seats/release-hold-batch/", "/api/seats/release-hold-batch"];
    add.row(&post, batch, Deed::Buy, purchase::release_batch);
    let own = ["/api/seats/my-bookings/", "/api/seats/my-bookings"];
    add.row(&get, own, Deed::Buy, receipts::bookings);
    let ticket = ["/api/seats/booking/{id}/ticket/", "/api/seats/booking/{id}/ticket"];
    add.row(&get, ticket, Deed::Buy, receipts::ticket);
    rows
}

struct Rows<'a>(&'a mut Vec<Route>);

impl Rows<'_> {
    /// Who asks is looked at before the method, so each row takes every method and refuses the
    /// others itself; only signing out never minded.
    fn row<F: Future<Output = Handled> + Send + 'static>(
        &mut self,
        method: &Method,
        patterns: [&'static str; 2],
        deed: Deed,
        run: impl Fn(Ask) -> F + Clone + Send + Sync + 'static,
    ) {
        for (place, pattern) in patterns.into_iter().enumerate() {
            let (own, run) = (method.clone(), run.clone());
            let checked = move |ask: Ask| {
                let fits = own == ask.head.method
                    || own == Method::GET && ask.head.method == Method::HEAD
                    || pattern.contains("/logout");
                let (allowed, answer) = (own.clone(), fits.then(|| run(ask)));
                async move {
                    match answer {
                        Some(answer) => answer.await,
                        None => Err(Refusal::method(&[allowed])),
                    }
                }
            };
            let route = Route::new(method.clone(), pattern, deed, checked);
            let every = pattern.contains("/logout");
            let route = if every { route.every_method() } else { route.any_method() };
            let doc = if place == 0 { doc(pattern, method) } else { Doc::default() };
            self.0.push(route.takes(Takes::LooseJson(BODY_MAX)).words(words).doc(doc));
        }
    }
}

/// The endpoints in the API's description; their fields are in `docs/classic.md`.
fn doc(pattern: &str, method: &Method) -> Doc {
    let summary = match pattern.trim_start_matches("/api/seats/").trim_end_matches('/') {
        "shows" => "Shows that have not ended",
        "" => "A show's seats",
        "register" => "Register",
        "login" => "Sign in",
        "logout" => "Sign out",
        "hold" => "Hold a seat for ten minutes",
        "hold-batch" => "Hold seats, all or none",
        "book" => "Book a seat that one holds",
        "book-batch" => "Book seats that one holds, all or none",
        "release-hold-batch" => "Give seats back",
        "my-bookings" => "Seats that one booked",
        _ => "The ticket of a seat, for whoever booked it and for staff",
    };
    let query: &[(&str, &str, Written)] = match pattern {
        "/api/seats/shows/" => {
            &[("date", "one day, as 2027-01-09; no day is every day", Written::Text)]
        }
        "/api/seats/" => &[("show_id", "the number of a show; else the next one", Written::Text)],
        _ => &[],
    };
    let status = if pattern.ends_with("/register/") { 201 } else { 200 };
    let body = match pattern.trim_start_matches("/api/seats/") {
        "register/" | "login/" => Some("ClassicCredentials"),
        "logout/" => None,
        batch if batch.ends_with("-batch/") => Some("ClassicSeats"),
        _ => (*method == Method::POST).then_some("ClassicSeat"),
    };
    let refusals: &[&str] = match (pattern, body) {
        ("/api/seats/register/", _) => &["name_taken", "rate_limited"],
        ("/api/seats/login/", _) => &["rate_limited"],
        ("/api/seats/", _) | (_, Some(_)) => REFUSED,
        _ => &[],
    };
    let answer = (status, "object");
    Doc { tag: "classic", summary, query, body, answer, refusals, ..Doc::default() }
}

/// What a purchase may be refused for, by status: 403, 404, 409, 410.
const REFUSED: &[&str] = &["not_allowed", "not_found", "show_closed", "seat_held", "hold_expired"];

/// A refusal in the old words: one text under `error`.
fn words(refusal: &Refusal) -> Answer {
    let problem = &refusal.problem;
    let status = match StatusCode::from_u16(problem.status) {
        Ok(StatusCode::UNPROCESSABLE_ENTITY) => StatusCode::BAD_REQUEST,
        Ok(status) => status,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut answer = Answer::json(status, &json!({ "error": text(problem) }));
    answer.code = Some(problem.code);
    answer.headers.extend(refusal.headers().iter().cloned());
    answer
}

fn text(problem: &ProblemView) -> String {
    match problem.code {
        "not_signed_in" if problem.detail == BAD_PAIR => BAD_PAIR.to_owned(),
        "not_signed_in" => SIGN_IN.to_owned(),
        "not_allowed" => "Not allowed".to_owned(),
        "method_not_allowed" => "Method not allowed".to_owned(),
        "show_closed" => "This show is not on sale".to_owned(),
        "show_cancelled" => "This show is cancelled".to_owned(),
        _ => problem.detail.clone(),
    }
}

/// A refusal in words of one's own.
fn refused(code: Code, status: StatusCode, text: impl Into<String>) -> Refusal {
    Refusal::new(code, text).status(status)
}

/// A request that lacks something.
fn malformed(text: &str) -> Refusal {
    refused(Code::Invalid, StatusCode::BAD_REQUEST, text)
}

fn message(status: StatusCode, text: &str) -> Answer {
    Answer::json(status, &json!({ "message": text }))
}

/// The body's fields. Old clients send more than they need; what is not asked for is not read.
fn fields(ask: &Ask) -> Result<Fields<'_>, Refusal> {
    match Fields::read(&ask.body) {
        Ok(fields) if !ask.body.is_empty() => Ok(fields),
        _ => Err(malformed("Invalid JSON")),
    }
}

/// A number, also where it was sent as a text.
fn whole(value: Option<Json<'_>>) -> Option<u32> {
    match value? {
        Json::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        Json::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

async fn register(ask: Ask) -> Handled {
    let (name, password) = credentials(&ask)?;
    if name.is_empty() || password.is_empty() {
        return Err(malformed("Username and password required"));
    }
    let added = add_customer(&ask, name, password, PasswordPolicy::Classic).await;
    match added {
        Ok(_) => Ok(message(StatusCode::CREATED, "User registered successfully")),
        Err(refusal) if refusal.code() == Code::NameTaken.as_str() => {
            Err(refused(Code::NameTaken, StatusCode::CONFLICT, "Username already exists"))
        }
        Err(refusal) => Err(refusal),
    }
}

async fn sign_in(ask: Ask) -> Handled {
    let (name, password) = credentials(&ask)?;
    let handled = match admit(&ask, name, password).await {
        Ok(signed) => {
            let answer = message(StatusCode::OK, "Login successful");
            Ok(answer.with(SET_COOKIE, &set_cookie(&ask.app, Some(&signed.token))))
        }
        Err(refusal) if refusal.code() == Code::NotSignedIn.as_str() => {
            Err(Refusal::new(Code::NotSignedIn, BAD_PAIR))
        }
        Err(refusal) => Err(refusal),
    };
    with_limit(&ask, handled)
}

fn credentials(ask: &Ask) -> Result<(String, String), Refusal> {
    let mut fields = fields(ask)?;
    let mut take = |name| fields.text(name).map(|text| text.into_owned()).unwrap_or_default();
    Ok((take("username"), take("password")))
}

async fn sign_out(ask: Ask) -> Handled {
    if let Some(token) = ask.identity.token.clone() {
        ask.engine(move |engine| engine.sign_out(&token)).await?;
    }
    let answer = message(StatusCode::OK, "Logged out successfully");
    Ok(answer.with(SET_COOKIE, &set_cookie(&ask.app, None)))
}
