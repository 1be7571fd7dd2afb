//! Movies and their posters.

use super::reading::owned;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::headers::has_version;
use crate::json::Fields;
use crate::route::{Doc, Handled, Route, Takes};
use hyper::{Method, StatusCode};
use seatcore::MovieId;
use seatcore::accounts::Deed;
use seatcore::catalogue::movie::{MoviePatch, NewMovie, POSTER_BYTES_MAX, Poster};
use seatcore::house::rejection::What;

/// The rows about movies.
pub fn routes() -> Vec<Route> {
    let missing: &[&str] = &["not_found"];
    let doc = Doc { tag: "movies", answer: (200, "Movie"), ..Doc::default() };
    let poster_path = "/api/v1/movies/{id}/poster";
    vec![
        Route::new(Method::GET, "/api/v1/movies", Deed::Browse, list).doc(Doc {
            summary: "Every movie, by title",
            answer: (200, "MovieList"),
            ..doc
        }),
        Route::new(Method::POST, "/api/v1/movies", Deed::EditCatalogue, add).doc(Doc {
            summary: "Add a movie",
            body: Some("NewMovie"),
            answer: (201, "Movie"),
            refusals: &["not_found", "key_reused"],
            ..doc
        }),
        Route::new(Method::GET, "/api/v1/movies/{id}", Deed::Browse, show).doc(Doc {
            summary: "One movie",
            refusals: missing,
            ..doc
        }),
        Route::new(Method::PATCH, "/api/v1/movies/{id}", Deed::EditCatalogue, edit).doc(Doc {
            summary: "Change a movie",
            body: Some("MoviePatch"),
            refusals: missing,
            ..doc
        }),
        Route::new(Method::DELETE, "/api/v1/movies/{id}", Deed::EditCatalogue, remove).doc(Doc {
            summary: "Remove a movie that no show uses",
            answer: (204, ""),
            refusals: &["not_found", "in_use"],
            ..doc
        }),
        Route::new(Method::GET, poster_path, Deed::Browse, poster).doc(Doc {
            summary: "The poster: JPEG, PNG or WebP",
            answer: (200, "image"),
            refusals: missing,
            tagged: true,
            ..doc
        }),
        Route::new(Method::PUT, poster_path, Deed::EditCatalogue, set_poster)
            .takes(Takes::Image(POSTER_BYTES_MAX))
            .doc(Doc {
                summary: "Set the poster: the body is the image, at most 5 MiB",
                body: Some("image"),
                answer: (204, ""),
                refusals: missing,
                ..doc
            }),
        Route::new(Method::DELETE, poster_path, Deed::EditCatalogue, remove_poster).doc(Doc {
            summary: "Take the poster away",
            answer: (204, ""),
            refusals: missing,
            ..doc
        }),
    ]
}

async fn list(ask: Ask) -> Handled {
    ask.query()?.finish()?;
    let movies = ask.engine(|engine| engine.movies()).await?;
    Ok(Answer::list(&movies, None).public())
}

async fn show(ask: Ask) -> Handled {
    let id: MovieId = ask.param("id", What::Movie)?;
    Ok(Answer::ok(&ask.engine(move |engine| engine.movie(id)).await?))
}

async fn add(ask: Ask) -> Handled {
    let mut fields = ask.fields()?;
    let title = fields.required("title", owned);
    let minutes = fields.required("minutes", Fields::number::<u32>);
    let description = owned(&mut fields, "description");
    fields.finish()?;
    let new = NewMovie {
        title: title.unwrap_or_default(),
        minutes: minutes.unwrap_or_default(),
        description: description.unwrap_or_default(),
        poster: None,
    };
    let made = ask.create(move |desk| desk.add_movie(new)).await?;
    let place = format!("/api/v1/movies/{}", made.value.id);
    Ok(Answer::created(&made.value, &place).replayed(made.replayed))
}

async fn edit(ask: Ask) -> Handled {
    let id: MovieId = ask.param("id", What::Movie)?;
    let mut fields = ask.fields()?;
    let patch = MoviePatch {
        title: owned(&mut fields, "title"),
        minutes: fields.number("minutes"),
        description: owned(&mut fields, "description"),
    };
    fields.finish()?;
    Ok(Answer::ok(&ask.engine(move |engine| engine.edit_movie(id, patch)).await?))
}

async fn remove(ask: Ask) -> Handled {
    let id: MovieId = ask.param("id", What::Movie)?;
    ask.engine(move |engine| engine.remove_movie(id)).await?;
    Ok(Answer::nothing())
}

async fn poster(ask: Ask) -> Handled {
    let id: MovieId = ask.param("id", What::Movie)?;
    let poster = ask.engine(move |engine| engine.poster(id)).await?;
    let tag: String = blake3::hash(poster.bytes()).to_hex().chars().take(20).collect();
    let kept = "public, max-age=60";
    if has_version(&ask.head.headers, &tag) {
        return Ok(Answer::unchanged(&tag).kept(kept));
    }
    let media_type = poster.kind().media_type();
    let answer = Answer::bytes(StatusCode::OK, media_type, poster.bytes().to_vec());
    Ok(answer.tag(&tag).kept(kept))
}

async fn set_poster(ask: Ask) -> Handled {
    let id: MovieId = ask.param("id", What::Movie)?;
    let poster = Poster::new(ask.body.to_vec())?;
    ask.engine(move |engine| engine.set_poster(id, Some(poster))).await?;
    Ok(Answer::nothing())
}

async fn remove_poster(ask: Ask) -> Handled {
    let id: MovieId = ask.param("id", What::Movie)?;
    ask.engine(move |engine| engine.set_poster(id, None)).await?;
    Ok(Answer::nothing())
}
