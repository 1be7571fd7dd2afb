//! A route: one row of the table from which routing, rights, `Allow`, the API's description and
//! the tests of all these are made.

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusal::Refusal;
use hyper::Method;
use memchr::memchr;
use seatcore::accounts::Deed;
use seatcore::error::Code;
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// What a handler comes to.
pub type Handled = Result<Answer, Refusal>;

type Run = Box<dyn Fn(Ask) -> Pin<Box<dyn Future<Output = Handled> + Send>> + Send + Sync>;

/// Methods that clients may send. `HEAD` comes with `GET`.
pub const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// Body of an ordinary command.
pub const BODY_MAX: usize = 64 * 1024;
/// Body of a batch.
pub const BATCH_BODY_MAX: usize = 256 * 1024;
/// Body with a seating plan.
pub const LAYOUT_BODY_MAX: usize = 16 * 1024 * 1024;

/// What a request may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// No body at all.
    Nothing,
    /// JSON of at most so many bytes; may be left out.
    Json(usize),
    /// JSON whatever its content type says, as old clients send it.
    LooseJson(usize),
    /// An image of at most so many bytes.
    Image(usize),
}

/// Who may ask, beyond what the role table says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever may do this.
    May(Deed),
    /// The same, and everybody on this machine.
    MayOrLocal(Deed),
}

/// A row.
pub struct Route {
    /// Its method. `HEAD` comes with `GET`, `OPTIONS` with every path.
    pub method: Method,
    /// Its path, with `{names}`.
    pub pattern: &'static str,
    /// Who may ask.
    pub who: Who,
    /// What it may carry.
    pub takes: Takes,
    /// What it is, for people and programs.
    pub doc: Doc,
    /// Also takes requests whose method has no row of its own: the handler refuses them, after
    /// who asks was looked at.
    pub any_method: bool,
    /// And the handler minds none of them.
    pub every_method: bool,
    /// How its refusals are worded, where that is not as problems.
    pub words: Option<fn(&Refusal) -> Answer>,
    /// Its place in the table.
    pub(crate) place: usize,
    parts: Vec<Part>,
    run: Run,
}

/// Where a path has what its pattern calls `{name}`, or `{*name}` for all that is left.
#[derive(Debug)]
struct Part {
    name: &'static str,
    /// Slashes before it.
    slashes: usize,
    /// What stands before and after it in its segment.
    around: (&'static str, &'static str),
    rest: bool,
}

impl Part {
    fn all(pattern: &'static str) -> Vec<Self> {
        let segments = pattern.split('/').enumerate();
        let parts = segments.filter_map(|(slashes, segment)| {
            let (before, (named, after)) =
                segment.split_once('{').and_then(|(b, rest)| Some((b, rest.split_once('}')?)))?;
            let name = named.trim_start_matches('*');
            Some(Self { name, slashes, around: (before, after), rest: named != name })
        });
        parts.collect()
    }

    /// Its text in a path that the pattern matches.
    fn of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut text = path;
        for _ in 0..self.slashes {
            text = text.get(memchr(b'/', text.as_bytes())? + 1..)?;
        }
        if self.rest {
            return Some(text);
        }
        let end = memchr(b'/', text.as_bytes()).unwrap_or(text.len());
        text.get(..end)?.strip_prefix(self.around.0)?.strip_suffix(self.around.1)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.pattern)
    }
}

/// A row's part of the API's description.
#[derive(Debug, Clone, Copy, Default)]
pub struct Doc {
    /// Its chapter; a row without one is not described.
    pub tag: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Names of its query parameters, what they are, and how they are written.
    pub query: &'static [(&'static str, &'static str, Written)],
    /// The schema of its body.
    pub body: Option<&'static str>,
    /// The status and schema of its success.
    pub answer: (u16, &'static str),
    /// Codes of refusals besides those that every route has.
    pub refusals: &'static [&'static str],
    /// Whoever has this version already is told so, with 304.
    pub tagged: bool,
}

/// How a query parameter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// As any text.
    Text,
    /// As a number that names something.
    Number,
    /// As a place in the log: 0 is before all of it.
    Place,
    /// As a whole number from 1 to this.
    UpTo(u32),
    /// As `2027-01-09`.
    Day,
    /// As `2027-01-09T20:00:00.000Z`.
    Moment,
    /// As one of these words.
    Word(&'static [&'static str]),
}

