//! The way to a server through HTTP and SOCKS5 proxies, and who chooses it.

use std::{collections::BTreeMap, env, time::Duration};

use peer::{Peer, tls::Certificate};
use tokio::{net::TcpListener, process::Command};
use websocket_anywhere::{
    CloseCode, Control, Error, ErrorKind, HResult, MessageWebSocket, Proxy, Result, StreamWebSocket, WebErrorStatus,
};

use super::proxy_servers::{ProxyServer, Then};
use crate::support::{peer, poll_once, soon, test, yield_now};

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn messages_travel_through_every_kind_of_proxy() {
    let secure = Peer::start_tls(Certificate::Good).unwrap();
    for wants_aladdin in [false, true] {
        let (http, socks5) = (ProxyServer::http(wants_aladdin).await, ProxyServer::socks5(wants_aladdin).await);
        for (server, proxy) in [
            (&http, Proxy::Http(http.url("http"))),
            (&http, Proxy::Http(http.addr.to_string())),
            (&socks5, Proxy::Socks5(socks5.url("socks5"))),
            (&socks5, Proxy::Socks5(socks5.url("socks5h"))),
            (&socks5, Proxy::Socks5(socks5.addr.to_string())),
        ] {
            for url in [peer("/echo"), secure.url("/echo")] {
                let control = Control::new().root_certificate(secure.root_der()).proxy(proxy.clone());
                let control = if wants_aladdin { control.proxy_credential("Aladdin", "open sesame") } else { control };
                let before = server.asked().len();
                let mut socket = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap();
                soon(socket.send("by a roundabout way")).await.unwrap();
                assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("by a roundabout way"));
                assert_eq!(socket.information().remote_address(), Some(server.addr));
                assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
                assert_eq!(server.asked().len(), before + 1);
            }
        }
    }
}

