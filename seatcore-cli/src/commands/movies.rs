//! `movies`: what can be shown.

use crate::args::{AddMovieArgs, EditMovieArgs, MoviesCommand, PosterArgs};
use crate::error::CliError;
use crate::session::Session;
use seatcore::MovieId;
use seatcore::catalogue::movie::{Movie, MoviePatch, NewMovie, Poster};
use serde_json::json;
use std::path::Path;

/// Runs one of them.
pub fn run(session: &mut Session<'_, '_>, command: MoviesCommand) -> Result<(), CliError> {
    match command {
        MoviesCommand::List => list(session),
        MoviesCommand::Show(args) => {
            let movie = session.office()?.movie(args.movie)?;
            print(session, &movie)
        }
        MoviesCommand::Add(args) => add(session, args),
        MoviesCommand::Edit(args) => edit(session, args),
        MoviesCommand::Poster(args) => poster(session, &args),
        MoviesCommand::Rm(args) => remove(session, args.movie),
    }
}

fn list(session: &mut Session<'_, '_>) -> Result<(), CliError> {
    let movies = session.office()?.movies()?;
    let poster = |movie: &Movie| if movie.poster_url.is_some() { "yes" } else { "no" };
    session.list(&movies, None, &["id", "title", "minutes", "poster"], |movie| {
        vec![
            movie.id.to_string(),
            movie.title.clone(),
            movie.minutes.to_string(),
            poster(movie).to_owned(),
        ]
    })
}

fn print(session: &mut Session<'_, '_>, movie: &Movie) -> Result<(), CliError> {
    let poster = movie.poster_url.clone().unwrap_or_else(|| "none".to_owned());
    let pairs = [
        ("id", movie.id.to_string()),
        ("title", movie.title.clone()),
        ("minutes", movie.minutes.to_string()),
        ("description", movie.description.clone()),
        ("poster", poster),
    ];
    session.one(movie, &pairs)
}

fn print_changed(session: &mut Session<'_, '_>, movie: &Movie) -> Result<(), CliError> {
    session.did(format!("movie {} is {:?} now", movie.id, movie.title));
    print(session, movie)
}

fn add(session: &mut Session<'_, '_>, args: AddMovieArgs) -> Result<(), CliError> {
    let poster = args.poster.as_deref().map(read_poster).transpose()?;
    let AddMovieArgs { title, minutes, description, .. } = args;
    let movie = session.office()?.add_movie(NewMovie { title, minutes, description, poster })?;
    print_changed(session, &movie)
}

fn edit(session: &mut Session<'_, '_>, args: EditMovieArgs) -> Result<(), CliError> {
    let EditMovieArgs { movie, title, minutes, description } = args;
    let patch = MoviePatch { title, minutes, description };
    if patch == MoviePatch::default() {
        return Err(
            CliError::usage("nothing to change").hint("name --title, --minutes or --description")
        );
    }
    let movie = session.office()?.edit_movie(movie, patch)?;
    print_changed(session, &movie)
}

/// Reads a poster's file.
pub fn read_poster(path: &Path) -> Result<Poster, CliError> {
    let bytes = std::fs::read(path).map_err(|error| CliError::file(path, error))?;
    Poster::new(bytes).map_err(|rejection| {
        CliError::from(rejection).hint("a poster is a JPEG, PNG or WebP image of at most 5 MiB")
    })
}

fn poster(session: &mut Session<'_, '_>, args: &PosterArgs) -> Result<(), CliError> {
    let poster = read_poster(&args.file)?;
    let office = session.office()?;
    office.set_poster(args.movie, poster)?;
    let movie = office.movie(args.movie)?;
    print_changed(session, &movie)
}

fn remove(session: &mut Session<'_, '_>, id: MovieId) -> Result<(), CliError> {
    let office = session.office()?;
    let movie = office.movie(id)?;
    session.confirm(&format!("Remove movie {id}, {:?}?", movie.title), "yes")?;
    office.remove_movie(id)?;
    session.did(format!("movie {id} was removed"));
    session.one(&json!({"removed": id}), &[("removed", movie.title)])
}
