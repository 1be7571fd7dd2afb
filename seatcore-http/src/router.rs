//! Finds the row for a request.

use crate::refusal::Refusal;
use crate::route::{METHODS, Route};
use hyper::Method;
use std::sync::Arc;

/// The rows by path.
#[derive(Debug)]
pub struct Router {
    table: Vec<Arc<Route>>,
    /// Path to the places of its rows in `table`.
    paths: matchit::Router<Vec<usize>>,
}

/// The row for a request, and what its path names.
#[derive(Debug)]
pub struct Found {
    /// The row.
    pub route: Arc<Route>,
    /// Names and their texts, still percent-encoded.
    pub params: Vec<(String, String)>,
}

impl Router {
    /// Sorts the rows by path.
    ///
    /// # Errors
    /// The row that contradicts an earlier one.
    pub fn new(table: Vec<Route>) -> Result<Self, String> {
        let placed = |(place, mut route): (usize, Route)| {
            route.place = place;
            Arc::new(route)
        };
        let table: Vec<_> = table.into_iter().enumerate().map(placed).collect();
        let mut patterns: Vec<(&'static str, Vec<usize>)> = Vec::new();
        for (place, route) in table.iter().enumerate() {
            match patterns.iter_mut().find(|(pattern, _)| *pattern == route.pattern) {
                Some((_, places)) => places.push(place),
                None => patterns.push((route.pattern, vec![place])),
            }
        }
        let mut paths = matchit::Router::new();
        for (pattern, places) in patterns {
            let inserted = paths.insert(pattern, places);
            inserted.map_err(|error| format!("{pattern}: {error}"))?;
        }
        Ok(Self { table, paths })
    }

    /// Every row, in the order of the table.
    pub fn table(&self) -> &[Arc<Route>] {
        &self.table
    }

    /// The row for this method and path.
    ///
    /// # Errors
    /// `not_found` for an unknown path, `method_not_allowed` for another method.
    pub fn find(&self, method: &Method, path: &str) -> Result<Found, Refusal> {
        let matched = self.paths.at(path).map_err(|_| Refusal::no_route())?;
        let wanted = if *method == Method::HEAD { &Method::GET } else { method };
        let rows = matched.value.iter().filter_map(|place| self.table.get(*place));
        let own = rows.clone().find(|route| route.method == *wanted);
        let any = |route: &&Arc<Route>| route.any_method && METHODS.contains(wanted);
        let route = own.or_else(|| rows.clone().find(any));
        let Some(route) = route else {
            return Err(Refusal::method(&allowed(rows)));
        };
        let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Ok(Found { route: route.clone(), params: matched.params.iter().map(text).collect() })
    }

    /// The methods of a path; none, if the path is unknown.
    pub fn methods(&self, path: &str) -> Option<Vec<Method>> {
        let matched = self.paths.at(path).ok()?;
        let rows = matched.value.iter().filter_map(|place| self.table.get(*place));
        Some(allowed(rows))
    }
}

fn allowed<'a>(rows: impl Iterator<Item = &'a Arc<Route>>) -> Vec<Method> {
    let mut all: Vec<Method> = Vec::new();
    for method in rows.flat_map(|route| route.methods()) {
        all.push(method.clone());
        if *method == Method::GET {
            all.push(Method::HEAD);
        }
    }
    all.push(Method::OPTIONS);
    all
}