#[test]
async fn a_stream_goes_through_a_proxy_likewise() {
    let proxy = ProxyServer::http(false).await;
    let control = Control::new().proxy(Proxy::Http(proxy.url("http")));
    soon(StreamWebSocket::connect_with(&peer("/echo"), control)).await.unwrap();
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn a_proxy_may_be_spoken_to_by_tls() {
    let secure = Peer::start_tls(Certificate::Good).unwrap();
    let (proxy, certificate) = ProxyServer::https().await;
    let untrusted = Control::new().proxy(Proxy::Http(proxy.url("https")));
    let control = untrusted.clone().root_certificate(certificate).root_certificate(secure.root_der());
    for url in [peer("/echo"), secure.url("/echo")] {
        soon(MessageWebSocket::connect_with(&url, control.clone())).await.unwrap();
    }
    let error = soon(MessageWebSocket::connect_with(&peer("/echo"), untrusted)).await.unwrap_err();
    let status = WebErrorStatus::CertificateContainsErrors;
    assert_error(&error, ErrorKind::CertificateUntrusted, 0x8007_2F0D, status);
}

#[test]
async fn names_are_resolved_where_the_scheme_says() {
    let port = Peer::shared().addr().port();
    let url = format!("ws://localhost:{port}/echo");
    let (http, socks5) = (ProxyServer::http(false).await, ProxyServer::socks5(false).await);
    for (server, proxy, asked) in [
        (&http, Proxy::Http(http.url("http")), format!("localhost:{port}")),
        (&socks5, Proxy::Socks5(socks5.url("socks5h")), format!("localhost:{port}")),
        (&socks5, Proxy::Socks5(socks5.url("socks5")), format!("127.0.0.1:{port}")),
    ] {
        soon(MessageWebSocket::connect_with(&url, Control::new().proxy(proxy))).await.unwrap();
        assert_eq!(server.asked().pop(), Some(asked));
    }
}

#[test]
async fn credentials_may_stand_in_the_url_and_are_outweighed_by_the_setting() {
    let (http, socks5) = (ProxyServer::http(true).await, ProxyServer::socks5(true).await);
    for (scheme, addr) in [("http", http.addr), ("socks5h", socks5.addr)] {
        let proxy = |user: &str| match scheme {
            "http" => Proxy::Http(format!("http://{user}@{addr}")),
            _ => Proxy::Socks5(format!("socks5h://{user}@{addr}")),
        };
        connect(Control::new().proxy(proxy("Aladdin:open%20sesame"))).await.unwrap();
        connect(Control::new().proxy(proxy("a:b")).proxy_credential("Aladdin", "open sesame")).await.unwrap();
        let error = connect(Control::new().proxy(proxy("Aladdin:open%20sesame")).proxy_credential("a", "b")).await;
        assert_unauthenticated(&error.unwrap_err());
    }
}

#[test]
async fn a_proxy_that_wants_other_credentials_says_so() {
    let (http, socks5) = (ProxyServer::http(true).await, ProxyServer::socks5(true).await);
    for proxy in [Proxy::Http(http.url("http")), Proxy::Socks5(socks5.url("socks5h"))] {
        let control = Control::new().proxy(proxy);
        assert_unauthenticated(&connect(control.clone()).await.unwrap_err());
        assert_unauthenticated(&connect(control.clone().proxy_credential("Aladdin", "%")).await.unwrap_err());
        assert_unauthenticated(&connect(control.proxy_credential("a+b c", "100%41")).await.unwrap_err());
    }
}

#[test]
async fn credentials_that_no_proxy_could_read_are_refused() {
    let (http, socks5) = (ProxyServer::http(false).await, ProxyServer::socks5(true).await);
    let long = "x".repeat(256);
    for (proxy, user) in [
        (Proxy::Http(http.url("http")), ""),
        (Proxy::Http(http.url("http")), "a:b"),
        (Proxy::Http(http.url("http")), "a\r\nX: y"),
        (Proxy::Socks5(socks5.url("socks5h")), "a\0"),
        (Proxy::None, "a\x7f"),
        (Proxy::Socks5(socks5.url("socks5h")), ""),
        (Proxy::Socks5(socks5.url("socks5h")), &long),
    ] {
        let error = connect(Control::new().proxy(proxy).proxy_credential(user, "password")).await.unwrap_err();
        assert_error(&error, ErrorKind::InvalidArgument, 0x8007_0057, WebErrorStatus::Unknown);
        assert!(error.to_string().contains("proxy_credential"), "{error}");
    }
}

#[test]
async fn what_a_proxy_refuses_keeps_its_number() {
    for (answer, number, status) in [
        (&b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"[..], 403, WebErrorStatus::Forbidden),
        (b"HTTP/1.1 504 Late\r\n\r\n", 504, WebErrorStatus::GatewayTimeout),
        (b"HTTP/1.0 302 Elsewhere\r\nLocation: http://127.0.0.1/\r\n\r\n", 302, WebErrorStatus::Found),
    ] {
        let answers: &'static [&'static [u8]] = Box::leak(Box::new([answer]));
        let proxy = ProxyServer::scripted(answers, Then::Drop).await;
        let error = connect(Control::new().proxy(Proxy::Http(proxy.url("http")))).await.unwrap_err();
        assert_error(&error, ErrorKind::HttpStatus(number), 0x8019_0000 + u32::from(number), status);
        assert!(error.to_string().contains("proxy"), "{error}");
    }
}

#[test]
async fn a_server_that_the_proxy_cannot_reach_cannot_be_connected_to() {
    let (http, socks5) = (ProxyServer::http(false).await, ProxyServer::socks5(false).await);
    // Bound, and nobody listens.
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("ws://{}/", nobody.local_addr().unwrap());
    for scheme in ["socks5", "socks5h"] {
        let control = Control::new().proxy(Proxy::Socks5(socks5.url(scheme)));
        let error = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap_err();
        assert_error(&error, ErrorKind::CannotConnect, 0x8007_2EFD, WebErrorStatus::CannotConnect);
    }
    let control = Control::new().proxy(Proxy::Http(http.url("http")));
    let error = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap_err();
    assert_error(&error, ErrorKind::HttpStatus(502), 0x8019_01F6, WebErrorStatus::BadGateway);
}

#[test]
async fn a_proxy_that_is_not_there_cannot_be_connected_to() {
    let nobody = tokio::net::TcpSocket::new_v4().unwrap();
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = nobody.local_addr().unwrap();
    for proxy in [Proxy::Http(format!("http://{addr}")), Proxy::Socks5(format!("socks5://{addr}"))] {
        let error = connect(Control::new().proxy(proxy)).await.unwrap_err();
        assert_error(&error, ErrorKind::CannotConnect, 0x8007_2EFD, WebErrorStatus::CannotConnect);
    }
    let control = Control::new().proxy(Proxy::Http("http://nobody.invalid".to_owned()));
    let error = connect(control).await.unwrap_err();
    assert_error(&error, ErrorKind::HostNameNotResolved, 0x8007_2EE7, WebErrorStatus::HostNameNotResolved);
}

#[test]
async fn proxies_that_make_no_sense_are_refused() {
    let http: [&'static [&'static [u8]]; 3] = [
        &[b"SSH-2.0-OpenSSH_9.2\r\n\r\n"],
        &[b"HTTP/1.1 2000 Too much\r\n\r\n"],
        &[b"HTTP/1.1 200 OK\r\n\r\nand something that nobody asked for"],
    ];
    let socks5: [&'static [&'static [u8]]; 2] = [&[b"HT"], &[&[5, 0], &[4, 0, 0, 1, 0, 0, 0, 0, 0, 0]]];
    let http = http.map(|answers| (answers, true));
    for (answers, is_http) in http.into_iter().chain(socks5.map(|answers| (answers, false))) {
        let server = ProxyServer::scripted(answers, Then::Stall).await;
        let proxy = if is_http { Proxy::Http(server.url("http")) } else { Proxy::Socks5(server.url("socks5h")) };
        let error = connect(Control::new().proxy(proxy)).await.unwrap_err();
        let status = WebErrorStatus::ErrorHttpInvalidServerResponse;
        assert_error(&error, ErrorKind::InvalidResponse, 0x8007_2F78, status);
    }
}

