//! The HTTP face: an API, sign-in, a live feed and a dashboard over one engine. It translates,
//! asks the one role table, and decides nothing.
//!
//! ```no_run
//! use seatcore::Engine;
//! use seatcore_http::{Options, Server, stop_signal};
//!
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::open("box-office.db")?;
//! let server = Server::bind(engine, Options::default(), "127.0.0.1:8000".parse()?).await?;
//! println!("{}", server.url());
//! server.serve(stop_signal()?).await;
//! # Ok(())
//! # }
//! ```

pub mod options; // how a server is started: addresses, limits, deadlines
pub mod server; // listens, and stops in time
mod run; // a whole process of it
mod doors; // how many may come in
pub mod tls; // a certificate, and what is spoken inside
mod connection; // one of them, to its end
mod flow; // what an HTTP/2 connection is busy with
mod guarded; // a connection with a watch on both directions
mod strict; // heads that two parsers could read in two ways
pub mod serve; // one request, from head to answer
mod origin; // hosts, proxies, foreign sites
pub mod routes; // the table
pub mod route; // one row of it
pub mod router; // finds the row
pub mod identity; // cookies and keys
pub mod ask; // a request whose asker is known and whose body is there
mod condition; // versions that a write is meant for
mod json; // bodies, field by field
mod query; // queries, parameter by parameter
mod wrong; // what is wrong with either
mod api; // the handlers, by subject
mod classic; // the handlers of the older API
pub mod answer; // what a handler gives back
pub mod refusal; // every answer that is not yes
mod headers; // what every answer has
mod request_id; // names of requests
pub mod app; // what every request shares
mod boards; // seat maps as bytes
mod hashing; // passwords, two at a time
mod limiter; // failed sign-ins and registrations by address
mod squeeze; // gzip
pub mod feed; // what happens, as it happens
mod pages; // the dashboard's files
pub mod metrics; // figures for Prometheus
pub mod logging; // one line for each request
pub mod openapi; // the table as a description for programs

pub use options::{BaseUrl, Limits, Options};
pub use run::run;
pub use server::{Server, StartError, stop_signal};
pub use tls::{Tls, TlsError};
