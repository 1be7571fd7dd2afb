//! A server as a whole process: a runtime of its own, signals, and an end in time.

use crate::options::Options;
use crate::server::{Server, StartError, stop_signal};
use crate::tls::Tls;
use seatcore::Engine;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Questions to the file that are still running when the process ends: they only read.
const LEFT_BEHIND: Duration = Duration::from_millis(200);

/// Serves until the process is told to stop; SIGHUP is no such word: it reads a certificate again.
/// `ready` is told when it listens. Blocks this thread.
///
/// # Errors
/// As [`Server::bind`].
pub fn run(
    engine: Engine,
    options: Options,
    address: SocketAddr,
    ready: impl FnOnce(&Server),
) -> Result<(), StartError> {
    let failed = |error| StartError::Bind { address, error };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.enable_all().thread_name("seatcore-http").build().map_err(failed)?;
    let served = runtime.block_on(async {
        let stop = stop_signal().map_err(failed)?;
        let hangups = signal(SignalKind::hangup()).map_err(failed)?;
        tokio::spawn(reload(options.tls.clone(), hangups));
        let server = Server::bind(engine, options, address).await?;
        tracing::info!(url = server.url(), "listening");
        ready(&server);
        let cut = server.serve(stop).await;
        tracing::info!(cut, "stopped");
        Ok(())
    });
    runtime.shutdown_timeout(LEFT_BEHIND);
    served
}

/// Takes a renewed certificate; one that cannot be served leaves the old one where it is.
async fn reload(tls: Option<Tls>, mut hangups: Signal) {
    while hangups.recv().await.is_some() {
        let Some(tls) = &tls else {
            tracing::info!("a hangup: there is no certificate to read again, serving goes on");
            continue;
        };
        match tls.reload() {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => tracing::error!(%error, "the certificate stays as it was"),
        }
    }
}
