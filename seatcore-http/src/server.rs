//! The server: listens, guards connections, and stops in time.

use crate::app::App;
use crate::guarded::Guarded;
use crate::options::Options;
use crate::serve;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use parking_lot::Mutex;
use seatcore::Engine;
use seatcore::accounts::PasswordPolicy;
use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

/// The demonstration's user, whose password everybody knows.
pub(crate) const DEMO_USER: (&str, &str) = ("demo_user_123", "demo123");
/// Pause after the system had no connection to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Connections that are being told that there are too many.
const TURNED_AWAY_AT_ONCE: usize = 64;
const TURNED_AWAY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\nretry-after: 1\r\nconnection: close\r\n\
    content-length: 163\r\n\r\n\
    {\"type\":\"urn:seatcore:problem:busy\",\"title\":\"Busy\",\"status\":503,\
    \"detail\":\"too many connections\",\"code\":\"busy\",\"retryable\":true,\"retry_after_ms\":1000}     ";

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
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
        mut options: Options,
        address: SocketAddr,
    ) -> Result<Self, StartError> {
        check_exposure(&engine, &options, address)?;
        let refused = |error| StartError::Bind { address, error };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        options.bound = Some(listener.local_addr().map_err(refused)?);
        let app = App::new(engine, options).map_err(StartError::Routes)?;
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
        self.app.options.origin()
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
                        connections
                            .spawn(async move { connection(app, stream, peer, place).await });
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

/// What must not be reachable from other machines.
fn check_exposure(
    engine: &Engine,
    options: &Options,
    address: SocketAddr,
) -> Result<(), StartError> {
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
        Ok(_) => Err(StartError::DemoUser(options.origin_at(address))),
        Err(seatcore::Failure::Rejected(_)) => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}

/// How many may come in.
#[derive(Debug)]
struct Doors {
    places: Arc<Semaphore>,
    by_address: Mutex<HashMap<IpAddr, usize>>,
    per_address: usize,
    unlimited: Vec<IpAddr>,
    turned_away: Arc<Semaphore>,
}

/// A place inside; given back when dropped.
#[derive(Debug)]
struct Place {
    doors: Arc<Doors>,
    address: IpAddr,
    _place: OwnedSemaphorePermit,
}

impl Doors {
    fn new(options: &Options) -> Self {
        Self {
            places: Arc::new(Semaphore::new(options.limits.connections)),
            by_address: Mutex::default(),
            per_address: options.limits.connections_per_address,
            unlimited: options.trusted_proxies.clone(),
            turned_away: Arc::new(Semaphore::new(TURNED_AWAY_AT_ONCE)),
        }
    }

    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        let place = self.places.clone().try_acquire_owned().ok()?;
        let limited = !address.is_loopback() && !self.unlimited.contains(&address);
        let mut by_address = self.by_address.lock();
        let count = by_address.entry(address).or_default();
        if limited && *count >= self.per_address {
            return None;
        }
        *count += 1;
        drop(by_address);
        Some(Place { doors: self.clone(), address, _place: place })
    }

    /// Says why, to as many as that is cheap for.
    fn turn_away(self: Arc<Self>, mut stream: TcpStream) {
        let Ok(permit) = self.turned_away.clone().try_acquire_owned() else { return };
        tokio::spawn(async move {
            let told = async {
                stream.write_all(TURNED_AWAY).await?;
                stream.shutdown().await?;
                // What was not read would reset the connection under the answer.
                let mut unread = [0; 1_024];
                while stream.read(&mut unread).await? > 0 {}
                io::Result::Ok(())
            };
            drop(tokio::time::timeout(Duration::from_millis(500), told).await);
            drop(permit);
        });
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_address = self.doors.by_address.lock();
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

async fn connection(app: Arc<App>, stream: TcpStream, peer: SocketAddr, place: Place) {
    let limits = app.options.limits;
    // Answers are written whole: waiting for more to send only delays them.
    drop(stream.set_nodelay(true));
    app.metrics.connections.enter();
    let guarded = Guarded::new(stream, limits);
    let service = {
        let app = app.clone();
        service_fn(move |request| {
            let app = app.clone();
            async move { Ok::<_, std::convert::Infallible>(serve::respond(app, request, peer).await) }
        })
    };
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle_within)
        .max_header_size(limits.header_bytes)
        .max_buf_size(limits.header_bytes.max(8 * 1024))
        .half_close(false)
        .serve_connection(guarded, service);
    tokio::pin!(serving);
    let mut stopping = app.stopping.subscribe();
    let stop = async move { stopping.wait_for(|stopping| *stopping).await.map(drop) };
    let ended = tokio::select! {
        ended = &mut serving => ended,
        _ = stop => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    app.metrics.connections.leave();
    drop(place);
}
