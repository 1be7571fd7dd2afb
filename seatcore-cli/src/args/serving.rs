//! Arguments of `serve`.

use crate::reading;
use clap::{Args, ValueEnum};
use seatcore_http::BaseUrl;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// How to serve.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Other machines reach it encrypted only: with a certificate of its own, which is
read again on SIGHUP, or through a proxy, which --base-url and --trusted-proxy
name.

Examples:
  seatcore serve  # http://127.0.0.1:8000
  seatcore serve --bind 127.0.0.1:9000 --log-format json
  seatcore serve --base-url https://tickets.example --trusted-proxy 127.0.0.1
  seatcore serve --tls-cert fullchain.pem --tls-key privkey.pem")]
pub struct ServeArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8000")]
    #[arg(value_parser = reading::address)]
    pub bind: SocketAddr,
    /// Where browsers find it
    #[arg(long, value_name = "URL")]
    pub base_url: Option<BaseUrl>,
    /// Certificates as PEM, its own first: answers HTTPS, and HTTP/2 in it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Another name it may be asked under; may be repeated
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// A proxy that is believed about who stands behind it; may be repeated
    #[arg(long = "trusted-proxy", value_name = "ADDR", value_parser = reading::proxy)]
    pub trusted_proxies: Vec<IpAddr>,
    /// An origin whose pages may use the API; may be repeated
    #[arg(long = "cors-origin", value_name = "ORIGIN")]
    pub cors_origins: Vec<BaseUrl>,
    /// Lines of the log
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// How much is logged
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log_level: LogLevel,
    /// Leave out the classic API under /api/seats
    #[arg(long)]
    pub no_classic: bool,
    /// Sign-in without encryption from other machines: in a closed network only
    #[arg(long)]
    pub allow_plain_http: bool,
    /// The dashboard's files from this folder
    #[arg(long, value_name = "DIR", hide = true)]
    pub dashboard: Option<PathBuf>,
}

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// What went wrong.
    Error,
    /// Also what is odd.
    Warn,
    /// Also every request.
    Info,
    /// Also every connection that ended early.
    Debug,
}

impl From<super::RunServerArgs> for ServeArgs {
    fn from(args: super::RunServerArgs) -> Self {
        Self {
            bind: args.address.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8000))),
            base_url: None,
            tls_cert: None,
            tls_key: None,
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            log_format: LogFormat::Text,
            log_level: LogLevel::Info,
            no_classic: false,
            allow_plain_http: false,
            dashboard: None,
        }
    }
}
