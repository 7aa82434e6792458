//! A user and a password in the URL.

use websocket_anywhere::{CloseCode, Control, ErrorKind, MessageWebSocket, Reconnect, StreamWebSocket};

use crate::support::{BROWSER, decodes_user_info, peer, report, soon, test, unique_id};

#[test]
async fn a_user_and_a_password_in_the_url_answer_a_challenge() {
    // Which Digest a browser answers is its own affair.
    for scheme in if BROWSER { &["Basic"][..] } else { &["Basic", "MD5", "SHA-256"] } {
        let (id, url) = login("user", "s3cret", "user:s3cret", scheme);
        let mut socket =
            soon(MessageWebSocket::connect(&url)).await.unwrap_or_else(|error| panic!("{scheme}: {error:?}"));
        assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
        let record = report(&id, "login").await;
        // They are not part of what is asked for.
        assert!(record.lines().all(|line| !line.contains('@')), "{record}");
        let hosts = |line: &str| line.to_ascii_lowercase().starts_with("request host: 127.0.0.1:");
        assert!(record.lines().any(hosts), "{record}");
    }
}

#[test]
async fn what_a_url_cannot_hold_is_percent_encoded() {
    let (id, url) = login("user@home", "/?#[]@:%", "user%40home:%2F%3f%23%5B%5D@:%25", "Basic");
    let connected = soon(StreamWebSocket::connect(&url)).await;
    if !decodes_user_info() {
        assert_eq!(connected.unwrap_err().kind(), ErrorKind::CannotConnect);
        return;
    }
    let mut stream = connected.unwrap();
    soon(stream.close(CloseCode::NORMAL, "")).await.unwrap();
    report(&id, "login").await;
}

#[test]
async fn a_password_in_a_url_is_not_printed() {
    for (url, shown) in [
        ("wss://user:s3cret@example.com/a@b?c@d", "wss://example.com/a@b?c@d"),
        ("ws://s3cret@s3cret@example.com", "ws://example.com"),
        ("ws://user:s3cret@[::1]:80\\a@b", "ws://[::1]:80\\\\a@b"),
        ("s3cret@", "\"\""),
    ] {
        let printed = format!("{:?}", Reconnect::new(url, Control::new()));
        assert!(printed.contains(shown) && !printed.contains("s3cret"), "{printed}");
    }
}

/// A server that lets a user in, and its URL with what stands before the host.
fn login(user: &str, password: &str, user_info: &str, scheme: &str) -> (String, String) {
    let id = unique_id();
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let path = format!("/login?id={id}&user={}&password={}&scheme={scheme}", encode(user), encode(password));
    (id, peer(&path).replace("ws://", &format!("ws://{user_info}@")))
}