#[test]
async fn an_answer_of_a_proxy_that_never_ends_is_bounded() {
    static ENDLESS: [&[u8]; 1] = [&[b'a'; 200_000]];
    let endless: Vec<u8> = [b"HTTP/1.1 200 OK\r\nX: ", ENDLESS[0]].concat();
    let answers: &'static [&'static [u8]] = Box::leak(Box::new([&*Box::leak(endless.into_boxed_slice())]));
    let proxy = ProxyServer::scripted(answers, Then::Stall).await;
    let error = connect(Control::new().proxy(Proxy::Http(proxy.url("http")))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{error:?}");
}

#[test]
async fn a_proxy_that_drops_the_connection_cannot_be_connected_through() {
    for (answers, proxy) in [
        (&[][..], Proxy::Http as fn(String) -> Proxy),
        (&[], Proxy::Socks5),
        (&[&[5_u8, 0][..]], Proxy::Socks5),
        (&[b"HTTP/1.1 200"], Proxy::Http),
    ] {
        let server = ProxyServer::scripted(Box::leak(answers.to_vec().into_boxed_slice()), Then::Drop).await;
        let control = Control::new().proxy(proxy(server.addr.to_string()));
        let error = connect(control).await.unwrap_err();
        assert_error(&error, ErrorKind::CannotConnect, 0x8007_2EFD, WebErrorStatus::CannotConnect);
    }
}

