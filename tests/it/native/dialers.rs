//! Ways to a server that the program chooses: connections and addresses of its own, and TLS over its transports.

use std::{
    error::Error as _,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
    sync::{Arc, Mutex},
    time::Duration,
};

use peer::{Peer, tls::Certificate};
use tokio::{
    io::{AsyncReadExt, BufStream, duplex},
    net::TcpStream,
    time::Instant,
};
use websocket_anywhere::{
    Control, Error, ErrorKind, HResult, Message, MessageWebSocket, Proxy, StreamWebSocket, WebErrorStatus,
};

use super::{
    memory_pipe::{assert_error, read_head},
    proxy_servers::ProxyServer,
};
use crate::support::{poll_once, soon};

async fn connect(url: &str, control: Control) -> Result<MessageWebSocket, Error> {
    soon(MessageWebSocket::connect_with(url, control)).await
}

async fn echoes(socket: &mut MessageWebSocket) {
    soon(socket.send("there")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("there")));
}

/// What a dialer was asked for.
type Asked = Arc<Mutex<Vec<(String, u16)>>>;

/// Settings with a dialer that connects to `peer`, whatever it is asked for, and tells what that was.
fn dialling(peer: &Peer, asked: &Asked, is_buffered: bool) -> Control {
    let (addr, asked) = (peer.addr(), Arc::clone(asked));
    let control = Control::new().root_certificate(peer.root_der());
    if is_buffered {
        return control.dialer(move |host, port| {
            asked.lock().unwrap().push((host, port));
            async move { TcpStream::connect(addr).await.map(BufStream::new) }
        });
    }
    control.dialer(move |host, port| {
        asked.lock().unwrap().push((host, port));
        TcpStream::connect(addr)
    })
}

#[tokio::test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn a_dialer_makes_the_connection_and_all_above_it_is_as_ever() {
    for peer in [Peer::start().unwrap(), Peer::start_tls(Certificate::Good).unwrap()] {
        let scheme = if peer.root_der().is_empty() { "ws" } else { "wss" };
        for is_buffered in [false, true] {
            let asked = Asked::default();
            let control = dialling(&peer, &asked, is_buffered);
            // Nobody listens there, and the certificate is for this name.
            let url = format!("{scheme}://localhost:9/request");
            let mut socket = connect(&url, control.clone()).await.unwrap();
            let head = soon(socket.receive()).await.unwrap().unwrap();
            assert!(head.as_text().unwrap().contains("\nHost: localhost:9\n"), "{head:?}");
            assert_eq!(*asked.lock().unwrap(), [("localhost".to_owned(), 9)]);
            echoes(&mut socket).await;
            let information = socket.information();
            assert_eq!(information.server_certificate().is_some(), scheme == "wss");
            assert_eq!(information.url(), Some(&*url));
            assert_eq!(information.remote_address(), (!is_buffered).then(|| peer.addr()), "TCP tells its addresses");
            assert_eq!(information.local_address().is_some(), !is_buffered);
            assert!(soon(socket.close(1000_u16, "")).await.unwrap().was_clean());
            soon(StreamWebSocket::connect_with(&url, control)).await.unwrap();
        }
    }
}

#[tokio::test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn a_dialer_is_given_hosts_as_tokio_takes_them_and_called_for_each_redirect() {
    let (peer, asked) = (Peer::shared(), Asked::default());
    let control = dialling(peer, &asked, false).max_redirects(1);
    let url = "ws://B%C3%BCcher.Example/reject/302?header=Location:ws:%2F%2F%5B::1%5D:81/echo";
    connect(url, control).await.unwrap();
    let expected = [("xn--bcher-kva.example".to_owned(), 80), ("::1".to_owned(), 81)];
    assert_eq!(*asked.lock().unwrap(), expected);
}

#[tokio::test]
async fn an_error_of_a_dialer_is_the_cause_of_ours() {
    let control =
        Control::new().dialer(|_, _| async { Err::<TcpStream, _>(io::Error::other("no way through the tunnel")) });
    let error = connect("ws://server.invalid/", control).await.unwrap_err();
    assert_error(&error, ErrorKind::CannotConnect, HResult::WININET_E_CANNOT_CONNECT, WebErrorStatus::CannotConnect);
    assert!(error.to_string().contains("server.invalid") && error.kind().is_transient(), "{error}");
    let cause = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(cause.to_string(), "no way through the tunnel");
}

