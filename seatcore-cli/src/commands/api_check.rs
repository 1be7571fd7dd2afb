//! `util api-check`: a server's classic API, walked as its oldest clients do.

use crate::args::ApiCheckArgs;
use crate::error::CliError;
use crate::session::Session;
use serde_json::{Value, json};
use std::io::{Error, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// No answer of this API is longer, unless a hall has tens of thousands of seats.
const ANSWER_MAX: u64 = 16 * 1024 * 1024;
/// Seven characters, as old clients have them.
const PASSWORD: &str = "test123";

/// One step of the walk.
struct Step {
    what: &'static str,
    request: String,
    /// What was found, or what is wrong.
    found: Result<String, String>,
}

/// What a server said.
struct Said {
    status: u16,
    cookie: Option<String>,
    body: Value,
}

/// Walks, prints every step, and fails if one does.
pub fn run(session: &mut Session<'_, '_>, args: &ApiCheckArgs) -> Result<(), CliError> {
    let place = args.url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let Some(place) = place.filter(|place| !place.is_empty() && !place.contains('/')) else {
        return Err(CliError::usage(format!("{:?} is not http://HOST:PORT", args.url)));
    };
    let name = format!("api_check_{}", session.wall().millis());
    let steps = walk(place, args.timeout, &name);
    let passed = steps.iter().all(|step| step.found.is_ok());
    print(session, &args.url, &steps, passed)?;
    if passed { Ok(()) } else { Err(CliError::Found) }
}

fn print(
    session: &mut Session<'_, '_>,
    url: &str,
    steps: &[Step],
    passed: bool,
) -> Result<(), CliError> {
    let word = |step: &Step| if step.found.is_ok() { "PASS" } else { "FAIL" };
    let text = |step: &Step| match &step.found {
        Ok(found) | Err(found) => found.clone(),
    };
    let told = |step: &Step| {
        json!({
            "step": step.what, "request": step.request,
            "passed": step.found.is_ok(), "found": text(step),
        })
    };
    let all: Vec<_> = steps.iter().map(told).collect();
    if session.json(&json!({"url": url, "passed": passed, "steps": all}))? {
        return Ok(());
    }
    let row = |step: &Step| {
        vec![word(step).to_owned(), step.what.to_owned(), step.request.clone(), text(step)]
    };
    let rows: Vec<_> = steps.iter().map(row).collect();
    session.rows(&["", "step", "request", "found"], &rows)
}

/// A client on its way through the API. What one step finds the next one needs, so the first that
/// fails is the last.
struct Walk<'a> {
    place: &'a str,
    timeout: Duration,
    cookie: Option<String>,
    steps: Vec<Step>,
}

fn walk(place: &str, timeout: Duration, name: &str) -> Vec<Step> {
    let mut walk = Walk { place, timeout, cookie: None, steps: Vec::new() };
    // A step that failed has said so.
    walk.all(name);
    walk.steps
}

impl Walk<'_> {
    fn all(&mut self, name: &str) -> Option<()> {
        let shows = self.step("shows", "GET", "shows/", None, 200, |said| {
            let shows = said["shows"].as_array().ok_or("no list of shows")?;
            let first = shows.first().ok_or("no show is to come")?;
            let text = |field: &str| first[field].as_str().ok_or(format!("no {field} is told"));
            let price = text("price")?;
            price.parse::<f64>().map_err(|_| format!("the price {price} is no number"))?;
            Ok(format!("{} to come, first {} on {}", shows.len(), text("movie")?, text("screen")?))
        })?;
        let show = shows.body["shows"][0]["id"].clone();
        let pair = json!({"username": name, "password": PASSWORD});
        self.step("register", "POST", "register/", Some(&pair), 201, told)?;
        let signed = self.step("login", "POST", "login/", Some(&pair), 200, told)?;
        self.cookie = signed.cookie;
        let path = format!("?show_id={show}");
        let hall = self.step("seats", "GET", &path, None, 200, |said| {
            let seats = said["seats"].as_array().ok_or("no list of seats")?.len() as u64;
            let count = |name: &str| said["stats"][name].as_u64().ok_or(format!("no {name} seats"));
            let (free, held, booked) = (count("available")?, count("held")?, count("booked")?);
            if free + held + booked != seats {
                return Err(format!("{free} + {held} + {booked} is not {seats} seats"));
            }
            if free == 0 {
                return Err("no seat is free".to_owned());
            }
            Ok(format!("{free} free, {held} held, {booked} booked"))
        })?;
        let seats = hall.body["seats"].as_array()?;
        let free = seats.iter().find(|seat| seat["status"] == "AVAILABLE")?;
        let seat = json!({"row": free["row"], "number": free["number"]});
        let wanted = json!({"show_id": show, "seats": [seat]});
        self.step("hold-batch", "POST", "hold-batch/", Some(&wanted), 200, |said| {
            let until = said["expires_at"].as_str().ok_or("no deadline is told")?;
            Ok(format!("{}, until {until}", told(said)?))
        })?;
        self.step("book-batch", "POST", "book-batch/", Some(&wanted), 200, |said| {
            let paid = said["total_paid"].as_str().ok_or("no price is told")?;
            Ok(format!("{}, paid {paid}", told(said)?))
        })?;
        Some(())
    }

    fn step(
        &mut self,
        what: &'static str,
        method: &str,
        path: &str,
        body: Option<&Value>,
        status: u16,
        read: impl FnOnce(&Value) -> Result<String, String>,
    ) -> Option<Said> {
        let said = self.ask(method, path, body).map_err(|error| error.to_string());
        let found = said.as_ref().map_err(Clone::clone).and_then(|said| {
            if said.status == status {
                return read(&said.body);
            }
            let error = said.body["error"].as_str().unwrap_or("no error is told");
            Err(format!("{} instead of {status}: {error}", said.status))
        });
        let passed = found.is_ok();
        let request = format!("{method} /api/seats/{path}");
        self.steps.push(Step { what, request, found });
        said.ok().filter(|_| passed)
    }

    /// One request on a connection of its own: enough HTTP for one's own server.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Said, Error> {
        let place = self.place;
        let port = if place.contains(':') { "" } else { ":80" };
        let unknown = || Error::other("that host has no address");
        let address = format!("{place}{port}").to_socket_addrs()?.next().ok_or_else(unknown)?;
        let mut stream = TcpStream::connect_timeout(&address, self.timeout)?;
        stream.set_read_timeout(Some(self.timeout))?;
        stream.set_write_timeout(Some(self.timeout))?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut head = format!(
            "{method} /api/seats/{path} HTTP/1.0\r\nHost: {place}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        if let Some(cookie) = &self.cookie {
            head.push_str(&format!("Cookie: {cookie}\r\n"));
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
        let mut answer = Vec::new();
        stream.take(ANSWER_MAX).read_to_end(&mut answer)?;
        read(&answer).ok_or_else(|| Error::other("that is not an HTTP answer with JSON"))
    }
}

fn told(said: &Value) -> Result<String, String> {
    said["message"].as_str().map(str::to_owned).ok_or("no message is told".to_owned())
}

fn read(answer: &[u8]) -> Option<Said> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = answer.split_at_checked(end + 4)?;
    let head = std::str::from_utf8(head).ok().filter(|head| head.starts_with("HTTP/1."))?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let cookie = lines.find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let cookie = cookie.and_then(|(_, line)| line.trim().split(';').next()).map(str::to_owned);
    Some(Said { status, cookie, body: serde_json::from_slice(body).ok()? })
}
