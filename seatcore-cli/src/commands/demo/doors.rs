//! The demonstration with open doors: a server for whoever looks, while the crowd strolls in.

use super::crowd::{self, Crowd, Score};
use crate::commands::seed::DEMO_ACCOUNT;
use crate::commands::serve;
use crate::error::CliError;
use crate::session::Session;
use seatcore::Engine;
use seatcore::accounts::Role;
use seatcore_http::{Options, Server, StartError, logging};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tracing::Level;

/// From the first buyer to the last: somebody may want to watch.
const STROLL: Duration = Duration::from_secs(180);
/// Ports tried, one after the other.
const PORTS: u16 = 20;
/// Who may see the desk and the administration.
const MANAGER: &str = "demo_manager";

/// Serves until the process is told to stop, while buyers come; answers what they did.
pub fn serve(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    port: u16,
    crowd: Crowd<'_>,
) -> Result<Score, CliError> {
    let password = manager(engine)?;
    let _log = logging::start(logging::LogFormat::Text, Level::WARN);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let strolling = scope.spawn(|| stroll(crowd, &stop));
        let served = listen(session, engine, port, &password);
        stop.store(true, Ordering::Relaxed);
        strolling.thread().unpark();
        let came = strolling.join();
        served?;
        came.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// At this port, or the next one that is free.
fn listen(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    port: u16,
    password: &str,
) -> Result<(), CliError> {
    let options = Options { zone: session.zone(), ..Options::default() };
    for port in port..=port.saturating_add(PORTS) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut told = Ok(());
        let served = seatcore_http::run(engine.clone(), options.clone(), address, |server| {
            told = greet(session, server, password);
        });
        match served {
            Err(StartError::Bind { error, .. }) if error.kind() == ErrorKind::AddrInUse => {}
            served => return served.map_err(serve::explained).and(told),
        }
    }
    Err(CliError::usage(format!("no port from {port} on is free")).hint("name another with --port"))
}

/// A manager with a password that nobody knows but who reads this terminal.
fn manager(engine: &Engine) -> Result<String, CliError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| CliError::usage(error.to_string()))?;
    let password = format!("{:016x}", u64::from_be_bytes(bytes));
    engine.add_user(MANAGER, &password, Role::Manager)?;
    Ok(password)
}

fn greet(session: &mut Session<'_, '_>, server: &Server, password: &str) -> Result<(), CliError> {
    session.note(&format!("\n  {}\n", server.url()))?;
    let (user, known) = DEMO_ACCOUNT;
    session.note(&format!("  sign in to buy       {user}  {known}"))?;
    session.note(&format!("  desk and programme   {MANAGER}  {password}"))?;
    session.note("\nbuyers come in for some minutes; Ctrl-C closes the doors")
}

/// Lets the crowd come at a walking pace, until told to stop.
fn stroll(mut crowd: Crowd<'_>, stop: &AtomicBool) -> Result<Score, CliError> {
    while !stop.load(Ordering::Relaxed) && crowd.step()? {
        std::thread::park_timeout(STROLL / crowd::STEPS);
    }
    Ok(crowd.leave())
}
