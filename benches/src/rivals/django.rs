//! Django: rows locked by `select_for_update`, in process and behind gunicorn.

use crate::Outcome;
use crate::clients::{Load, Round};
use crate::http::client::answers_at;
use crate::place::{Place, root};
use crate::rivals::process::{Server, said};
use rustix::process::Signal;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where and how it keeps seats.
#[derive(Debug, Clone)]
pub struct Site {
    /// `sqlite:PATH` or `postgres:SOCKET_FOLDER`.
    pub database: String,
    /// One UPDATE in place of a save for each seat, and settings to match.
    pub tuned: bool,
}

/// A site behind gunicorn, stopped when dropped.
#[derive(Debug)]
pub struct Running {
    _server: Server,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Site {
    /// Lays the seats out anew and serves them by two workers of eight threads.
    pub fn serve(&self, place: &Place) -> Outcome<Running> {
        said(self.python("python")?.arg("box_office.py"))?;
        let address = free_address()?;
        let mut serve = self.python("gunicorn")?;
        serve.args(["--workers=2", "--threads=8", "--worker-class=gthread", "--keep-alive=75"]);
        serve.args(["--log-level=warning", "--backlog=2048", "--worker-tmp-dir=/dev/shm"]);
        serve.arg(format!("--bind={address}")).arg("box_office:application");
        let answers = || answers_at(address);
        let server = Server::start(serve, &place.path("django.log"), Signal::TERM, answers)?;
        Ok(Running { _server: server, address })
    }

    fn python(&self, program: &str) -> Outcome<Command> {
        let mut command = Command::new(installed(program)?);
        command.current_dir(root().join("benches/rivals/django"));
        command.env("BENCH_DB", &self.database).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("BENCH_STYLE", if self.tuned { "tuned" } else { "original" });
        Ok(command)
    }
}

/// The ORM on SQLite without HTTP, threads in one process; `python/booking.py` tells the rate, and
/// a wait that stands in its own table.
pub fn in_process(load: Load, place: &Place) -> Outcome<Round> {
    let folder = place.fresh_folder("django")?;
    let mut python = Command::new(installed("python")?);
    python.arg(root().join("benches/python/booking.py")).args(["--one", "django"]);
    python.arg(load.clients.to_string()).arg(load.seconds.to_string());
    let said = said(python.arg(folder.join("django.db")))?;
    let rate: f64 = said.split_whitespace().next().unwrap_or_default().parse()?;
    let took = Duration::from_secs(load.seconds);
    Ok(Round::total((rate * took.as_secs_f64()) as u64, 0, took))
}

fn installed(program: &str) -> Outcome<PathBuf> {
    let path = root().join("target/bench/venv/bin").join(program);
    if Path::exists(&path) {
        return Ok(path);
    }
    Err(format!("no {}; benches/prepare installs it", path.display()).into())
}

/// An address that nobody had a moment ago.
pub fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
