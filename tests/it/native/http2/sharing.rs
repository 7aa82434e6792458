//! Sockets that share connections.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use futures::future::join_all;
use tokio::sync::Notify;
use websocket_anywhere::{
    ChainValidationResult, CloseCode, Control, ErrorKind, HttpVersion, MessageWebSocket, Proxy, Result,
    SharedConnections,
};

use super::server::{Options, Server};
use crate::{
    native::proxy_servers::ProxyServer,
    support::{known, poll_once, soon, test},
};

async fn connect(server: &Server, path: &str, shared: &SharedConnections) -> MessageWebSocket {
    let control = server.control(HttpVersion::Http2).shared_connections(shared);
    soon(MessageWebSocket::connect_with(&server.url(path), control)).await.unwrap()
}

async fn echo(socket: &mut MessageWebSocket) {
    soon(socket.send("hello")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("hello"));
}

async fn close(mut socket: MessageWebSocket) {
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn a_hundred_sockets_are_streams_of_one_connection() {
    for protocols in [&["h2"][..], &[]] {
        let server = Server::start(Options { protocols, ..Options::default() }).await;
        let shared = SharedConnections::new();
        let mut sockets = join_all((0..100).map(|_| connect(&server, "/echo", &shared))).await;
        assert_eq!((server.connections(), shared.connections()), (1, 1));
        join_all(sockets.iter_mut().map(echo)).await;
        let local = sockets[0].information().local_address();
        for socket in &sockets {
            let information = socket.information();
            assert_eq!((information.local_address(), information.http_version()), (local, Some(HttpVersion::Http2)));
            assert_eq!(information.server_certificate().is_some(), !protocols.is_empty());
        }
        join_all(sockets.into_iter().map(close)).await;
        let mut late = connect(&server, "/echo", &shared).await;
        echo(&mut late).await;
        assert_eq!(server.connections(), 1, "it stays for a while");
    }
}

#[test]
#[cfg_attr(not(all(feature = "proxy", feature = "tls")), ignore = "it needs the features proxy and tls")]
async fn sockets_of_different_settings_share_nothing() {
    let server = Server::start(Options { protocols: &["h2"], ..Options::default() }).await;
    let proxy = ProxyServer::http(false).await;
    let shared = SharedConnections::new();
    let control = || server.control(HttpVersion::Http2).shared_connections(&shared);
    let by_proxy = || Proxy::Http(proxy.url("http"));
    type Row<'a> = (&'a str, Control, usize);
    let from = Ipv4Addr::LOCALHOST;
    let rows: [Row<'_>; 11] = [
        ("the first", control(), 1),
        ("equal settings", control(), 1),
        ("credentials", control().server_credential("user", "pass"), 2),
        ("other credentials", control().server_credential("user", "other"), 3),
        ("equal credentials", control().server_credential("user", "pass"), 3),
        ("TLS", control().ignorable_server_certificate_errors([ChainValidationResult::Expired]), 4),
        ("a proxy", control().proxy(by_proxy()), 5),
        ("the same proxy", control().proxy(by_proxy()), 5),
        ("what only tunes", control().no_delay(false).receive_timeout(None), 5),
        ("an address of its own", control().local_address(from), 6),
        ("the same address", control().local_address(from), 6),
    ];
    let mut sockets = Vec::new();
    for (row, control, expected) in rows {
        sockets.push(soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await.unwrap());
        assert_eq!(server.connections(), expected, "{row}");
    }
    let other = Server::start(Options { protocols: &["h2"], ..Options::default() }).await;
    let control = other.control(HttpVersion::Http2).shared_connections(&shared);
    sockets.push(soon(MessageWebSocket::connect_with(&other.url("/echo"), control)).await.unwrap());
    assert_eq!((server.connections(), other.connections(), shared.connections()), (6, 1, 7));
    join_all(sockets.iter_mut().map(echo)).await;
}

#[test]
async fn where_a_server_allows_no_more_streams_there_is_another_connection() {
    let server = Server::start(Options { max_streams: Some(3), ..Options::default() }).await;
    let shared = SharedConnections::new();
    let mut sockets = join_all((0..7).map(|_| connect(&server, "/echo", &shared))).await;
    assert_eq!((server.connections(), shared.connections()), (3, 3));
    join_all(sockets.iter_mut().map(echo)).await;
    // Where a stream has ended there is room for another.
    close(sockets.remove(0)).await;
    sockets.push(connect(&server, "/echo", &shared).await);
    assert_eq!(server.connections(), 3);
}

#[test]
async fn a_connection_that_goes_away_gets_no_more_sockets_and_ends_with_those_it_has() {
    let server = Server::start(Options::default()).await;
    let shared = SharedConnections::new();
    let mut old = connect(&server, "/goaway", &shared).await;
    echo(&mut old).await;
    let mut new = connect(&server, "/echo", &shared).await;
    assert_eq!((server.connections(), shared.connections()), (2, 1));
    join_all([&mut old, &mut new].map(echo)).await;
    close(old).await;
    known(|| (server.ended() == 1).then_some(())).await;
    echo(&mut new).await;
}