#[tokio::test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn a_dialer_whose_server_shows_another_name_is_refused() {
    let (peer, asked) = (Peer::start_tls(Certificate::Good).unwrap(), Asked::default());
    let error = connect("wss://elsewhere.example/echo", dialling(&peer, &asked, true)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CertificateNameMismatch, "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn connect_timeout_bounds_the_dialer_and_all_above_it() {
    let limit = Duration::from_secs(7);
    let silent = || Control::new().connect_timeout(limit);
    let never = silent().dialer(|_, _| std::future::pending::<io::Result<TcpStream>>());
    // A transport that comes late and then says nothing: what is left of the time is for all above it.
    let late = silent().dialer(|_, _| async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let (here, there) = duplex(10_000);
        tokio::spawn(async move { (tokio::time::sleep(Duration::MAX).await, there) });
        io::Result::Ok(here)
    });
    for (control, stage) in [(never, "dialer"), (late, "opening handshake")] {
        let start = Instant::now();
        let error = MessageWebSocket::connect_with("ws://server.invalid/", control).await.unwrap_err();
        assert_error(&error, ErrorKind::Timeout, HResult::WININET_E_TIMEOUT, WebErrorStatus::Timeout);
        assert!(error.to_string().contains(stage), "{error}");
        assert!((limit..limit + Duration::from_millis(100)).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn giving_up_drops_what_a_dialer_does_and_has_made() {
    let (here, mut there) = duplex(10_000);
    let slot = Arc::new(Mutex::new(Some(here)));
    let control = Control::new().dialer(move |_, _| {
        let transport = slot.lock().unwrap().take().unwrap();
        async { io::Result::Ok(transport) }
    });
    assert!(poll_once(MessageWebSocket::connect_with("ws://server.invalid/", control)).is_pending());
    read_head(&mut there).await;
    assert_eq!(soon(there.read(&mut [0; 1])).await.unwrap(), 0);
}

#[tokio::test]
#[cfg_attr(not(feature = "proxy"), ignore = "it needs the feature proxy")]
async fn what_would_have_no_effect_beside_a_dialer_is_refused_by_name() {
    let dialled = Asked::default();
    let control = || dialling(Peer::shared(), &dialled, false);
    let excluded = [
        ("proxy", control().proxy(Proxy::Http("http://127.0.0.1:9".to_owned()))),
        ("proxy", control().proxy(Proxy::Socks5("socks5://127.0.0.1:9".to_owned()))),
        ("proxy", control().proxy(Proxy::Variables([].into()))),
        ("proxy_credential", control().proxy_credential("user", "password")),
        ("resolve", control().resolve("server.invalid", [Ipv4Addr::LOCALHOST.into()])),
        ("local_address", control().local_address(Ipv4Addr::LOCALHOST)),
    ];
    for (name, control) in excluded {
        let error = connect("ws://server.invalid/", control).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert_eq!(error.to_string(), format!("dialer and {name} exclude each other"));
    }
    assert!(dialled.lock().unwrap().is_empty());
    connect("ws://server.invalid/echo", control().proxy(Proxy::None)).await.unwrap();
}

#[tokio::test]
async fn addresses_of_the_program_take_the_place_of_a_lookup() {
    let peer = Peer::shared();
    let (here, port) = (peer.addr().ip(), peer.addr().port());
    // Nobody listens there.
    let nowhere: IpAddr = Ipv4Addr::new(127, 0, 0, 99).into();
    let cases: [(&str, &str, &[&[IpAddr]]); 5] = [
        ("chat.invalid", "chat.invalid", &[&[here]]),
        ("Chat.INVALID", "chat.invalid", &[&[nowhere, here]]),
        ("chat.invalid", "chat.invalid", &[&[], &[nowhere], &[here]]),
        ("bücher.invalid", "B%C3%9Ccher.invalid", &[&[here]]),
        ("::1", "[::1]", &[&[here]]),
    ];
    for (set, host, resolutions) in cases {
        let control = resolutions.iter().fold(Control::new().resolve("other.invalid", []), |control, addresses| {
            control.resolve(set, addresses.iter().copied())
        });
        let mut socket = connect(&format!("ws://{host}:{port}/request"), control).await.unwrap();
        let head = soon(socket.receive()).await.unwrap().unwrap();
        let head = head.as_text().unwrap().to_lowercase();
        let host = host.to_lowercase().replace("b%c3%9ccher", "xn--bcher-kva");
        assert!(head.contains(&format!("host: {host}:{port}\n")), "{head}");
        assert_eq!(socket.information().remote_address(), Some(peer.addr()));
    }
}

#[tokio::test]
async fn without_an_address_or_for_what_is_no_host_there_is_a_clear_error() {
    let error = connect("ws://chat.invalid/", Control::new().resolve("chat.invalid", [])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::HostNameNotResolved);
    for host in ["", "a b", "example.com/path", "example.com:80", "1.2.3.4.5"] {
        let control = Control::new().resolve(host, [Ipv4Addr::LOCALHOST.into()]);
        let error = connect(&Peer::shared().url("/echo"), control).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{host}");
        assert!(error.to_string().contains("resolve"), "{error}");
    }
}

#[tokio::test]
#[cfg_attr(not(feature = "proxy"), ignore = "it needs the feature proxy")]
async fn a_proxy_is_asked_for_the_address_that_the_program_knows() {
    let peer = Peer::shared();
    let port = peer.addr().port();
    let (http, socks) = (ProxyServer::http(false).await, ProxyServer::socks5(false).await);
    let proxies = [(&http, Proxy::Http(http.url("http"))), (&socks, Proxy::Socks5(socks.url("socks5h")))];
    for (server, proxy) in proxies {
        let control = Control::new().proxy(proxy).resolve("chat.invalid", [peer.addr().ip()]);
        let mut socket = connect(&format!("ws://chat.invalid:{port}/request"), control).await.unwrap();
        assert_eq!(server.asked(), [peer.addr().to_string()]);
        let head = soon(socket.receive()).await.unwrap().unwrap();
        assert!(head.as_text().unwrap().contains(&format!("Host: chat.invalid:{port}\n")), "{head:?}");
    }
    // The proxy itself may have such a name.
    let url = format!("http://proxy.invalid:{}", http.addr.port());
    let control = Control::new().proxy(Proxy::Http(url)).resolve("proxy.invalid", [http.addr.ip()]);
    connect(&peer.url("/echo"), control).await.unwrap();
}

#[tokio::test]
async fn a_connection_comes_from_the_address_that_the_program_names() {
    // Not all systems have the whole network of the loopback.
    let other = Ipv4Addr::new(127, 0, 0, 5);
    let local = if UdpSocket::bind((other, 0)).is_ok() { other } else { Ipv4Addr::LOCALHOST };
    let socket = connect(&Peer::shared().url("/echo"), Control::new().local_address(local)).await.unwrap();
    assert_eq!(socket.information().local_address().unwrap().ip(), IpAddr::from(local));

    let refused: [(IpAddr, &str); 2] = [
        (Ipv4Addr::new(192, 0, 2, 1).into(), "from the local_address 192.0.2.1"),
        (Ipv6Addr::LOCALHOST.into(), "reached from ::1"),
    ];
    for (local, words) in refused {
        let error = connect(&Peer::shared().url("/echo"), Control::new().local_address(local)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CannotConnect);
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn tls_is_made_over_a_transport_if_the_program_asks() {
    let peer = Peer::start_tls(Certificate::Good).unwrap();
    let control = || Control::new().root_certificate(peer.root_der());
    let transport = || TcpStream::connect(peer.addr());
    let url = "wss://localhost/echo";
    let handshake = MessageWebSocket::handshake_with_tls(transport().await.unwrap(), url, control());
    let mut socket = soon(handshake).await.unwrap();
    echoes(&mut socket).await;
    assert!(socket.information().server_certificate().is_some());
    assert_eq!(socket.information().url(), Some(url));
    let handshake = StreamWebSocket::handshake_with_tls(transport().await.unwrap(), url, control());
    soon(handshake).await.unwrap();

    // The name in TLS is that of the URL.
    let url = "wss://elsewhere.example/echo";
    let handshake = MessageWebSocket::handshake_with_tls(transport().await.unwrap(), url, control());
    assert_eq!(soon(handshake).await.unwrap_err().kind(), ErrorKind::CertificateNameMismatch);

    let plain = TcpStream::connect(Peer::shared().addr()).await.unwrap();
    let handshake = MessageWebSocket::handshake_with_tls(plain, "ws://localhost/echo", control());
    echoes(&mut soon(handshake).await.unwrap()).await;
}

#[tokio::test]
async fn below_tls_over_a_transport_nothing_can_be_set() {
    for (name, control) in [
        ("proxy", Control::new().proxy(Proxy::None)),
        ("dialer", Control::new().dialer(crate::support::dial)),
        ("resolve", Control::new().resolve("localhost", [])),
        ("local_address", Control::new().local_address(Ipv4Addr::LOCALHOST)),
        ("max_redirects", Control::new().max_redirects(1)),
    ] {
        let (client, mut server) = duplex(10_000);
        let handshake = MessageWebSocket::handshake_with_tls(client, "wss://localhost/", control);
        let error = soon(handshake).await.unwrap_err();
        assert_error(&error, ErrorKind::NotSupported, HResult::E_NOTIMPL, WebErrorStatus::Unknown);
        assert!(error.to_string().ends_with(name), "{error}");
        assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0);
    }
}

#[tokio::test(start_paused = true)]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn a_silent_transport_times_out_in_tls() {
    let (client, _server) = duplex(10_000);
    let control = Control::new().connect_timeout(Duration::from_secs(7));
    let error = MessageWebSocket::handshake_with_tls(client, "wss://localhost/", control).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("TLS"), "{error}");
}
