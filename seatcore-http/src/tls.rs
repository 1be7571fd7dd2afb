//! TLS: a certificate and its key, read from files when the server starts and again when they
//! were renewed. HTTP/2 is offered inside it, and nowhere else.

use arc_swap::ArcSwap;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, ServerConfig};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What clients may speak inside, best first.
const PROTOCOLS: [&[u8]; 2] = [HTTP_2, b"http/1.1"];
const HTTP_2: &[u8] = b"h2";

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read, or has nothing of the kind in it.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        error: pem::Error,
    },
    /// The key is not the certificate's, or is of an unknown kind.
    #[error("{} cannot be served: {error}", path.display())]
    Pair {
        /// The certificate.
        path: PathBuf,
        /// What is wrong.
        error: Error,
    },
}

/// A certificate with its key. Clones share both, and what [`reload`](Self::reload) puts in
/// their place.
#[derive(Clone)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
}

/// The pair that new connections are served with.
#[derive(Debug)]
struct Current(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads a chain of certificates, the server's own first, and its private key, both as PEM.
    ///
    /// # Errors
    /// If a file cannot be read, or if the two do not belong together.
    pub fn load(
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Self, TlsError> {
        let (certificate, key) = (certificate.into(), key.into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let pair = read(&provider, &certificate, &key)?;
        let current = Arc::new(Current(ArcSwap::from_pointee(pair)));
        let wrong = |error| TlsError::Pair { path: certificate.clone(), error };
        let builder = ServerConfig::builder_with_provider(provider.clone());
        let builder = builder.with_safe_default_protocol_versions().map_err(wrong)?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(current.clone());
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Self { certificate, key, provider, current, config: Arc::new(config) })
    }

    /// Reads both files again: connections that begin from now on get what they hold. Nothing
    /// changes if they cannot be read, or do not belong together.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn reload(&self) -> Result<(), TlsError> {
        let pair = read(&self.provider, &self.certificate, &self.key)?;
        self.current.0.store(Arc::new(pair));
        Ok(())
    }

    /// Greets a client, and answers whether it speaks HTTP/2. Takes as long as the client does.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, bool)> {
        let stream = TlsAcceptor::from(self.config.clone()).accept(stream).await?;
        let speaks_2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
        Ok((stream, speaks_2))
    }
}

fn read(
    provider: &CryptoProvider,
    certificate: &Path,
    key: &Path,
) -> Result<CertifiedKey, TlsError> {
    let unread = |path: &Path| {
        let path = path.to_path_buf();
        move |error| TlsError::Read { path, error }
    };
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain: Vec<_> = chain.map_err(unread(certificate))?;
    if chain.is_empty() {
        return Err(unread(certificate)(pem::Error::NoItemsFound));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(unread(key))?;
    let pair = CertifiedKey::from_der(chain, private, provider);
    pair.map_err(|error| TlsError::Pair { path: certificate.to_path_buf(), error })
}
