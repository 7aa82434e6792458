//! Builds without a feature: what needs it fails by the name of the feature, before anything is sent.

use tokio::io::{AsyncReadExt, duplex};
use websocket_anywhere::{Control, Error, ErrorKind, HResult, MessageWebSocket, Proxy, StreamWebSocket};

use crate::support::{peer, soon};

#[tokio::test]
#[cfg(not(feature = "tls"))]
async fn without_tls_there_is_no_secure_url() {
    for url in ["wss://localhost/", "https://localhost/"] {
        assert_names("tls", &soon(MessageWebSocket::connect(url)).await.unwrap_err());
        assert_names("tls", &soon(StreamWebSocket::connect(url)).await.unwrap_err());
    }
    let (client, mut server) = duplex(1000);
    let handshake = MessageWebSocket::handshake_with_tls(client, "wss://localhost/", Control::new());
    assert_names("tls", &soon(handshake).await.unwrap_err());
    let mut said = Vec::new();
    soon(server.read_to_end(&mut said)).await.unwrap();
    assert!(said.is_empty(), "{said:?}");
}

#[tokio::test]
#[cfg(not(feature = "tls"))]
async fn without_tls_a_setting_of_certificates_is_refused_whatever_the_url() {
    let control = Control::new().root_certificate("of nobody");
    let error = soon(MessageWebSocket::connect_with(&peer("/echo"), control.clone())).await.unwrap_err();
    assert_eq!(error.to_string(), "this build, without the feature tls, does not support the option root_certificate");
    let handshake = MessageWebSocket::handshake_with_tls(duplex(1000).0, "ws://localhost/", control);
    assert_names("tls", &soon(handshake).await.unwrap_err());
}

#[tokio::test]
#[cfg(all(feature = "proxy", not(feature = "tls")))]
async fn without_tls_no_proxy_is_spoken_to_by_it() {
    let control = Control::new().proxy(Proxy::Http("https://localhost/".to_owned()));
    assert_names("tls", &soon(MessageWebSocket::connect_with(&peer("/echo"), control)).await.unwrap_err());
}

#[tokio::test]
#[cfg(not(feature = "proxy"))]
async fn without_proxies_one_that_is_named_is_refused_and_none_is_not() {
    let named = [Proxy::Http("http://localhost/".to_owned()), Proxy::Socks5("socks5://localhost/".to_owned())];
    for proxy in named {
        let error = soon(MessageWebSocket::connect_with(&peer("/echo"), Control::new().proxy(proxy))).await;
        let error = error.unwrap_err();
        assert_names("proxy", &error);
        assert!(error.to_string().ends_with("does not support the option proxy"), "{error}");
    }
    let control = Control::new().proxy(Proxy::None);
    soon(MessageWebSocket::connect_with(&peer("/echo"), control)).await.unwrap();
}

fn assert_names(feature: &str, error: &Error) {
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::NotSupported, HResult::E_NOTIMPL), "{error:?}");
    assert!(error.to_string().starts_with(&format!("this build, without the feature {feature}, ")), "{error}");
}