#[test]
async fn a_proxy_that_says_nothing_times_out_and_the_stage_is_named() {
    for (answers, proxy, stage) in [
        (&[][..], Proxy::Http as fn(String) -> Proxy, "proxy"),
        (&[], Proxy::Socks5, "proxy"),
        (&[&[5_u8, 0][..]], Proxy::Socks5, "proxy"),
        (&[b"HTTP/1.1 200 OK\r\n\r\n"], Proxy::Http, "opening handshake"),
    ] {
        let server = ProxyServer::scripted(Box::leak(answers.to_vec().into_boxed_slice()), Then::Stall).await;
        for is_overall in [false, true] {
            let control = Control::new().proxy(proxy(server.addr.to_string()));
            let limit = Duration::from_millis(200);
            let control = if is_overall { control.deadline(Some(limit)) } else { control.connect_timeout(limit) };
            let error = connect(control).await.unwrap_err();
            assert_error(&error, ErrorKind::Timeout, 0x8007_2EE2, WebErrorStatus::Timeout);
            assert!(error.to_string().contains(stage), "{error}");
        }
    }
}

#[test]
async fn giving_up_closes_the_connection_to_the_proxy() {
    for proxy in [Proxy::Http as fn(String) -> Proxy, Proxy::Socks5] {
        let server = ProxyServer::scripted(&[], Then::Stall).await;
        let control = Control::new().proxy(proxy(server.addr.to_string()));
        let url = peer("/echo");
        let mut connecting = Box::pin(MessageWebSocket::connect_with(&url, control));
        for _ in 0..50 {
            assert!(poll_once(connecting.as_mut()).is_pending());
            yield_now().await;
        }
        drop(connecting);
        soon(async {
            while server.asked().is_empty() {
                yield_now().await;
            }
        })
        .await;
        assert_eq!(server.asked(), ["end"]);
    }
}

#[test]
async fn a_proxy_that_makes_no_sense_as_a_url_is_refused() {
    for proxy in [
        Proxy::Http("socks5://127.0.0.1:1".to_owned()),
        Proxy::Http("".to_owned()),
        Proxy::Http("http://".to_owned()),
        Proxy::Http("http://me:sesame@host:port".to_owned()),
        Proxy::Socks5("http://127.0.0.1:1".to_owned()),
        Proxy::Socks5("socks4://127.0.0.1:1".to_owned()),
        variables(&[("HTTP_PROXY", "socks4://127.0.0.1:1")]),
        variables(&[("HTTP_PROXY", "ftp://127.0.0.1:1")]),
        variables(&[("ALL_PROXY", "no url at all")]),
    ] {
        let error = connect(Control::new().proxy(proxy)).await.unwrap_err();
        assert_error(&error, ErrorKind::InvalidArgument, 0x8007_0057, WebErrorStatus::Unknown);
        assert!(!error.to_string().contains("sesame"), "{error}");
    }
}

