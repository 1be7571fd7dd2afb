//! wrk, told what to ask by a script, and what it says at the end.

use crate::Outcome;
use crate::clients::{Load, Round, Waits};
use crate::place::Place;
use crate::rivals::process::said;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

/// One line that is read here: latencies in microseconds. Redirections and 304 are no errors to wrk.
const DONE: &str = r#"
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("WRK %d %d %d %d %d %d %d %d\n", summary.requests, summary.duration,
    e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50),
    latency:percentile(99), latency:percentile(99.9), latency.max))
end
"#;

/// One thread of wrk against a server; whatever is not 2xx or 3xx counts as refused.
pub fn run(place: &Place, address: SocketAddr, load: Load, script: &str) -> Outcome<Round> {
    let file = place.path("script.lua");
    std::fs::write(&file, format!("{script}{DONE}"))?;
    let mut wrk = Command::new("wrk");
    wrk.args(["-t1", "--timeout", "10s"]).arg(format!("-c{}", load.clients));
    wrk.arg(format!("-d{}s", load.seconds)).arg("-s").arg(&file).arg(format!("http://{address}/"));
    let text = said(&mut wrk)?;
    let line = text.lines().find_map(|line| line.strip_prefix("WRK "));
    let line = line.ok_or_else(|| format!("wrk told no figures:\n{text}"))?;
    let figures: Result<Vec<u64>, _> = line.split(' ').map(str::parse).collect();
    let [done, took, refused, broken, p50, p99, p999, longest] = figures?[..] else {
        return Err("wrk told too few figures".into());
    };
    if broken > 0 {
        return Err(format!("{broken} connections of wrk broke").into());
    }
    let [p50, p99, p999, longest] = [p50, p99, p999, longest].map(|wait| wait as f64);
    let waits = Some(Waits { p50, p99, p999, longest });
    Ok(Round { done, refused, took: Duration::from_micros(took), waits, ..Round::default() })
}

/// Asks for one path again and again.
pub fn get(path: &str, tag: Option<&str>) -> String {
    let tag =
        tag.map_or_else(String::new, |tag| format!("wrk.headers['if-none-match'] = '{tag}'\n"));
    format!(
        "{tag}local asked\n\
         request = function()\n\
         \x20 asked = asked or wrk.format('GET', '{path}')\n\
         \x20 return asked\n\
         end\n"
    )
}
