//! The servers of the samples: not this crate, so that this crate is judged by another.

use std::{io, sync::Arc};

use anyhow::Result;
use futures::{SinkExt, StreamExt};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        self,
        handshake::server::{ErrorResponse, Request, Response},
        http::StatusCode,
    },
};

/// Where the servers listen.
pub(crate) struct Servers {
    /// Echoes on `/`, and refuses any other path with 404.
    pub(crate) echo: String,
    /// The same over TLS.
    pub(crate) secure: String,
    /// Accepts TCP and never says a word.
    pub(crate) silent: String,
    /// The authority to trust, in DER.
    pub(crate) authority: Vec<u8>,
    /// Nobody accepts, but the system does.
    _silence: TcpListener,
}

impl Servers {
    pub(crate) async fn start() -> Result<Self> {
        let (echo, secure, silence) = (listen().await?, listen().await?, listen().await?);
        let url = |scheme, listener: &TcpListener| {
            io::Result::Ok(format!("{scheme}://localhost:{}/", listener.local_addr()?.port()))
        };
        let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let authority = identity.cert.der().to_vec();
        let key = PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![identity.cert.der().clone()], key.into())?;
        let servers = Self {
            echo: url("ws", &echo)?,
            secure: url("wss", &secure)?,
            silent: url("ws", &silence)?,
            authority,
            _silence: silence,
        };
        tokio::spawn(serve(echo, None));
        tokio::spawn(serve(secure, Some(TlsAcceptor::from(Arc::new(config)))));
        Ok(servers)
    }
}

async fn listen() -> io::Result<TcpListener> {
    TcpListener::bind("127.0.0.1:0").await
}

async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>) {
    while let Ok((tcp, _)) = listener.accept().await {
        let tls = tls.clone();
        tokio::spawn(async move {
            match tls {
                None => echo(tcp).await,
                Some(acceptor) => echo(acceptor.accept(tcp).await?).await,
            }
        });
    }
}

async fn echo(transport: impl AsyncRead + AsyncWrite + Unpin) -> tungstenite::Result<()> {
    let mut socket = accept_hdr_async(transport, only_root).await?;
    while let Some(message) = socket.next().await.transpose()? {
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}

#[allow(clippy::result_large_err, reason = "the signature is tungstenite's")]
fn only_root(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    if request.uri().path() == "/" {
        return Ok(response);
    }
    let mut refusal = ErrorResponse::new(None);
    *refusal.status_mut() = StatusCode::NOT_FOUND;
    Err(refusal)
}
