//! One connection, from its first byte to its last: TLS where there is any, HTTP/1.1 or HTTP/2
//! inside it, and an end in time.

use crate::app::App;
use crate::flow::{End, Flow};
use crate::guarded::Guarded;
use crate::options::Limits;
use crate::serve::respond;
use crate::tls::Tls;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Requests of one HTTP/2 connection at once: a page asks for some ten files and two streams.
const STREAMS_MAX: u32 = 64;
/// Bytes of a body that a client may send before somebody has read them: of one request, and of
/// all. Four bodies at full speed.
const WINDOW: u32 = 64 * 1024;
const WINDOWS: u32 = 4 * WINDOW;
/// Bytes of an answer that wait for the client to take them.
const WAITING_MAX: usize = 64 * 1024;

/// Serves a connection until it ends, or the server does.
pub async fn serve(app: &Arc<App>, stream: TcpStream, peer: SocketAddr) {
    // Answers are written whole: waiting for more to send only delays them.
    drop(stream.set_nodelay(true));
    app.metrics.connections.enter();
    let ended = match &app.options.tls {
        None => http_1(app, stream, peer).await,
        Some(tls) => encrypted(app, tls, stream, peer).await,
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    app.metrics.connections.leave();
}

/// Who does not get through the greeting in time has not begun a request either.
async fn encrypted(
    app: &Arc<App>,
    tls: &Tls,
    stream: TcpStream,
    peer: SocketAddr,
) -> io::Result<()> {
    let greeting = tokio::time::timeout(app.options.limits.headers_within, tls.accept(stream));
    let (stream, speaks_2) = greeting.await.unwrap_or_else(|late| Err(late.into()))?;
    if speaks_2 { http_2(app, stream, peer).await } else { http_1(app, stream, peer).await }
}

async fn http_1<S>(app: &Arc<App>, stream: S, peer: SocketAddr) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let limits = app.options.limits;
    let service =
        service_fn(async |request| Ok::<_, Infallible>(respond(app, request, peer).await));
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle_within)
        .max_header_size(limits.header_bytes)
        .max_buf_size(limits.header_bytes.max(8 * 1024))
        .half_close(false)
        .serve_connection(Guarded::text(stream, limits), service);
    let mut serving = pin!(serving);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = stopping(app) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    ended.map_err(io::Error::other)
}

async fn http_2<S>(app: &Arc<App>, stream: S, peer: SocketAddr) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = app.options.limits;
    let flow = Flow::new(limits);
    let service = {
        let (app, flow) = (app.clone(), flow.clone());
        service_fn(move |request| {
            let (app, request_open) = (app.clone(), flow.begin());
            async move {
                let response = respond(&app, request, peer).await;
                Ok::<_, Infallible>(response.map(|body| request_open.answered(body)))
            }
        })
    };
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(limits.header_bytes).unwrap_or(u32::MAX))
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOWS)
        .max_send_buf_size(WAITING_MAX);
    let serving = builder.serve_connection(Guarded::frames(stream, limits), service);
    let mut serving = pin!(serving);
    let end = tokio::select! {
        ended = &mut serving => return ended.map_err(io::Error::other),
        () = stopping(app) => End::Idle,
        end = flow.end() => end,
    };
    if end == End::Stalled {
        return Err(io::Error::new(io::ErrorKind::TimedOut, "the client takes nothing"));
    }
    // No new requests; whoever has some open is given time for them.
    serving.as_mut().graceful_shutdown();
    within(limits, serving).await
}

/// Lets a connection come to its end, but not for ever.
async fn within(
    limits: Limits,
    serving: impl Future<Output = hyper::Result<()>>,
) -> io::Result<()> {
    let ended = tokio::time::timeout(limits.answered_within + limits.taken_within, serving).await;
    ended.map_err(io::Error::from)?.map_err(io::Error::other)
}

/// Ready when the server stops.
async fn stopping(app: &App) {
    // The sender lives as long as the app.
    drop(app.stopping.subscribe().wait_for(|stopping| *stopping).await);
}
