//! What a request says about where it was meant for and where it comes from: hosts, proxies,
//! foreign sites.

use crate::app::App;
use crate::ask::Origin;
use crate::options::Options;
use crate::refusal::Refusal;
use hyper::header::{
    CONNECTION, FORWARDED, HOST, HeaderName, HeaderValue, ORIGIN, TRANSFER_ENCODING, VIA,
};
use hyper::http::request::Parts;
use hyper::{HeaderMap, StatusCode, Version};
use seatcore::error::Code;
use std::net::{IpAddr, SocketAddr};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// What proxies add.
static FORWARDING: [HeaderName; 6] = [
    FORWARDED_FOR,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
    FORWARDED,
    VIA,
];
/// Longest path and query.
const TARGET_MAX: usize = 4_096;

/// Refuses what is no request of ours to begin with.
///
/// # Errors
/// `invalid`: 400, 411, 414 or 421.
pub fn check_shape(app: &App, head: &Parts) -> Result<(), Refusal> {
    if head.headers.contains_key(TRANSFER_ENCODING) {
        let refusal = Refusal::unreadable("give the body's length: chunked bodies are not taken");
        return Err(refusal.status(StatusCode::LENGTH_REQUIRED).header(CONNECTION, "close"));
    }
    let target = head.uri.path().len() + head.uri.query().map_or(0, str::len);
    if target > TARGET_MAX {
        let refusal = Refusal::new(Code::TooLarge, "the path is too long");
        return Err(refusal.status(StatusCode::URI_TOO_LONG));
    }
    check_host(&app.options, head)
}

fn check_host(options: &Options, head: &Parts) -> Result<(), Refusal> {
    let mut hosts = head.headers.get_all(HOST).iter();
    let host = hosts.next();
    let missing = host.is_none() && head.version >= Version::HTTP_11;
    if missing || hosts.next().is_some() || host.is_some_and(HeaderValue::is_empty) {
        return Err(Refusal::unreadable("exactly one Host is needed"));
    }
    let host = host.map(|host| host.to_str().unwrap_or("?"));
    let target = head.uri.authority().map(|authority| authority.as_str());
    if let (Some(target), Some(host)) = (target, host)
        && !target.eq_ignore_ascii_case(host)
    {
        return Err(Refusal::unreadable("the request line and Host name two servers"));
    }
    // Whoever asks whether the process lives asks by whatever name it has there.
    let probe = matches!(head.uri.path(), "/healthz" | "/readyz");
    if probe || host.or(target).is_none_or(|host| is_ours(options, host)) {
        return Ok(());
    }
    let refusal = Refusal::unreadable("this server is not known by that name");
    Err(refusal.status(StatusCode::MISDIRECTED_REQUEST))
}

/// A page that made its own name point at us is told to go: only addresses, `localhost` and the
/// names we were given are ours.
fn is_ours(options: &Options, host: &str) -> bool {
    let name = name_of(host);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    let named = || options.base_url.as_ref().is_some_and(|url| is(name_of(&url.authority)));
    let local = || {
        let last = name.rsplit('.').next().unwrap_or_default();
        last.eq_ignore_ascii_case("localhost")
    };
    let added = || options.hosts.iter().any(|known| is(known));
    bare.parse::<IpAddr>().is_ok() || local() || named() || added()
}

/// Whether a host, with a port or without, is this machine whoever asks.
pub fn names_this_machine(host: &str) -> bool {
    let name = name_of(host).trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() => name,
        _ => host,
    }
}

/// Refuses a command that another site's page had a browser send.
///
/// Browsers say where a request comes from, and send cookies by themselves; whoever says nothing
/// is no browser.
///
/// # Errors
/// `cross_site`.
pub fn check_site(options: &Options, headers: &HeaderMap) -> Result<(), Refusal> {
    let refused = || Refusal::new(Code::CrossSite, "another site's page sent this");
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = origins.next().map(HeaderValue::as_bytes);
    if origins.next().is_some() {
        return Err(refused());
    }
    if origin.is_some_and(|origin| is_listed(options, origin)) {
        return Ok(());
    }
    let mut sites = headers.get_all(FETCH_SITE).iter();
    match (sites.next().map(HeaderValue::as_bytes), sites.next(), origin) {
        (Some(b"same-origin" | b"none"), None, _) => Ok(()),
        (Some(_), _, _) => Err(refused()),
        (None, _, Some(origin)) if is_own(options, headers, origin) => Ok(()),
        (None, _, Some(_)) => Err(refused()),
        (None, _, None) => Ok(()),
    }
}

/// Whether this origin's scripts may use the API.
pub fn is_listed(options: &Options, origin: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(origin) else { return false };
    options.cors_origins.iter().any(|listed| listed.is(text))
}

