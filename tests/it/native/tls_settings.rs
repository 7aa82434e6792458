//! The versions of TLS, and its secrets.

use std::{net::SocketAddr, path::Path, sync::Arc};

use futures::{SinkExt, StreamExt};
use peer::{Peer, tls::Certificate};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ServerConfig, SupportedProtocolVersion,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
    version::{TLS12, TLS13},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use websocket_anywhere::{Control, Error, ErrorKind, HResult, MessageWebSocket, Proxy, TlsVersion, WebErrorStatus};

use super::{alone::alone, memory_pipe::assert_error};
use crate::support::soon;

/// A server of these versions, which echoes, and its certificate.
async fn server(versions: &[&'static SupportedProtocolVersion]) -> (SocketAddr, Vec<u8>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(cert.der().to_vec())], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let Ok(tls) = acceptor.accept(tcp).await else { continue };
            let Ok(mut socket) = tokio_tungstenite::accept_async(tls).await else { continue };
            while let Some(Ok(message)) = socket.next().await {
                if socket.send(message).await.is_err() {
                    break;
                }
            }
        }
    });
    (address, cert.der().to_vec())
}

async fn connect(address: SocketAddr, control: Control) -> Result<MessageWebSocket, Error> {
    soon(MessageWebSocket::connect_with(&format!("wss://{address}/"), control)).await
}

#[tokio::test]
async fn no_older_version_is_spoken_than_the_oldest() {
    let (old, new): (&[_], &[_]) = (&[&TLS12], &[&TLS13]);
    for (versions, min, is_spoken) in [
        (old, TlsVersion::Tls12, true),
        (new, TlsVersion::Tls12, true),
        (old, TlsVersion::Tls13, false),
        (new, TlsVersion::Tls13, true),
        (&[&TLS12, &TLS13], TlsVersion::Tls13, true),
    ] {
        let (address, root) = server(versions).await;
        let control = Control::new().root_certificate(root).min_tls_version(min);
        let outcome = connect(address, control).await;
        match outcome {
            Ok(_) => assert!(is_spoken, "{versions:?} {min:?}"),
            Err(error) => {
                assert!(!is_spoken, "{versions:?} {min:?}: {error:?}");
                let (hresult, status) = (HResult::WININET_E_SECURITY_CHANNEL_ERROR, WebErrorStatus::Unknown);
                assert_error(&error, ErrorKind::Tls, hresult, status);
            }
        }
    }
}

#[tokio::test]
async fn a_proxy_speaks_no_older_version_either() {
    let (address, root) = server(&[&TLS12]).await;
    let control = Control::new()
        .proxy(Proxy::Http(format!("https://{address}")))
        .root_certificate(root)
        .min_tls_version(TlsVersion::Tls13);
    let error = soon(MessageWebSocket::connect_with("ws://server.invalid/", control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error:?}");
}

/// Connects in a process whose environment names this file, which gives the outcome; in the other one there is none.
async fn logged(test: &str, file: &Path, control: Control) -> Option<Result<MessageWebSocket, Error>> {
    let test = format!("native::tls_settings::{test}");
    if !alone(&test, &[("SSLKEYLOGFILE", file.as_os_str())]).await {
        return None;
    }
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let control = control.root_certificate(server.root_der());
    Some(soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await)
}

#[tokio::test]
async fn secrets_are_written_where_the_environment_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets");
    let test = "secrets_are_written_where_the_environment_says";
    match logged(test, &file, Control::new().key_log(true)).await {
        Some(outcome) => drop(outcome.unwrap()),
        None => {
            let secrets = std::fs::read_to_string(&file).unwrap();
            assert!(secrets.contains("CLIENT_HANDSHAKE_TRAFFIC_SECRET "), "{secrets}");
        }
    }
}

#[tokio::test]
async fn no_secrets_are_written_unless_the_program_asks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secrets");
    match logged("no_secrets_are_written_unless_the_program_asks", &file, Control::new()).await {
        Some(outcome) => drop(outcome.unwrap()),
        None => assert!(!file.exists(), "{:?}", std::fs::read_to_string(&file)),
    }
}

#[tokio::test]
async fn secrets_that_cannot_be_written_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    // A folder is no file.
    let control = Control::new().key_log(true);
    if let Some(outcome) = logged("secrets_that_cannot_be_written_are_an_error", folder.path(), control).await {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tls);
        assert!(error.to_string().contains("key_log"), "{error}");
    }
}
