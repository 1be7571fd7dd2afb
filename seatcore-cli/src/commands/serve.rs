//! `serve`: the HTTP server.

use crate::args::{LogFormat, LogLevel, ServeArgs};
use crate::error::CliError;
use crate::place::require_database;
use crate::session::Session;
use seatcore::Engine;
use seatcore::error::Code;
use seatcore_http::{Options, StartError, Tls, logging};
use tracing::Level;

/// Serves until told to stop.
pub fn run(session: &mut Session<'_, '_>, args: ServeArgs) -> Result<(), CliError> {
    let path = session.path();
    require_database(&path)?;
    let format = match args.log_format {
        LogFormat::Text => logging::LogFormat::Text,
        LogFormat::Json => logging::LogFormat::Json,
    };
    let _log = logging::start(format, level(args.log_level));
    if args.allow_plain_http {
        session.note("warning: passwords and sessions cross the network unencrypted")?;
    }
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    let tls = tls.map(|(certificate, key)| Tls::load(certificate, key)).transpose();
    let tls = tls.map_err(|error| CliError::usage(error.to_string()))?;
    let engine = session.opened(Engine::builder().create(false), &path)?;
    let (bind, named) = (args.bind, args.base_url.is_some());
    let options = Options { tls, ..options(session, args) };
    let mut told = Ok(());
    let served = seatcore_http::run(engine.clone(), options, bind, |server| {
        told = session.note(&format!("listening on {}", server.url()));
        // What browsers are told need not be where a proxy finds it.
        if let Some(bound) = server.local_addr().ok().filter(|_| named && told.is_ok()) {
            told = session.note(&format!("bound to {bound}"));
        }
    });
    // The file is closed before the process says that it has ended.
    engine.close();
    served.map_err(explained)?;
    told
}

fn options(session: &Session<'_, '_>, args: ServeArgs) -> Options {
    Options {
        base_url: args.base_url,
        hosts: args.hosts,
        trusted_proxies: args.trusted_proxies,
        cors_origins: args.cors_origins,
        classic: !args.no_classic,
        allow_plain_http: args.allow_plain_http,
        zone: session.zone(),
        dashboard: args.dashboard,
        ..Options::default()
    }
}

const fn level(level: LogLevel) -> Level {
    match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    }
}

pub(super) fn explained(error: StartError) -> CliError {
    let what = error.to_string();
    match error {
        StartError::Engine(failure) => failure.into(),
        StartError::PlainHttp(_) => CliError::usage(what).hint(
            "name a certificate with --tls-cert and --tls-key, let a proxy encrypt and name it \
             with --base-url https://…, or add --allow-plain-http in a closed network",
        ),
        StartError::DemoUser(_) => CliError::usage(what).hint(
            "`seatcore users password demo_user_123` sets another, `users remove` removes it",
        ),
        // Somebody else has the port, or it is not for us: nothing was typed wrongly.
        StartError::Bind { .. } => CliError::refused(Code::Storage, what),
        _ => CliError::usage(what),
    }
}
