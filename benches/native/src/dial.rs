//! The connection below a peer's WebSocket: TCP or TLS, each as a careful program has it.

use std::sync::Arc;

use anyhow::Result;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::clients::Target;

/// What a WebSocket is opened over. Peers are generic over it, as their programs are: a choice for each read would be measured.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Sync + Unpin + 'static {
    /// Connects, without delay of small packets.
    fn dial(target: &Target) -> impl Future<Output = Result<Self>> + Send
    where
        Self: Sized;
}

impl Socket for TcpStream {
    async fn dial(target: &Target) -> Result<Self> {
        let stream = Self::connect(target.server).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl Socket for TlsStream<TcpStream> {
    async fn dial(target: &Target) -> Result<Self> {
        let stream = TcpStream::dial(target).await?;
        let connector = TlsConnector::from(Arc::clone(&target.tls));
        Ok(connector.connect(ServerName::IpAddress(target.server.ip().into()), stream).await?)
    }
}

/// What a program makes once and uses for all its connections, so that sessions are resumed.
pub(crate) fn shared_config(root: &CertificateDer<'static>) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone())?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
