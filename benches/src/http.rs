//! What is measured over HTTP: servers in processes of their own, loads from this one and from wrk.

use crate::Outcome;
use clap::Subcommand;

pub mod client;
pub mod hello;
pub mod holds;
pub mod listeners;
pub mod purchase;
pub mod reads;
pub mod serve;
pub mod soak;
pub mod wrk;

/// Servers that tables start.
#[derive(Debug, Subcommand)]
pub enum Part {
    /// The HTTP face over a fresh file
    #[command(hide = true)]
    Serve(serve::ServeArgs),
    /// hyper with one answer for everything
    #[command(hide = true)]
    Hello(hello::HelloArgs),
}

/// Serves until told to stop.
pub fn run_part(part: Part) -> Outcome<()> {
    match part {
        Part::Serve(args) => serve::serve(&args),
        Part::Hello(args) => hello::serve(&args),
    }
}

/// A runtime of one thread, for loads.
pub fn runtime() -> Outcome<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}