#[test]
async fn a_socket_that_does_not_receive_or_whose_peer_does_not_stops_no_other() {
    let server = Server::start(Options::default()).await;
    let shared = SharedConnections::new();
    let mut slow = Vec::new();
    for _ in 0..8 {
        // It sends as much as it may.
        slow.push(connect(&server, "/flood", &shared).await);
    }
    let mut deaf = connect(&server, "/deaf", &shared).await;
    soon(deaf.send(vec![0; 1 << 20])).await.unwrap();
    let mut quick = connect(&server, "/echo", &shared).await;
    for _ in 0..100 {
        echo(&mut quick).await;
    }
    assert_eq!(server.connections(), 1);
    assert!(deaf.buffered_amount() > 0, "the server takes something");
}

#[test]
async fn a_connection_that_nobody_uses_ends_after_its_time() {
    for millis in [0, 50] {
        let server = Server::start(Options::default()).await;
        let shared = SharedConnections::with_idle_timeout(Duration::from_millis(millis));
        let sockets = join_all((0..2).map(|_| connect(&server, "/echo", &shared))).await;
        assert_eq!((server.connections(), server.ended()), (1, 0));
        join_all(sockets.into_iter().map(close)).await;
        known(|| (server.ended() == 1 && shared.connections() == 0).then_some(())).await;
        let mut again = connect(&server, "/echo", &shared).await;
        echo(&mut again).await;
        assert_eq!(server.connections(), 2, "{millis} ms");
    }
}

#[test]
async fn connections_end_with_their_sockets_once_nobody_has_them() {
    let server = Server::start(Options::default()).await;
    let shared = SharedConnections::with_idle_timeout(Duration::MAX);
    let mut socket = connect(&server, "/echo", &shared).await;
    drop(shared);
    echo(&mut socket).await;
    close(socket).await;
    known(|| (server.ended() == 1).then_some(())).await;
}

#[test]
async fn who_gives_up_making_a_connection_leaves_it_to_the_next() {
    let gate = Arc::new(Notify::new());
    let server = Server::start(Options { gate: Some(gate.clone()), ..Options::default() }).await;
    let shared = SharedConnections::new();
    let mut first = Box::pin(connect(&server, "/echo", &shared));
    let mut second = Box::pin(connect(&server, "/echo", &shared));
    while server.connections() == 0 {
        assert!(poll_once(&mut first).is_pending());
        assert!(poll_once(&mut second).is_pending());
        tokio::task::yield_now().await;
    }
    drop(first);
    while server.connections() == 1 {
        assert!(poll_once(&mut second).is_pending());
        tokio::task::yield_now().await;
    }
    gate.notify_waiters();
    gate.notify_one();
    echo(&mut second.await).await;
    assert_eq!(shared.connections(), 1);
}

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn sockets_to_a_server_of_http_1_do_not_wait_for_each_other() {
    // The first of them finds out that a server of HTTP/2 has no WebSockets.
    let rows: [(&[&str], bool, usize); 2] = [(&["http/1.1"], true, 10), (&["h2", "http/1.1"], false, 11)];
    for (protocols, has_websockets, expected) in rows {
        let server = Server::start(Options { protocols, has_websockets, ..Options::default() }).await;
        ten_by_http1(&server, expected).await;
    }
}

async fn ten_by_http1(server: &Server, expected: usize) {
    let shared = SharedConnections::new();
    let connecting = (0..10).map(|_| {
        let control = server.control(HttpVersion::Auto).shared_connections(&shared);
        let url = server.url("/echo");
        async move { soon(MessageWebSocket::connect_with(&url, control)).await }
    });
    let sockets: Result<Vec<_>> = join_all(connecting).await.into_iter().collect();
    for socket in &mut sockets.unwrap() {
        assert_eq!(socket.information().http_version(), Some(HttpVersion::Http1));
        echo(socket).await;
    }
    assert_eq!((server.connections(), shared.connections()), (expected, 0));
}

#[test]
async fn a_connection_that_shows_no_sign_of_life_gets_no_more_sockets() {
    let server = Server::start(Options::default()).await;
    let shared = SharedConnections::new();
    let old = connect(&server, "/echo", &shared).await;
    let control = server.control(HttpVersion::Http2).shared_connections(&shared);
    let url = server.url("/freeze");
    let mut frozen = Box::pin(MessageWebSocket::connect_with(&url, control));
    while server.seen.requests.lock().unwrap().len() < 2 {
        assert!(poll_once(&mut frozen).is_pending());
        tokio::task::yield_now().await;
    }
    drop(frozen);
    let mut new = connect(&server, "/echo", &shared).await;
    echo(&mut new).await;
    assert_eq!((server.connections(), shared.connections()), (2, 1));
    drop(old);
}

#[test]
async fn connections_of_http_1_cannot_be_shared() {
    let control = Control::new().shared_connections(&SharedConnections::new());
    let error = soon(MessageWebSocket::connect_with("ws://localhost/", control)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    assert!(error.to_string().contains("shared_connections"), "{error}");
}
