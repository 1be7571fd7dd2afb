//! Screens and their seating plans.

use super::reading::owned;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::json::{Fields, Json};
use crate::refusal::Refusal;
use crate::route::{Doc, Handled, LAYOUT_BODY_MAX, Route, Takes};
use hyper::Method;
use hyper::header::ETAG;
use seatcore::ScreenId;
use seatcore::accounts::Deed;
use seatcore::catalogue::layout::{Layout, Plan};
use seatcore::catalogue::screen::{CLEANING_DEFAULT, NewScreen};
use seatcore::house::rejection::What;
use seatcore::wire::LayoutView;
use std::sync::Arc;
use std::time::Duration;

/// The rows about screens.
pub fn routes() -> Vec<Route> {
    let missing: &[&str] = &["not_found"];
    let doc = Doc { tag: "screens", answer: (200, "Screen"), ..Doc::default() };
    let plans = Takes::Json(LAYOUT_BODY_MAX);
    vec![
        Route::new(Method::GET, "/api/v1/screens", Deed::Browse, list).doc(Doc {
            summary: "Every screen, by number",
            answer: (200, "ScreenList"),
            ..doc
        }),
        Route::new(Method::POST, "/api/v1/screens", Deed::EditCatalogue, add).takes(plans).doc(
            Doc {
                summary: "Add a screen: `rows` as `A-E:10`, or a full `layout`",
                body: Some("NewScreen"),
                answer: (201, "Screen"),
                refusals: &["not_found", "key_reused", "name_taken"],
                ..doc
            },
        ),
        Route::new(Method::GET, "/api/v1/screens/{id}", Deed::Browse, show).doc(Doc {
            summary: "One screen",
            refusals: missing,
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/screens/{id}/layout", Deed::Browse, layout).doc(Doc {
            summary: "The plan that new shows on it get",
            answer: (200, "Layout"),
            refusals: missing,
            tagged: true,
            ..doc
        }),
        Route::new(Method::PATCH, "/api/v1/screens/{id}", Deed::EditCatalogue, edit)
            .takes(plans)
            .doc(Doc {
                summary: "Change a screen; shows that exist keep their plan",
                body: Some("ScreenPatch"),
                refusals: &["not_found", "name_taken"],
                ..doc
            }),
        Route::new(Method::DELETE, "/api/v1/screens/{id}", Deed::EditCatalogue, remove).doc(Doc {
            summary: "Remove a screen that no show uses",
            answer: (204, ""),
            refusals: &["not_found", "in_use"],
            ..doc
        }),
    ]
}

async fn list(ask: Ask) -> Handled {
    ask.query()?.finish()?;
    let screens = ask.engine(|engine| engine.screens()).await?;
    Ok(Answer::list(&screens, None).public())
}

async fn show(ask: Ask) -> Handled {
    let id: ScreenId = ask.param("id", What::Screen)?;
    Ok(Answer::ok(&ask.engine(move |engine| engine.screen(id)).await?))
}

async fn layout(ask: Ask) -> Handled {
    let id: ScreenId = ask.param("id", What::Screen)?;
    let find = move |engine: &seatcore::Engine| engine.layout(engine.screen(id)?.layout);
    let layout = ask.engine(find).await?;
    // Sent plain or compressed: the tag is a weak one.
    let tag = format!("W/\"{}\"", layout.hash());
    let answer = Answer::ok(&LayoutView::of(&layout)).with(ETAG, &tag).kept("public, no-cache");
    Ok(answer.public().unless_known(&ask.head.headers))
}

/// A screen's fields, as asked.
struct Asked {
    name: Option<String>,
    layout: Option<Layout>,
    tz: Option<Option<String>>,
    cleaning: Option<Duration>,
}

impl Asked {
    fn take(fields: &mut Fields<'_>) -> Self {
        let name = owned(fields, "name");
        let (rows, plan) = (owned(fields, "rows"), fields.take("layout"));
        let layout = take_layout(fields, rows, plan);
        let tz = fields.clearable("tz", owned);
        if let Some(Some(zone)) = &tz
            && zone.parse::<chrono_tz::Tz>().is_err()
        {
            fields.wrong("tz", "is not a time zone, such as Europe/Berlin");
        }
        let cleaning = fields.number::<u32>("cleaning_s");
        let cleaning = cleaning.map(|seconds| Duration::from_secs(u64::from(seconds)));
        Self { name, layout, tz, cleaning }
    }
}

fn take_layout(
    fields: &mut Fields<'_>,
    rows: Option<String>,
    plan: Option<Json<'_>>,
) -> Option<Layout> {
    let (name, read) = match (rows, plan) {
        (Some(_), Some(_)) => {
            fields.wrong("rows", "and `layout` both say where seats are");
            return None;
        }
        (Some(rows), None) => ("rows", Layout::parse(&rows).map_err(|e| e.to_string())),
        (None, Some(plan)) => {
            let plan = serde_json::from_value::<Plan>(plan.into_value());
            let plan = plan.map_err(|error| error.to_string());
            ("layout", plan.and_then(|plan| Layout::from_plan(plan).map_err(|e| e.to_string())))
        }
        (None, None) => return None,
    };
    read.map_err(|error| fields.wrong(name, format!("is no seating plan: {error}"))).ok()
}

async fn add(ask: Ask) -> Handled {
    let mut fields = ask.fields()?;
    if !fields.has("rows") && !fields.has("layout") {
        fields.wrong("rows", "or `layout` is needed");
    }
    if !fields.has("name") {
        fields.wrong("name", "is missing");
    }
    let asked = Asked::take(&mut fields);
    fields.finish()?;
    let layout = asked.layout.ok_or_else(|| Refusal::field("rows", "is missing"))?;
    let new = NewScreen {
        name: asked.name.unwrap_or_default(),
        layout: Arc::new(layout),
        tz: asked.tz.flatten(),
        cleaning: asked.cleaning.unwrap_or(CLEANING_DEFAULT),
    };
    let made = ask.create(move |desk| desk.add_screen(new)).await?;
    let place = format!("/api/v1/screens/{}", made.value.id);
    Ok(Answer::created(&made.value, &place).replayed(made.replayed))
}

async fn edit(ask: Ask) -> Handled {
    let id: ScreenId = ask.param("id", What::Screen)?;
    let mut fields = ask.fields()?;
    let asked = Asked::take(&mut fields);
    fields.finish()?;
    let change = move |engine: &seatcore::Engine| {
        let now = engine.screen(id)?;
        let layout = match asked.layout {
            Some(layout) => layout,
            None => engine.layout(now.layout)?,
        };
        let change = NewScreen {
            name: asked.name.unwrap_or(now.name),
            layout: Arc::new(layout),
            tz: asked.tz.unwrap_or(now.tz),
            cleaning: asked.cleaning.unwrap_or(Duration::from_secs(u64::from(now.cleaning_s))),
        };
        engine.edit_screen(id, change)
    };
    Ok(Answer::ok(&ask.engine(change).await?))
}

async fn remove(ask: Ask) -> Handled {
    let id: ScreenId = ask.param("id", What::Screen)?;
    ask.engine(move |engine| engine.remove_screen(id)).await?;
    Ok(Answer::nothing())
}
