//! Redirects: which are followed, what goes along, and what never does.

use std::{sync::Arc, time::Duration};

use peer::{Peer, tls::Certificate};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::Instant,
};
use websocket_anywhere::{Control, Error, ErrorKind, HResult, Message, MessageWebSocket, StreamWebSocket};

use super::memory_pipe::read_head;
use crate::support::{report, soon, unique_id};

/// A path of the peer that answers with this status and this `Location`.
fn redirecting(status: u16, location: &str) -> String {
    format!("/reject/{status}?header=Location:{}", utf8_percent_encode(location, NON_ALPHANUMERIC))
}

async fn connect(url: &str, control: Control) -> Result<MessageWebSocket, Error> {
    soon(MessageWebSocket::connect_with(url, control)).await
}

fn cause(error: &Error) -> String {
    std::error::Error::source(error).expect("it has a cause").to_string()
}

#[tokio::test]
async fn each_kind_of_redirect_is_followed_and_the_url_in_the_end_is_told() {
    let peer = Peer::shared();
    let (port, end) = (peer.addr().port(), peer.url("/echo?a=b"));
    for status in [301, 302, 303, 307, 308] {
        for location in [
            "/echo?a=b".to_owned(),
            "../echo?a=b".to_owned(),
            format!("//127.0.0.1:{port}/echo?a=b"),
            format!("http://127.0.0.1:{port}/echo?a=b"),
            format!("ws://127.0.0.1:{port}/echo?a=b#part"),
            peer.url(&redirecting(303, "/echo?a=b")),
        ] {
            let url = peer.url(&redirecting(status, &location));
            let mut socket = connect(&url, Control::new().max_redirects(2)).await.unwrap();
            assert_eq!(socket.information().url(), Some(&*end), "{status} {location}");
            soon(socket.send("there")).await.unwrap();
            assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("there")));
            let stream = StreamWebSocket::connect_with(&url, Control::new().max_redirects(2));
            assert_eq!(soon(stream).await.unwrap().information().url(), Some(&*end));
        }
    }
}

#[tokio::test]
async fn what_is_no_redirect_or_leads_nowhere_is_a_refusal_that_says_why() {
    let peer = Peer::shared();
    let unfollowed = [
        (300, Some("/echo"), None),
        (304, Some("/echo"), None),
        (305, Some("/echo"), None),
        (404, Some("/echo"), None),
        (302, None, Some("no Location")),
        (302, Some("ws://"), Some("no URL")),
        (302, Some("http://127.0.0.1:99999/"), Some("no URL")),
        (302, Some("ftp://127.0.0.1/echo"), Some("no URL of HTTP")),
        (302, Some("javascript:alert(1)"), Some("no URL of HTTP")),
        (302, Some("ws://user:password@127.0.0.1/echo"), Some("credentials")),
    ];
    for (status, location, why) in unfollowed {
        let path = location.map_or_else(|| format!("/reject/{status}"), |location| redirecting(status, location));
        let error = connect(&peer.url(&path), Control::new().max_redirects(9)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpStatus(status), "{location:?}: {error:?}");
        assert_eq!(error.hresult(), HResult::new(0x8019_0000 + u32::from(status)));
        assert_eq!(error.response().unwrap().headers().get("Location"), location);
        match why {
            Some(why) => assert!(cause(&error).contains(why), "{}", cause(&error)),
            None => assert!(std::error::Error::source(&error).is_none(), "{error:?}"),
        }
        assert!(!format!("{error:?}{error}").contains("password"), "{error:?}");
    }
}

#[tokio::test]
async fn a_loop_ends_after_as_many_redirects_as_are_allowed() {
    for allowed in [0, 1, 5] {
        let id = unique_id();
        // Relative to itself, but for the fragment, which is not sent.
        let url = Peer::shared().url(&format!("{}&id={id}", redirecting(307, "#again")));
        let error = connect(&url, Control::new().max_redirects(allowed)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::HttpStatus(307));
        if allowed > 0 {
            assert!(cause(&error).contains("max_redirects"), "{error:?}");
        }
        let record = report(&id, "end").await;
        let count = record.lines().filter(|line| *line == "open").count();
        assert_eq!(count, 1 + allowed as usize, "{record}");
    }
}

/// Everything that a program says about itself.
fn outspoken() -> Control {
    Control::new()
        .server_credential("user", "secret")
        .preemptive_credential(true)
        .request_header("Cookie", "secret=1")
        .request_header("X-Api-Key", "secret")
        .request_header("User-Agent", "own")
        .supported_protocol("chat")
}

