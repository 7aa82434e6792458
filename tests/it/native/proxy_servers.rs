//! Proxies: hyper's and fast-socks5's, and some that misbehave.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use fast_socks5::{
    server::{Socks5ServerProtocol, run_tcp_proxy},
    util::target_addr::TargetAddr,
};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1, service::service_fn, upgrade,
};
use hyper_util::rt::TokioIo;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream, lookup_host},
};
use tokio_rustls::TlsAcceptor;

/// A proxy that runs as long as the runtime of its test.
pub(crate) struct ProxyServer {
    pub(crate) addr: SocketAddr,
    /// What it was asked for, a line each.
    asked: Arc<Mutex<Vec<String>>>,
}

impl ProxyServer {
    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.addr)
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// A proxy of HTTP, which may want the credentials of RFC 7617's example.
    pub(crate) async fn http(wants_aladdin: bool) -> Self {
        Self::start(move |tcp, asked| serve_http(tcp, asked, wants_aladdin)).await
    }

    /// The same over TLS; gives the certificate to trust.
    pub(crate) async fn https() -> (Self, Vec<u8>) {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(cert.der().to_vec())], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let serve = move |tcp, asked| {
            let acceptor = acceptor.clone();
            async move {
                if let Ok(tls) = acceptor.accept(tcp).await {
                    serve_http(tls, asked, false).await;
                }
            }
        };
        (Self::start(serve).await, cert.der().to_vec())
    }

    /// A proxy of SOCKS5, which may want the same credentials.
    pub(crate) async fn socks5(wants_aladdin: bool) -> Self {
        Self::start(move |tcp, asked| async move {
            let is_aladdin = |user: String, password: String| user == "Aladdin" && password == "open sesame";
            let greeted = match wants_aladdin {
                true => Socks5ServerProtocol::accept_password_auth(tcp, is_aladdin).await.map(|(proxy, _)| proxy),
                false => Socks5ServerProtocol::accept_no_auth(tcp).await,
            };
            let Ok(proxy) = greeted else { return };
            let Ok((proxy, _, target)) = proxy.read_command().await else { return };
            asked.lock().unwrap().push(target.to_string());
            let (host, port) = target.into_string_and_port();
            // The peer has no address of version 6.
            let mut resolved = lookup_host((host, port)).await.unwrap();
            let target = TargetAddr::Ip(resolved.find(SocketAddr::is_ipv4).unwrap());
            let _ = run_tcp_proxy(proxy, &target, Duration::from_secs(10), true).await;
        })
        .await
    }

    /// Waits for the client to speak, then says each answer after some more of the client's words, and ends as told.
    pub(crate) async fn scripted(answers: &'static [&'static [u8]], then: Then) -> Self {
        Self::start(move |mut tcp, asked| async move {
            let mut heard = [0; 4096];
            for answer in answers {
                let Ok(length @ 1..) = tcp.read(&mut heard).await else { return };
                asked.lock().unwrap().push(String::from_utf8_lossy(&heard[..length]).into_owned());
                if tcp.write_all(answer).await.is_err() {
                    return;
                }
            }
            while matches!(then, Then::Stall) && matches!(tcp.read(&mut heard).await, Ok(1..)) {}
            asked.lock().unwrap().push("end".to_owned());
        })
        .await
    }

    async fn start<F>(serve: impl Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(serve(tcp, Arc::clone(&record)));
            }
        });
        Self { addr, asked }
    }
}

/// What a scripted proxy does after its last answer.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// Ends the connection.
    Drop,
    /// Listens without a word until the client leaves.
    Stall,
}

async fn serve_http<S>(transport: S, asked: Arc<Mutex<Vec<String>>>, wants_aladdin: bool)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |request| {
        let asked = Arc::clone(&asked);
        async move { Ok::<_, Infallible>(connect(request, &asked, wants_aladdin).await) }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(transport), service).with_upgrades().await;
}

async fn connect(request: Request<Incoming>, asked: &Mutex<Vec<String>>, wants_aladdin: bool) -> Response<String> {
    let status = |status| Response::builder().status(status).body(String::new()).unwrap();
    let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(request.method(), Method::CONNECT);
    let target = request.uri().authority().unwrap().to_string();
    assert_eq!(text(header::HOST), Some(target.clone()));
    asked.lock().unwrap().push(target.clone());
    let is_aladdin = text(header::PROXY_AUTHORIZATION).as_deref() == Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    if wants_aladdin && !is_aladdin {
        return status(StatusCode::PROXY_AUTHENTICATION_REQUIRED);
    }
    let Ok(mut server) = TcpStream::connect(target).await else { return status(StatusCode::BAD_GATEWAY) };
    tokio::spawn(async move {
        let mut client = TokioIo::new(upgrade::on(request).await.map_err(io::Error::other)?);
        copy_bidirectional(&mut client, &mut server).await
    });
    status(StatusCode::OK)
}