impl Route {
    /// A row for whoever may do this.
    pub fn new<F: Future<Output = Handled> + Send + 'static>(
        method: Method,
        pattern: &'static str,
        deed: Deed,
        run: impl Fn(Ask) -> F + Send + Sync + 'static,
    ) -> Self {
        let takes = match method {
            Method::POST | Method::PATCH | Method::PUT => Takes::Json(BODY_MAX),
            _ => Takes::Nothing,
        };
        let run: Run = Box::new(move |ask| Box::pin(run(ask)));
        let (who, doc) = (Who::May(deed), Doc::default());
        let (any_method, every_method, words, place) = (false, false, None, 0);
        let parts = Part::all(pattern);
        Self {
            method,
            pattern,
            who,
            takes,
            doc,
            any_method,
            every_method,
            words,
            place,
            parts,
            run,
        }
    }

    /// Also for everybody on this machine.
    #[must_use]
    pub fn or_local(mut self) -> Self {
        if let Who::May(deed) = self.who {
            self.who = Who::MayOrLocal(deed);
        }
        self
    }

    /// Carries this.
    #[must_use]
    pub const fn takes(mut self, takes: Takes) -> Self {
        self.takes = takes;
        self
    }

    /// Described so.
    #[must_use]
    pub const fn doc(mut self, doc: Doc) -> Self {
        self.doc = doc;
        self
    }

    /// Takes other methods too.
    #[must_use]
    pub const fn any_method(mut self) -> Self {
        self.any_method = true;
        self
    }

    /// Does the same whatever the method.
    #[must_use]
    pub const fn every_method(mut self) -> Self {
        (self.any_method, self.every_method) = (true, true);
        self
    }

    /// The methods that it answers.
    pub fn methods(&self) -> &[Method] {
        if self.every_method { &METHODS } else { std::slice::from_ref(&self.method) }
    }

    /// Words its refusals so.
    #[must_use]
    pub const fn words(mut self, words: fn(&Refusal) -> Answer) -> Self {
        self.words = Some(words);
        self
    }

    /// Whether it changes nothing.
    pub fn is_safe(&self) -> bool {
        self.method == Method::GET
    }

    /// Whether `If-Match` is looked at: it may be refused for what has changed meanwhile.
    pub fn is_conditional(&self) -> bool {
        self.doc.refusals.contains(&Code::Stale.as_str())
    }

    /// What one must be allowed to do.
    pub const fn deed(&self) -> Deed {
        match self.who {
            Who::May(deed) | Who::MayOrLocal(deed) => deed,
        }
    }

    /// What a path that it matches has in this place, still percent-encoded.
    pub fn part<'a>(&self, path: &'a str, name: &str) -> Option<&'a str> {
        self.parts.iter().find(|part| part.name == name)?.of(path)
    }

    /// Runs the handler.
    pub fn run(&self, ask: Ask) -> Pin<Box<dyn Future<Output = Handled> + Send>> {
        (self.run)(ask)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn parts_of_a_path_are_those_that_the_router_matches() {
        for route in crate::routes::table(&crate::Options::default()) {
            let names = route.pattern.split('{').skip(1).filter_map(|text| text.split_once('}'));
            let names: Vec<_> = names.map(|(name, _)| name.trim_start_matches('*')).collect();
            let values = ["7", "a%2Fb", "x.y"].into_iter().zip(&names);
            let path = values.fold(route.pattern.to_owned(), |path, (value, name)| {
                let path = path.replace(&format!("{{{name}}}"), value);
                path.replace(&format!("{{*{name}}}"), &format!("{value}/more/"))
            });
            let mut paths = matchit::Router::new();
            paths.insert(route.pattern, ()).expect("a pattern");
            let matched = paths.at(&path).expect("a match");
            for name in names {
                let found = route.part(&path, name);
                assert!(found.is_some(), "{path}");
                assert_eq!(found, matched.params.get(name), "{path}");
            }
            assert_eq!(route.part(&path, "nothing"), None, "{path}");
        }
    }
}
