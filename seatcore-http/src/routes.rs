//! The route table: every path the server knows.

use crate::api;
use crate::classic;
use crate::feed;
use crate::options::Options;
use crate::route::Route;

/// Every row, by subject.
pub fn table(options: &Options) -> Vec<Route> {
    let classic = if options.classic { classic::routes() } else { Vec::new() };
    [
        api::sessions::routes(),
        api::users::routes(),
        api::keys::routes(),
        api::movies::routes(),
        api::screens::routes(),
        api::shows::routes(),
        api::seats::routes(),
        api::holds::routes(),
        api::bookings::routes(),
        api::tickets::routes(),
        api::batch::routes(),
        api::activity::routes(),
        api::reports::routes(),
        feed::routes(),
        api::operations::routes(),
        classic,
    ]
    .into_iter()
    .flatten()
    .collect()
}
