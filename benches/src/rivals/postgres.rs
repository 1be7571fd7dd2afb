//! PostgreSQL called directly: one plpgsql function for all three commands, driven by pgbench with
//! prepared statements. A refusal raises, which ends pgbench, so every figure is without refusals.

use crate::Outcome;
use crate::clients::{Load, Round};
use crate::place::Place;
use crate::rivals::process::{Server, as_postgres, postgres_program, said};
use crate::work::{SEATS, SHOWS};
use rustix::process::Signal;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const FUNCTION: &str = include_str!("../../rivals/box_office.sql");
/// The three commands in turn; variables outlive a script in pgbench.
const SCRIPT: &str = "\\set step (:step + 1) % 3\n\
    \\set show :client_id % 100\n\
    \\set first (:client_id / 100) * 4\n\
    SELECT command(:show, :first, :step, :client_id);\n";
/// Threads of pgbench: the machine's cores.
const THREADS: usize = 2;

/// A cluster of its own, on a socket, stopped when dropped.
#[derive(Debug)]
pub struct Postgres {
    _server: Server,
    folder: PathBuf,
}

impl Postgres {
    /// Makes and starts it: synchronous commits, 1 GB of buffers, otherwise as shipped.
    pub fn start(place: &Place) -> Outcome<Self> {
        let folder = place.fresh_folder("postgres")?;
        let data = folder.join("data");
        let mut init = as_postgres(&postgres_program("initdb")?);
        init.current_dir(&folder).args(["--username=postgres", "--auth=trust", "--no-sync", "-D"]);
        said(init.arg(&data))?;
        let mut serve = as_postgres(&postgres_program("postgres")?);
        serve.current_dir(&folder).arg("-D").arg(&data).arg("-k").arg(&folder);
        for setting in [
            "listen_addresses=",
            "shared_buffers=1GB",
            "max_wal_size=8GB",
            "max_connections=300",
            "fsync=on",
            "synchronous_commit=on",
        ] {
            serve.args(["-c", setting]);
        }
        let answers = || query(&folder, "SELECT 1").is_ok();
        let server = Server::start(serve, &place.path("postgres.log"), Signal::INT, answers)?;
        query(&folder, FUNCTION)?;
        Ok(Self { _server: server, folder })
    }

    /// Where its socket is, and databases for others beside.
    pub fn with_databases(&self, names: &[&str]) -> Outcome<&Path> {
        for name in names {
            query(&self.folder, &format!("CREATE DATABASE {name}"))?;
        }
        Ok(&self.folder)
    }

    /// One round on fresh rows.
    pub fn round(&self, load: Load) -> Outcome<Round> {
        query(&self.folder, &format!("SELECT lay_out({SHOWS}, {SEATS})"))?;
        query(&self.folder, "VACUUM ANALYZE seat")?;
        let logs = self.folder.join("pgbench");
        drop(std::fs::remove_dir_all(&logs));
        std::fs::create_dir_all(&logs)?;
        let script = logs.join("command.sql");
        std::fs::write(&script, SCRIPT)?;
        let mut bench = Command::new(postgres_program("pgbench")?);
        bench.current_dir(&logs).arg("-h").arg(&self.folder).args(["-U", "postgres", "-n", "-l"]);
        bench.args(["--log-prefix=waits", "-M", "prepared", "-D", "step=2", "-f"]).arg(&script);
        bench.arg(format!("-c{}", load.clients)).arg(format!("-j{}", THREADS.min(load.clients)));
        let told = said(bench.arg(format!("-T{}", load.seconds)).arg("postgres"))?;
        read_logs(&logs, load, rate(&told)?)
    }
}

/// Commands a second by pgbench's own count, connecting left out.
fn rate(told: &str) -> Outcome<f64> {
    let line = told.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = line.and_then(|line| line.split(' ').next()).ok_or("pgbench told no rate")?;
    Ok(rate.parse()?)
}

/// pgbench writes a line for each command: client, number, microseconds, …
fn read_logs(folder: &Path, load: Load, rate: f64) -> Outcome<Round> {
    let mut clients = vec![Vec::new(); load.clients];
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with("waits.") {
            continue;
        }
        for line in std::fs::read_to_string(entry.path())?.lines() {
            let mut words = line.split(' ');
            let client: usize = words.next().ok_or("an empty line of pgbench's log")?.parse()?;
            let wait = words.nth(1).ok_or("a short line of pgbench's log")?.parse()?;
            clients.get_mut(client).ok_or("a client too many")?.push(wait);
        }
    }
    let done: usize = clients.iter().map(Vec::len).sum();
    Ok(Round::of(clients, 0, Duration::from_secs_f64(done as f64 / rate.max(1.0))))
}

fn query(socket: &Path, sql: &str) -> Outcome<String> {
    let mut psql = Command::new(postgres_program("psql")?);
    psql.arg("-h").arg(socket).args(["-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", sql]);
    said(&mut psql)
}
