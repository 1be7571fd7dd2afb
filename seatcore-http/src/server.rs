//! The server: listens, guards connections, and stops in time.

use crate::app::App;
use crate::connection;
use crate::doors::Doors;
use crate::options::{BaseUrl, Options};
use seatcore::Engine;
use seatcore::accounts::PasswordPolicy;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The demonstration's user, whose password everybody knows.
pub(crate) const DEMO_USER: (&str, &str) = ("demo_user_123", "demo123");
/// Pause after the system had no connection to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be had.
    #[error("cannot listen on {address}: {error}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// Other machines could reach it unencrypted.
    #[error("{0} can be reached from other machines and is not encrypted")]
    PlainHttp(SocketAddr),
    /// Browsers would be sent where nobody answers them.
    #[error("{0} is not encrypted, and this server is")]
    PlainBaseUrl(BaseUrl),
    /// Anybody could sign in.
    #[error("{0} can be reached from other machines, and {DEMO} has its well-known password")]
    DemoUser(String),
    /// The engine does not answer.
    #[error(transparent)]
    Engine(#[from] seatcore::Failure),
    /// A fault of this program.
    #[error("the route table contradicts itself: {0}")]
    Routes(String),
}

const DEMO: &str = DEMO_USER.0;

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
}

impl Server {
    /// Listens on an address; port 0 takes a free one.
    ///
    /// # Errors
    /// If the address cannot be had, or if it would be unsafe to serve there.
    pub async fn bind(
        engine: Engine,
        options: Options,
        address: SocketAddr,
    ) -> Result<Self, StartError> {
        check_exposure(&engine, &options, address)?;
        let refused = |error| StartError::Bind { address, error };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let mut app = App::new(engine, options).map_err(StartError::Routes)?;
        app.bound = Some(listener.local_addr().map_err(refused)?);
        Ok(Self { app: Arc::new(app), listener })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Where browsers find it.
    pub fn url(&self) -> String {
        self.app.origin()
    }

    /// What every request shares: for tests, and to mount it in another server.
    pub const fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Serves until `stop` is ready, then lets requests in flight finish: at most two seconds.
    /// Answers how many connections had to be cut.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> usize {
        let mut connections = JoinSet::new();
        let doors = Arc::new(Doors::new(&self.app.options));
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => accepted,
                Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            };
            match accepted {
                Ok((stream, peer)) => match doors.enter(peer.ip()) {
                    Some(place) => {
                        let app = self.app.clone();
                        connections.spawn(async move {
                            connection::serve(&app, stream, peer).await;
                            drop(place);
                        });
                    }
                    None => doors.clone().turn_away(stream),
                },
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop(self.listener);
        self.app.stopping.send_replace(true);
        let broadcast = self.app.broadcast.clone();
        let goodbye = tokio::task::spawn_blocking(move || broadcast.stop());
        let drained = async { while connections.join_next().await.is_some() {} };
        let in_time = tokio::time::timeout(self.app.options.limits.drained_within, drained).await;
        let cut = if in_time.is_ok() { 0 } else { connections.len() };
        connections.abort_all();
        drop(goodbye.await);
        cut
    }
}

/// Serves until the process is told to stop by SIGINT or SIGTERM; a second signal ends it at once.
///
/// # Errors
/// If signals cannot be listened to.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            std::process::exit(130);
        });
    })
}

/// What must not be, above all not where other machines can reach it.
fn check_exposure(
    engine: &Engine,
    options: &Options,
    address: SocketAddr,
) -> Result<(), StartError> {
    if let (Some(url), true) = (&options.base_url, options.tls.is_some())
        && !url.secure
    {
        return Err(StartError::PlainBaseUrl(url.clone()));
    }
    if !options.is_exposed(address) {
        return Ok(());
    }
    let plain = !options.is_secure() && !address.ip().is_loopback();
    if plain && !options.allow_plain_http {
        return Err(StartError::PlainHttp(address));
    }
    let (name, password) = DEMO_USER;
    debug_assert!(PasswordPolicy::Classic.check(password).is_ok());
    match engine.verify_password(name, password) {
        Ok(_) => Err(StartError::DemoUser(options.origin(address))),
        Err(seatcore::Failure::Rejected(_)) => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}
