//! How a server is started: addresses, limits and deadlines, each with its reason.

use crate::identity::{COOKIE_LOCAL, COOKIE_SECURE};
use crate::tls::Tls;
use chrono_tz::Tz;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// How a server is started. The defaults are for one machine behind nothing.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where browsers find it, such as `https://tickets.example`; none: wherever it listens.
    pub base_url: Option<BaseUrl>,
    /// Names other than the base URL's under which it may be asked for.
    pub hosts: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Origins whose scripts may use the API with cookies; never everybody.
    pub cors_origins: Vec<BaseUrl>,
    /// Sessions over plain HTTP from other machines: for a closed network only.
    pub allow_plain_http: bool,
    /// The twelve endpoints under `/api/seats`.
    pub classic: bool,
    /// Whose midnight a date filter means.
    pub zone: Tz,
    /// The dashboard's files from a folder rather than from the binary: for working on them.
    pub dashboard: Option<PathBuf>,
    /// Limits and deadlines.
    pub limits: Limits,
    /// A certificate: none leaves encryption to a proxy.
    pub tls: Option<Tls>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            base_url: None,
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            allow_plain_http: false,
            classic: true,
            zone: Tz::UTC,
            dashboard: None,
            limits: Limits::default(),
            tls: None,
        }
    }
}

/// How many may listen to what happens.
#[derive(Debug, Clone, Copy)]
pub struct StreamLimits {
    /// Streams at once; one more is told `busy`. Fewer than connections, so that listeners never
    /// take them all.
    pub all: usize,
    /// Streams of one address at once, this machine excepted: a school behind one address.
    pub per_address: usize,
    /// Shows of one stream: more than a page of a programme.
    pub shows: usize,
    /// Pieces that wait for a slow reader before it is cut off: some 13 s of a busy show.
    pub waiting: usize,
    /// After this long without anything a stream says that it is still there: proxies give up
    /// after a minute, and pages are told to after twice as long as this.
    pub heartbeat: Duration,
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            all: 12_288,
            per_address: 256,
            shows: 64,
            waiting: 256,
            heartbeat: Duration::from_secs(15),
        }
    }
}

/// Limits and deadlines.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at once; one more is told `busy` and closed.
    pub connections: usize,
    /// Connections of one address at once, proxies and this machine excepted.
    pub connections_per_address: usize,
    /// From the first byte of a request to the end of its headers; also from connecting to that
    /// first byte.
    pub headers_within: Duration,
    /// How long a connection is kept between requests: longer than proxies keep theirs, so that
    /// none sends a command into a connection that is just being closed.
    pub idle_within: Duration,
    /// From the end of the headers to the end of the body.
    pub body_within: Duration,
    /// The same for posters and seating plans.
    pub large_body_within: Duration,
    /// How long a client may take nothing of an answer.
    pub taken_within: Duration,
    /// From the end of the body to the answer.
    pub answered_within: Duration,
    /// Bytes of a request's line and headers.
    pub header_bytes: usize,
    /// How long requests in flight may go on when the server stops.
    pub drained_within: Duration,
    /// Listeners.
    pub streams: StreamLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            connections_per_address: 512,
            headers_within: Duration::from_secs(15),
            idle_within: Duration::from_secs(75),
            body_within: Duration::from_secs(10),
            large_body_within: Duration::from_secs(60),
            taken_within: Duration::from_secs(20),
            answered_within: Duration::from_secs(30),
            header_bytes: 16 * 1024,
            drained_within: Duration::from_millis(1_500),
            streams: StreamLimits::default(),
        }
    }
}

/// Where browsers find the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    /// Whether it begins with `https`.
    pub secure: bool,
    /// Host, and port where it is not the usual one; in lower case.
    pub authority: String,
}

impl BaseUrl {
    /// Whether it leads to the machine that reads it.
    pub fn is_this_machine(&self) -> bool {
        crate::origin::names_this_machine(&self.authority)
    }
}

/// The text is no base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a base URL, such as https://tickets.example or http://localhost:8000")]
pub struct ParseBaseUrlError;

impl std::str::FromStr for BaseUrl {
    type Err = ParseBaseUrlError;

    fn from_str(text: &str) -> Result<Self, ParseBaseUrlError> {
        let uri: hyper::Uri = text.parse().map_err(|_| ParseBaseUrlError)?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(ParseBaseUrlError),
        };
        let plain = uri.query().is_none() && matches!(uri.path(), "" | "/");
        let authority = uri.authority().filter(|authority| {
            plain && !authority.as_str().contains('@') && !authority.host().is_empty()
        });
        let authority = authority.ok_or(ParseBaseUrlError)?;
        let usual = if secure { ":443" } else { ":80" };
        let authority = authority.as_str().to_ascii_lowercase();
        let authority = authority.strip_suffix(usual).unwrap_or(&authority).to_owned();
        Ok(Self { secure, authority })
    }
}

impl BaseUrl {
    /// Whether this is the origin that a browser names.
    pub fn is(&self, origin: &str) -> bool {
        let (scheme, authority) = origin.split_once("://").unwrap_or_default();
        let secure = if self.secure { "https" } else { "http" };
        scheme.eq_ignore_ascii_case(secure) && authority.eq_ignore_ascii_case(&self.authority)
    }

    /// Whether it names this machine only.
    fn is_local(&self) -> bool {
        let name = self.authority.rsplit_once(':').map_or(&*self.authority, |(name, _)| name);
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let address = bare.parse::<IpAddr>();
        name == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

impl Options {
    /// Whether browsers reach it encrypted.
    pub fn is_secure(&self) -> bool {
        self.tls.is_some() || self.base_url.as_ref().is_some_and(|url| url.secure)
    }

    /// Whether other machines can reach it: by its address, or through a proxy.
    pub fn is_exposed(&self, address: SocketAddr) -> bool {
        let named = self.base_url.as_ref().is_some_and(|url| !url.is_local());
        named || !address.ip().is_loopback() || !self.trusted_proxies.is_empty()
    }

    /// The name of the session's cookie.
    pub fn cookie_name(&self) -> &'static str {
        if self.is_secure() { COOKIE_SECURE } else { COOKIE_LOCAL }
    }

    /// Where browsers find it, also if nobody said so.
    pub fn origin(&self, bound: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        self.base_url.as_ref().map_or_else(|| format!("{scheme}://{bound}"), BaseUrl::to_string)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_a_scheme_and_a_host() {
        let read = |text: &str| text.parse::<BaseUrl>().map(|url| url.to_string());
        assert_eq!(read("https://Tickets.Example:443/"), Ok("https://tickets.example".into()));
        assert_eq!(read("http://localhost:8000"), Ok("http://localhost:8000".into()));
        for bad in ["", "tickets.example", "ftp://x", "https://a@b", "https://x/y", "https://x?q"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
