//! Finds the row for a request.

use crate::refusal::Refusal;
use crate::route::{METHODS, Route};
use hyper::Method;

/// The rows by path.
#[derive(Debug)]
pub struct Router {
    table: Vec<Route>,
    /// Path to the places of its rows in `table`.
    paths: matchit::Router<Vec<usize>>,
}

impl Router {
    /// Sorts the rows by path.
    ///
    /// # Errors
    /// The row that contradicts an earlier one.
    pub fn new(table: Vec<Route>) -> Result<Self, String> {
        let placed = |(place, mut route): (usize, Route)| {
            route.place = place;
            route
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
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    /// The row for this method and path.
    ///
    /// # Errors
    /// `not_found` for an unknown path, `method_not_allowed` for another method.
    pub fn find(&self, method: &Method, path: &str) -> Result<&Route, Refusal> {
        let matched = self.paths.at(path).map_err(|_| Refusal::no_route())?;
        let wanted = if *method == Method::HEAD { &Method::GET } else { method };
        let rows = matched.value.iter().filter_map(|place| self.table.get(*place));
        let own = rows.clone().find(|route| route.method == *wanted);
        let any = |route: &&Route| route.any_method && METHODS.contains(wanted);
        let route = own.or_else(|| rows.clone().find(any));
        route.ok_or_else(|| Refusal::method(&allowed(rows)))
    }

    /// The methods of a path; none, if the path is unknown.
    pub fn methods(&self, path: &str) -> Option<Vec<Method>> {
        let matched = self.paths.at(path).ok()?;
        let rows = matched.value.iter().filter_map(|place| self.table.get(*place));
        Some(allowed(rows))
    }
}

fn allowed<'a>(rows: impl Iterator<Item = &'a Route>) -> Vec<Method> {
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
