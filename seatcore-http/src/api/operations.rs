//! What looks after the server: probes, figures, the API's description, the dashboard's files.

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusal::Refusal;
use crate::route::{Doc, Handled, Route};
use crate::server::DEMO_USER;
use crate::{metrics, openapi};
use hyper::header::LINK;
use hyper::{Method, StatusCode};
use seatcore::accounts::Deed;
use seatcore::clock::Timestamp;
use seatcore::error::{Code, Error, StorageReason};
use seatcore::house::rejection::What;
use seatcore::{Engine, ShowId};
use serde_json::json;
use std::time::Duration;

/// What every page of the dashboard asks first, besides the programme from yesterday on.
const FIRST_ASKED: [&str; 4] = ["/api/v1/session", "/api/v1/movies", "/api/v1/screens", "/version"];
/// Above this many seats the dashboard draws a hall on a canvas, by a script of its own.
const BUTTONS_MAX: u32 = 1500;
const CANVAS_SCRIPT: &str = "seat-canvas.js";
/// Why commands are refused while everything else works.
const CLOCK: &str = "the clock and the log disagree by a day";
const DAY_MS: i64 = 86_400_000;
/// Paths that the dashboard itself tells apart.
const PAGES: [&str; 17] = [
    "/",
    "/now",
    "/show/{id}",
    "/checkout",
    "/sign-in",
    "/register",
    "/tickets",
    "/tickets/{code}",
    "/desk",
    "/desk/stats",
    "/desk/log",
    "/admin",
    "/admin/movies",
    "/admin/screens",
    "/admin/shows",
    "/admin/users",
    "/status",
];

/// The rows about the server itself.
pub fn routes() -> Vec<Route> {
    let doc = Doc { tag: "operations", ..Doc::default() };
    let mut rows = vec![
        Route::new(Method::GET, "/healthz", Deed::Browse, health).doc(Doc {
            summary: "Whether the process answers",
            answer: (200, "Health"),
            ..doc
        }),
        Route::new(Method::GET, "/readyz", Deed::Browse, ready).doc(Doc {
            summary: "Whether it can sell: the engine takes a turn, and the server is not stopping",
            answer: (200, "Readiness"),
            refusals: &["busy", "storage"],
            ..doc
        }),
        Route::new(Method::GET, "/version", Deed::Browse, version).doc(Doc {
            summary: "Which release this is",
            answer: (200, "Version"),
            ..doc
        }),
        Route::new(Method::GET, "/metrics", Deed::Measure, figures).or_local().doc(Doc {
            summary: "Figures for Prometheus: for keys, managers and this machine",
            answer: (200, "text"),
            ..doc
        }),
        Route::new(Method::GET, "/openapi.json", Deed::Browse, description).doc(Doc {
            summary: "This description",
            answer: (200, "object"),
            ..doc
        }),
        Route::new(Method::GET, "/docs", Deed::Browse, docs),
        Route::new(Method::GET, "/docs/docs.css", Deed::Browse, docs_style),
        Route::new(Method::GET, "/assets/{*path}", Deed::Browse, asset),
    ];
    rows.extend(PAGES.map(|path| Route::new(Method::GET, path, Deed::Browse, page)));
    rows
}

async fn health(_: Ask) -> Handled {
    Ok(Answer::ok(&json!({"status": "ok"})))
}

async fn ready(ask: Ask) -> Handled {
    if ask.app.is_stopping() {
        let wait = Duration::from_secs(1);
        return Err(Refusal::later(Code::Busy, "the server is stopping", wait));
    }
    let engine = &ask.app.engine;
    engine.follow().await?;
    if engine.refuses_clock() {
        return Err(Error::storage(StorageReason::Clock, CLOCK).into());
    }
    Ok(Answer::ok(&json!({"status": "ok", "follow_lag_records": engine.lag()})))
}

async fn version(ask: Ask) -> Handled {
    let zone = ask.app.options.zone.name();
    let version = env!("CARGO_PKG_VERSION");
    let mut said = json!({"name": "seatcore", "version": version, "time_zone": zone});
    if offers_demo(&ask).await.unwrap_or_default() {
        let (name, password) = DEMO_USER;
        said["demo"] = json!({"name": name, "password": password});
    }
    Ok(Answer::ok(&said))
}

/// Whether to tell visitors of the demonstration's user: only on this machine, and only as long as
/// the password is the one that everybody knows. Comparing it takes 30 ms, so that is done once for
/// each password.
async fn offers_demo(ask: &Ask) -> Result<bool, Refusal> {
    let app = &ask.app;
    if app.bound.is_none_or(|address| app.options.is_exposed(address)) {
        return Ok(false);
    }
    let find = |engine: &Engine| {
        let user = engine.user(DEMO_USER.0)?;
        let kept = engine.password_digest(user.id)?;
        Ok((!user.disabled).then_some(kept))
    };
    let Some(kept) = ask.engine(find).await? else { return Ok(false) };
    if let Some((known, fits)) = &*app.demo.lock()
        && *known == kept
    {
        return Ok(*fits);
    }
    let sought = kept.clone();
    let fits = app.hashing.run(move || Ok(sought.verify(DEMO_USER.1))).await?;
    *app.demo.lock() = Some((kept, fits));
    Ok(fits)
}

async fn figures(ask: Ask) -> Handled {
    let app = ask.app.clone();
    let printed = ask.engine(move |_| Ok(metrics::print(&app))).await?;
    Ok(Answer::bytes(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", printed))
}

async fn description(ask: Ask) -> Handled {
    let text = openapi::description(ask.app.router.table());
    Ok(Answer::bytes(StatusCode::OK, "application/json", text).kept("public, no-cache").public())
}

async fn docs(ask: Ask) -> Handled {
    let page = openapi::page(ask.app.router.table());
    let answer = Answer::bytes(StatusCode::OK, "text/html; charset=utf-8", page);
    Ok(answer.kept("public, no-cache").public())
}

async fn docs_style(_: Ask) -> Handled {
    let answer = Answer::bytes(StatusCode::OK, "text/css; charset=utf-8", openapi::STYLE);
    Ok(answer.kept("public, no-cache").public())
}

/// The page, and in its headers what its scripts will ask: a browser sends for it beside them.
async fn page(ask: Ask) -> Handled {
    let answer = ask.app.pages.shell(&ask.head.headers)?;
    let mut asked: Vec<_> = FIRST_ASKED.iter().map(|path| (*path).to_owned()).collect();
    let mut script = None;
    let yesterday = ask.app.engine.now().millis() / DAY_MS - 1;
    let from = Timestamp::from_millis(yesterday * DAY_MS);
    asked.push(format!("/api/v1/shows?limit=200&from={from}"));
    if let Ok(show) = ask.param::<ShowId>("id", What::Show)
        && let Ok(snapshot) = ask.app.engine.ask_seat_map(show).await
    {
        asked.push(format!("/api/v1/shows/{show}/snapshot"));
        asked.push(format!("/api/v1/shows/{show}/layout/{}", snapshot.layout.hash()));
        if snapshot.layout.len() > BUTTONS_MAX {
            script = Some(ask.app.pages.address(CANVAS_SCRIPT));
        }
    }
    let asked = asked.iter().map(|path| format!("<{path}>; rel=preload; as=fetch; crossorigin"));
    let links = asked.chain(script.map(|path| format!("<{path}>; rel=modulepreload")));
    Ok(answer.with(LINK, &links.collect::<Vec<_>>().join(", ")))
}

async fn asset(ask: Ask) -> Handled {
    let path = ask.text_param("path").unwrap_or_default();
    ask.app.pages.asset(&path, &ask.head.headers)
}