#[tokio::test]
async fn headers_and_credentials_stay_with_the_origin_of_the_url() {
    let (home, away) = (Peer::start().unwrap(), Peer::start().unwrap());
    let end = |peer: &Peer, id: &str| peer.url(&format!("/protocol?answer=chat&id={id}"));
    let through = |peer: &Peer, to: &str| peer.url(&redirecting(302, to));
    let localhost = |url: &str| url.replace("127.0.0.1", "localhost");
    type Way<'a> = (&'a str, bool, &'a Peer, &'a dyn Fn(&str) -> String);
    let ways: [Way<'_>; 4] = [
        ("same origin", true, &home, &|id| through(&home, &end(&home, id))),
        ("another port", false, &away, &|id| through(&home, &end(&away, id))),
        ("another name of the same server", false, &home, &|id| through(&home, &localhost(&end(&home, id)))),
        ("away and back", false, &home, &|id| through(&home, &through(&away, &end(&home, id)))),
    ];
    for (name, is_told, last, way) in ways {
        let id = unique_id();
        connect(&way(&id), outspoken().max_redirects(2)).await.unwrap();
        let record = last.url(&format!("/report?id={id}&until=end"));
        let mut report = connect(&record, Control::new()).await.unwrap();
        let record = soon(report.receive()).await.unwrap().unwrap();
        let record = record.as_text().unwrap();
        for said in [
            "request Authorization: Basic",
            "request Cookie: secret=1",
            "request X-Api-Key: secret",
            "request User-Agent: own",
        ] {
            assert_eq!(record.contains(said), is_told, "{name}: {said} in {record}");
        }
        assert!(is_told || !record.contains("User-Agent"), "{name}: {record}");
        assert!(record.contains("request Sec-WebSocket-Protocol: chat"), "{name}: {record}");
    }
}

#[tokio::test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn from_wss_to_ws_leads_no_redirect_and_the_other_way_it_does() {
    let secure = Peer::start_tls(Certificate::Good).unwrap();
    let plain = Peer::shared();
    let control = Control::new().max_redirects(5).root_certificate(secure.root_der());
    for scheme in ["ws", "http"] {
        let location = plain.url("/echo").replace("ws://", &format!("{scheme}://"));
        let error = connect(&secure.url(&redirecting(308, &location)), control.clone()).await.unwrap_err();
        assert_eq!(
            (error.kind(), &*cause(&error)),
            (ErrorKind::HttpStatus(308), "the redirect is not followed: it leads from wss to ws")
        );
    }
    for scheme in ["wss", "https"] {
        let location = secure.url("/echo").replace("wss://", &format!("{scheme}://"));
        let socket = connect(&plain.url(&redirecting(301, &location)), control.clone()).await.unwrap();
        assert_eq!(socket.information().url(), Some(&*secure.url("/echo")));
        assert!(socket.information().server_certificate().is_some());
    }
}

#[tokio::test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn a_client_certificate_stays_with_the_origin_of_the_url() {
    let (home, away) = (Peer::start_tls_asking().unwrap(), Peer::start_tls_asking().unwrap());
    let identity = home.client_identity().unwrap();
    let control = Control::new()
        .max_redirects(1)
        .root_certificate(home.root_der())
        .root_certificate(away.root_der())
        .client_certificate(identity.chain, identity.key);
    connect(&home.url(&redirecting(302, "/echo")), control.clone()).await.unwrap();
    let error = connect(&home.url(&redirecting(302, &away.url("/echo"))), control).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClientCertificate, "{error:?}");
}

/// Accepts a connection, reads its request and answers.
async fn answer(listener: &TcpListener, words: &str) -> TcpStream {
    let (mut tcp, _) = listener.accept().await.unwrap();
    read_head(&mut tcp).await;
    tcp.write_all(words.as_bytes()).await.unwrap();
    tcp
}

#[tokio::test]
async fn redirects_get_no_time_of_their_own() {
    let listener = Arc::new(TcpListener::bind("127.0.0.1:0").await.unwrap());
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let limit = Duration::from_millis(1500);
    let serve = async {
        for _ in 0..2 {
            tokio::time::sleep(limit / 3).await;
            let _ = answer(&listener, "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n").await;
        }
        // The third finds a server that says nothing.
        let (mut tcp, _) = listener.accept().await.unwrap();
        while tcp.read(&mut [0; 512]).await.is_ok_and(|len| len > 0) {}
    };
    let start = Instant::now();
    let connecting = MessageWebSocket::connect_with(&url, Control::new().max_redirects(9).connect_timeout(limit));
    let (outcome, ()) = soon(async { tokio::join!(connecting, serve) }).await;
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
    // Each with time of its own would have taken the limit after the second answer: 5/3 of it.
    assert!(start.elapsed() < limit * 4 / 3, "{:?}", start.elapsed());
}

#[tokio::test]
#[cfg_attr(not(feature = "proxy"), ignore = "it needs the feature proxy")]
async fn a_proxy_that_redirects_is_not_followed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = websocket_anywhere::Proxy::Http(format!("http://{}", listener.local_addr().unwrap()));
    let location = Peer::shared().url("/echo");
    let control = Control::new().max_redirects(9).proxy(proxy);
    let words = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    let (outcome, _) = tokio::join!(connect("ws://server.invalid/", control), answer(&listener, &words));
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::HttpStatus(302));
}