fn is_own(options: &Options, headers: &HeaderMap, origin: &[u8]) -> bool {
    let Ok(origin) = std::str::from_utf8(origin) else { return false };
    if options.base_url.as_ref().is_some_and(|url| url.is(origin)) {
        return true;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let scheme = if options.is_secure() { "https://" } else { "http://" };
    let authority = origin.strip_prefix(scheme);
    matches!((authority, host), (Some(one), Some(other)) if one.eq_ignore_ascii_case(other))
}

/// Where a request came from. Only a trusted proxy is asked who stands behind it.
pub fn of(options: &Options, peer: SocketAddr, headers: &HeaderMap) -> Origin {
    let trusted = |address: &IpAddr| {
        options.trusted_proxies.iter().any(|proxy| proxy.to_canonical() == address.to_canonical())
    };
    let direct = peer.ip().to_canonical();
    let client = if trusted(&direct) { first_named(headers, trusted) } else { None };
    Origin {
        address: client.unwrap_or(direct),
        loopback: direct.is_loopback() && is_direct(headers),
        secure: options.is_secure(),
    }
}

/// From our side outwards: the first that is no proxy of ours is the client. What lies behind it,
/// or behind something that is no address, anybody may have written.
fn first_named(headers: &HeaderMap, trusted: impl Fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
    let named: Vec<_> = lines.flat_map(|line| line.split(',')).collect();
    let mut read = named.into_iter().rev().map_while(|text| text.trim().parse::<IpAddr>().ok());
    read.find(|address| !trusted(address))
}

/// Whom an address stands for: one customer of a provider has a whole /64 of IPv6 addresses.
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => IpAddr::V4(four),
            None if six.is_loopback() => address,
            None => IpAddr::V6((u128::from(six) >> 64 << 64).into()),
        },
        four => four,
    }
}

/// HTTP/2 names the host in the request itself: it is put where HTTP/1.1 has it.
pub fn name_host(head: &mut Parts) {
    if head.version != Version::HTTP_2 || head.headers.contains_key(HOST) {
        return;
    }
    let authority = head.uri.authority().map(|authority| authority.as_str());
    if let Some(Ok(host)) = authority.map(HeaderValue::from_str) {
        head.headers.insert(HOST, host);
    }
}

/// Whether nothing says that somebody stands behind whoever connected: a proxy names its client, or
/// passes on the name that the client asked for.
fn is_direct(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    names_this_machine(host) && !headers.keys().any(|name| FORWARDING.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a header"));
        }
        headers
    }

    fn passes(lines: &[(&'static str, &str)]) -> bool {
        let cors_origins = vec!["https://shop.example".parse().expect("an origin")];
        let options = Options { cors_origins, ..Options::default() };
        check_site(&options, &headers(lines)).is_ok()
    }

    #[test]
    fn commands_from_other_sites_are_refused() {
        let host = ("host", "localhost:8000");
        assert!(passes(&[host]), "no browser");
        assert!(passes(&[host, ("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(passes(&[host, ("sec-fetch-site", "none")]));
        assert!(passes(&[host, ("origin", "http://localhost:8000")]));
        assert!(passes(&[
            host,
            ("origin", "https://shop.example"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(!passes(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!passes(&[host, ("sec-fetch-site", "same-site")]));
        assert!(!passes(&[host, ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none")]));
        assert!(!passes(&[host, ("origin", "null")]));
        assert!(!passes(&[host, ("origin", "http://localhost:9000")]));
        assert!(!passes(&[host, ("origin", "https://localhost:8000")]));
        assert!(!passes(&[host, ("origin", "https://shop.example.evil")]));
    }

    #[test]
    fn names_that_point_at_us_by_themselves_are_not_ours() {
        let mut options = Options::default();
        for ours in ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "10.0.0.7"] {
            assert!(is_ours(&options, ours), "{ours}");
        }
        assert!(!is_ours(&options, "evil.example"));
        options.base_url = "https://tickets.example".parse().ok();
        options.hosts = vec!["seatcore".to_owned()];
        assert!(is_ours(&options, "tickets.example") && is_ours(&options, "seatcore:8000"));
        assert!(!is_ours(&options, "tickets.example.evil"));
    }

    #[test]
    fn this_machine_is_whoever_connects_from_it_for_nobody_else() {
        let here: SocketAddr = "127.0.0.1:5000".parse().expect("an address");
        let local = |peer, lines: &[(&'static str, &str)]| {
            let trusted_proxies = vec![[127, 0, 0, 1].into()];
            let options = Options { trusted_proxies, ..Options::default() };
            of(&options, peer, &headers(lines)).loopback
        };
        assert!(local(here, &[("host", "127.0.0.1:8000")]) && local(here, &[]));
        assert!(!local(here, &[("host", "tickets.example")]));
        for (name, value) in [("x-forwarded-for", "1.1.1.1"), ("via", "1.1 caddy")] {
            assert!(!local(here, &[("host", "localhost"), (name, value)]), "{name}");
        }
        assert!(!local("10.0.0.9:5000".parse().expect("an address"), &[("host", "localhost")]));
    }

    #[test]
    fn a_whole_network_of_ipv6_is_one_address() {
        let six = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(six("2001:db8::1"), six("2001:db8::ffff:1"));
        assert_ne!(six("2001:db8::1"), six("2001:db8:0:1::1"));
        assert_eq!(six("::ffff:10.0.0.1"), IpAddr::from([10, 0, 0, 1]));
    }

    #[test]
    fn only_a_trusted_proxy_says_who_stands_behind_it() {
        let mut options = Options::default();
        let peer: SocketAddr = "10.0.0.1:5000".parse().expect("an address");
        let said = headers(&[("x-forwarded-for", "1.1.1.1, 2.2.2.2, 10.0.0.2")]);
        let address = |options: &Options| of(options, peer, &said).address.to_string();
        assert_eq!(address(&options), "10.0.0.1");
        options.trusted_proxies = vec![[10, 0, 0, 1].into(), [10, 0, 0, 2].into()];
        assert_eq!(address(&options), "2.2.2.2");
        let address = |said: &str| {
            of(&options, peer, &headers(&[("x-forwarded-for", said)])).address.to_string()
        };
        assert_eq!(address("9.9.9.9, x, 2.2.2.2, 10.0.0.2"), "2.2.2.2", "9.9.9.9 is made up");
        assert_eq!(address("9.9.9.9, x, 10.0.0.2"), "10.0.0.1", "nobody can be told");
    }
}