#[test]
#[cfg_attr(not(feature = "tls"), ignore = "it needs the feature tls")]
async fn variables_choose_by_scheme_and_host() {
    let secure = Peer::start_tls(Certificate::Good).unwrap();
    let (plain_url, secure_url) = (peer("/echo"), secure.url("/echo"));
    let proxy = ProxyServer::http(false).await;
    let (ours, nobody) = (proxy.url("http"), "http://nobody.invalid");
    let cases: &[(&str, Variables<'_>, bool)] = &[
        (&plain_url, &[], false),
        (&plain_url, &[("HTTP_PROXY", &ours)], true),
        (&plain_url, &[("http_proxy", &ours), ("HTTPS_PROXY", nobody)], true),
        (&plain_url, &[("HTTPS_PROXY", nobody)], false),
        (&plain_url, &[("ALL_PROXY", &ours)], true),
        (&plain_url, &[("all_proxy", nobody), ("HTTP_PROXY", &ours)], true),
        (&plain_url, &[("HTTP_PROXY", ""), ("http_proxy", nobody)], false),
        (&secure_url, &[("HTTPS_PROXY", &ours), ("HTTP_PROXY", nobody)], true),
        (&secure_url, &[("https_proxy", &ours)], true),
        (&secure_url, &[("HTTP_PROXY", nobody)], false),
        (&plain_url, &[("HTTP_PROXY", nobody), ("NO_PROXY", "example.com,127.0.0.0/8")], false),
        (&plain_url, &[("HTTP_PROXY", nobody), ("no_proxy", "*")], false),
        (&plain_url, &[("HTTP_PROXY", &ours), ("NO_PROXY", "127.0.0.2")], true),
        (&secure_url, &[("ALL_PROXY", nobody), ("NO_PROXY", ".localhost")], false),
        (&secure_url, &[("ALL_PROXY", "no url at all"), ("NO_PROXY", "localhost")], false),
        (&plain_url, &[("HTTP_PROXY", &ours), ("REQUEST_METHOD", "GET")], false),
    ];
    for (url, set, goes_through) in cases {
        let before = proxy.asked().len();
        let control = Control::new().root_certificate(secure.root_der()).proxy(variables(set));
        soon(MessageWebSocket::connect_with(url, control)).await.unwrap_or_else(|error| panic!("{set:?}: {error}"));
        assert_eq!(proxy.asked().len() - before, usize::from(*goes_through), "{url} {set:?}");
    }
}

#[test]
async fn the_environment_is_asked_unless_there_is_to_be_no_proxy() {
    // The environment is that of a whole process: this test is its own child, with an environment of its own.
    if let Ok(url) = env::var(CHILD) {
        soon(MessageWebSocket::connect_with(&url, Control::new().proxy(Proxy::None))).await.unwrap();
        soon(MessageWebSocket::connect(&url)).await.unwrap();
        return;
    }
    let proxy = ProxyServer::socks5(true).await;
    let test = "native::proxies::the_environment_is_asked_unless_there_is_to_be_no_proxy";
    let names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    for (before, name) in names.into_iter().enumerate() {
        let mut child = Command::new(env::current_exe().unwrap());
        for unset in names.into_iter().chain(["NO_PROXY", "no_proxy"]) {
            child.env_remove(unset);
        }
        child.args(["--exact", test]).env(CHILD, peer("/echo"));
        child.env(name, format!("socks5h://Aladdin:open%20sesame@{}", proxy.addr));
        let output = soon(child.output()).await.unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(proxy.asked()[before..], [Peer::shared().addr().to_string()], "{name}");
    }
}

#[test]
async fn addresses_of_the_sixth_version_are_asked_for_in_brackets() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else { panic!("the loopback has no IPv6") };
    let port = listener.local_addr().unwrap().port();
    let proxy = ProxyServer::scripted(&[b"HTTP/1.1 403 No\r\n\r\n"], Then::Drop).await;
    let control = Control::new().proxy(Proxy::Http(proxy.url("http")));
    let connecting = MessageWebSocket::connect_with(&format!("ws://[::1]:{port}/"), control).await;
    assert_eq!(connecting.unwrap_err().kind(), ErrorKind::HttpStatus(403));
    let request = proxy.asked().swap_remove(0);
    assert!(request.starts_with(&format!("CONNECT [::1]:{port} HTTP/1.1\r\n")), "{request}");
    assert!(!request.to_ascii_lowercase().contains("content-length"), "{request}");
}

async fn connect(control: Control) -> Result<MessageWebSocket> {
    soon(MessageWebSocket::connect_with(&peer("/echo"), control)).await
}

/// Names with their values.
type Variables<'a> = &'a [(&'a str, &'a str)];

fn variables(set: Variables<'_>) -> Proxy {
    let owned = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Proxy::Variables(owned.collect::<BTreeMap<_, _>>())
}

#[track_caller]
fn assert_unauthenticated(error: &Error) {
    let status = WebErrorStatus::ProxyAuthenticationRequired;
    assert_error(error, ErrorKind::ProxyAuthentication, 0x8019_0197, status);
}

#[track_caller]
fn assert_error(error: &Error, kind: ErrorKind, hresult: u32, status: WebErrorStatus) {
    assert_eq!((error.kind(), error.hresult(), error.status()), (kind, HResult::new(hresult), status), "{error:?}");
}

const CHILD: &str = "PROXY_TEST_URL";
