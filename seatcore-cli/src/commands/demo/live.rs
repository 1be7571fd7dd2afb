//! `demo --serve`: the dashboard, with buyers coming while one looks.

use super::crowd::Crowd;
use crate::args::DemoArgs;
use crate::error::CliError;
use crate::session::Session;
use seatcore::{Engine, ShowId};
use seatcore_http::{Options, StartError};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Ports tried, one after the other.
const PORTS: u16 = 20;
/// Between two steps of the crowd: slow enough to be watched for some minutes.
const PACE: Duration = Duration::from_secs(2);
/// How soon the crowd hears that the doors close.
const NAP: Duration = Duration::from_millis(50);

/// Serves until Ctrl-C.
pub fn run(
    session: &mut Session<'_, '_>,
    engine: &Engine,
    shows: &[ShowId],
    seed: u64,
    args: &DemoArgs,
) -> Result<(), CliError> {
    let closing = Arc::new(AtomicBool::new(false));
    let crowd = let_in(engine.clone(), shows.to_vec(), seed, args.buyers, closing.clone());
    let served = serve(session, engine, args.port);
    closing.store(true, Ordering::Relaxed);
    let came = crowd.join();
    engine.close();
    served?;
    match came {
        Ok(came) => came,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Buyers come step by step, until all have come or the doors close.
fn let_in(
    engine: Engine,
    shows: Vec<ShowId>,
    seed: u64,
    buyers: u32,
    closing: Arc<AtomicBool>,
) -> JoinHandle<Result<(), CliError>> {
    std::thread::spawn(move || {
        let mut crowd = Crowd::new(&engine, &shows, seed, buyers)?;
        while crowd.step()? {
            for _ in 0..PACE.as_millis() / NAP.as_millis() {
                if closing.load(Ordering::Relaxed) {
                    return Ok(());
                }
                std::thread::sleep(NAP);
            }
        }
        Ok(())
    })
}

/// On this port, or the next one that is free.
fn serve(session: &mut Session<'_, '_>, engine: &Engine, port: u16) -> Result<(), CliError> {
    let mut options = Options::default();
    options.zone = session.zone();
    for port in port..=port.saturating_add(PORTS) {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut told = Ok(());
        let ran = seatcore_http::run(engine.clone(), options.clone(), address, |server| {
            told = invite(session, &server.url());
        });
        match ran {
            Ok(()) => return told,
            Err(StartError::Bind { error, .. }) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(CliError::usage(error.to_string())),
        }
    }
    Err(CliError::usage(format!("no port from {port} on is free")).hint("name another with --port"))
}

fn invite(session: &mut Session<'_, '_>, url: &str) -> Result<(), CliError> {
    let (user, password) = crate::commands::seed::DEMO_ACCOUNT;
    session.line(url)?;
    session.io.stdout.flush()?;
    session.note(&format!("sign in as {user} / {password}; Ctrl-C closes the doors"))
}
