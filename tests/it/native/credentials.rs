//! Users and passwords that servers ask for by HTTP.

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use websocket_anywhere::{CloseCode, Control, Error, ErrorKind, HResult, MessageWebSocket, WebErrorStatus};

use super::memory_pipe::{URL, accept, assert_error, read_head};
use crate::support::{lines, message_socket_with, report, soon, unique_id};

const USER: &str = "Mufasa";
const PASSWORD: &str = "Circle of \u{4c}ife, \u{e9}";

/// "Mufasa:Circle of Life, é" in UTF-8 (RFC 7617 section 2.1).
const BASIC: &str = "request Authorization: Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZlLCDDqQ==";

#[tokio::test]
async fn basic_waits_until_it_is_asked_for() {
    for (refusal, connections) in [("close", 2), ("drop", 2), ("chunked", 1), ("keep", 1)] {
        let record = log_in(&format!("scheme=Basic&refusal={refusal}"), USER, PASSWORD).await.unwrap();
        let counts = (lines(&record, "open").len(), lines(&record, "challenge").len());
        assert_eq!(counts, (connections, 1), "{refusal}: {record}");
        assert_eq!(lines(&record, "request Authorization"), [BASIC], "{refusal}");
    }
}

#[tokio::test]
async fn basic_is_sent_with_the_first_request_if_the_program_wants_it() {
    let (id, path) = login_path("scheme=Basic", USER, PASSWORD);
    let control = Control::new().server_credential(USER, PASSWORD).preemptive_credential(true);
    soon(message_socket_with(&path, control)).await.unwrap();
    let record = report(&id, "login").await;
    assert_eq!((lines(&record, "open").len(), lines(&record, "challenge").len()), (1, 0), "{record}");
    assert_eq!(lines(&record, "request Authorization"), [BASIC]);
    // Digest is answered none the less, and Basic is not said twice.
    for (scheme, is_in) in [("SHA-256", true), ("Basic", false)] {
        let (id, path) = login_path(&format!("scheme={scheme}"), USER, PASSWORD);
        let password = if is_in { PASSWORD } else { "wrong" };
        let control = Control::new().server_credential(USER, password).preemptive_credential(true);
        assert_eq!(soon(message_socket_with(&path, control)).await.is_ok(), is_in, "{scheme}");
        let record = report(&id, if is_in { "login" } else { "end" }).await;
        assert_eq!(lines(&record, "request Authorization").len(), 1 + usize::from(is_in), "{scheme}: {record}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_nothing_is_told_nothing() {
    let id = unique_id();
    let control = Control::new().server_credential(USER, PASSWORD);
    let socket = message_socket_with(&format!("/raw?id={id}"), control).await.unwrap();
    let record = report(&id, "open").await;
    assert!(lines(&record, "request Authorization").is_empty(), "{record}");
    drop(socket);
}

/// Who is asked, by which URL, and whether Basic may be said.
#[tokio::test]
async fn basic_is_said_where_nobody_else_reads_it() {
    let basic = "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n";
    let user_info = Control::new();
    let setting = Control::new().server_credential(USER, PASSWORD);
    for (url, control, is_said) in [
        ("wss://server.invalid/", &setting, true),
        ("wss://a:b@server.invalid/", &user_info, true),
        ("ws://localhost/", &setting, true),
        ("ws://a:b@service.localhost/", &user_info, true),
        ("ws://127.0.0.1/", &setting, true),
        ("ws://127.1.2.3/", &setting, true),
        ("ws://[::1]/", &setting, true),
        ("ws://server.invalid/", &setting, false),
        ("ws://a:b@server.invalid/", &user_info, false),
        ("ws://localhost.invalid/", &setting, false),
        ("ws://notlocalhost/", &setting, false),
        ("ws://10.0.0.1/", &setting, false),
        ("ws://[fe80::1]/", &setting, false),
    ] {
        for (control, is_said) in [(control.clone(), is_said), (control.clone().basic_credential_over_ws(true), true)] {
            let (client, mut server) = duplex(10_000);
            let (socket, ()) = tokio::join!(soon(MessageWebSocket::handshake(client, url, control.clone())), async {
                let head = read_head(&mut server).await;
                assert!(!head.contains("Authorization"), "{head}");
                server.write_all(basic.as_bytes()).await.unwrap();
                if is_said {
                    let head = accept(&mut server, "").await;
                    assert!(head.contains("\r\nAuthorization: Basic "), "{head}");
                }
            });
            assert_eq!(socket.is_ok(), is_said, "{url}: {socket:?}");
            // Before it is asked for nothing is sent at all.
            let (client, mut server) = duplex(10_000);
            let early = MessageWebSocket::handshake(client, url, control.preemptive_credential(true));
            if is_said {
                let (socket, head) = tokio::join!(soon(early), accept(&mut server, ""));
                assert!(socket.is_ok() && head.contains("\r\nAuthorization: Basic "), "{url}: {head}");
                continue;
            }
            let error = socket.unwrap_err();
            assert_unauthorized_by(&error, "basic_credential_over_ws");
            assert_eq!(error.response().unwrap().status(), 401);
            let error = soon(early).await.unwrap_err();
            assert_error(&error, ErrorKind::InvalidArgument, HResult::E_INVALIDARG, WebErrorStatus::Unknown);
            assert!(error.to_string().contains("basic_credential_over_ws"), "{error}");
            assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0, "{url}: nothing was sent");
        }
    }
    // Digest tells nobody the password.
    let digest = "HTTP/1.1 401 Who\r\nWWW-Authenticate: Digest realm=\"r\", qop=\"auth\", nonce=\"n\"\r\nContent-Length: 0\r\n\r\n";
    let (client, mut server) = duplex(10_000);
    let (socket, _) = tokio::join!(soon(MessageWebSocket::handshake(client, URL, setting)), async {
        read_head(&mut server).await;
        server.write_all(digest.as_bytes()).await.unwrap();
        accept(&mut server, "").await
    });
    socket.unwrap();
}

#[tokio::test]
async fn digest_answers_a_challenge_on_a_fresh_connection_if_need_be() {
    for algorithm in ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess", "SHA-512-256", "old"] {
        for (refusal, connections) in [("close", 2), ("drop", 2), ("chunked", 1), ("keep", 1)] {
            let query = format!("scheme={algorithm}&refusal={refusal}");
            let record = log_in(&query, USER, PASSWORD).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
            assert_eq!(lines(&record, "open").len(), connections, "{query}: {record}");
            assert_eq!(lines(&record, "challenge").len(), 1, "{query}: {record}");
            let said = lines(&record, "request Authorization: Digest ");
            assert_eq!(said.len(), 1, "{query}: {record}");
            assert!(!said[0].contains(PASSWORD), "{said:?}");
        }
    }
}

#[tokio::test]
async fn the_first_digest_that_is_understood_is_answered() {
    let schemes = "scheme=Negotiate&scheme=broken&scheme=SHA-256&scheme=MD5&scheme=Basic&refusal=keep";
    // Basic would do, too.
    let record = log_in(schemes, USER, PASSWORD).await.unwrap();
    let said = lines(&record, "request Authorization: Digest ");
    assert!(said.len() == 1 && said[0].contains("algorithm=SHA-256"), "{record}");
}

#[tokio::test]
async fn an_answer_to_a_nonce_that_is_too_old_is_given_again() {
    for (refusal, connections) in [("close", 3), ("keep", 1)] {
        let record = log_in(&format!("scheme=SHA-256&stale=1&refusal={refusal}"), USER, PASSWORD).await.unwrap();
        assert_eq!(lines(&record, "open").len(), connections);
        assert_eq!(lines(&record, "challenge").len(), 2);
    }
}

#[tokio::test]
async fn names_that_do_not_fit_a_quoted_string_reach_the_server() {
    for (user, password) in
        [("J\u{e4}s\u{f8}n Doe", "Secret, or not?"), ("a\"b\\c", "\"\\"), ("", "token"), ("user", "")]
    {
        for scheme in ["Basic", "SHA-256"] {
            // The oracle of Digest does not know `username*` (RFC 7616 section 3.4).
            if scheme == "Basic" || user.is_ascii() {
                let outcome = log_in(&format!("scheme={scheme}"), user, password).await;
                outcome.unwrap_or_else(|error| panic!("{user:?} by {scheme}: {error:?}"));
            }
        }
    }
}

#[tokio::test]
async fn credentials_that_are_refused_are_an_error_after_one_answer() {
    for (scheme, connections) in [("Basic", 2), ("SHA-256", 2), ("MD5", 2), ("Negotiate", 1), ("broken", 1)] {
        let (id, path) = login_path(&format!("scheme={scheme}"), USER, PASSWORD);
        let control = Control::new().server_credential(USER, "wrong");
        assert_unauthorized(&soon(message_socket_with(&path, control)).await.unwrap_err());
        let record = report(&id, "end").await;
        assert_eq!(lines(&record, "open").len(), connections, "{scheme}: {record}");
    }
}

#[tokio::test]
async fn without_credentials_a_challenge_is_a_refusal() {
    let (_, path) = login_path("scheme=Basic&scheme=SHA-256", USER, PASSWORD);
    assert_unauthorized(&message_socket_with(&path, Control::new()).await.unwrap_err());
}

#[tokio::test]
async fn a_challenge_over_a_pipe_is_answered_there_or_not_at_all() {
    let challenge = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", qop=\"auth\", nonce=\"n\"\r\n";
    let control = Control::new().server_credential(USER, PASSWORD);
    let (client, mut server) = duplex(10_000);
    let (socket, head) = tokio::join!(MessageWebSocket::handshake(client, URL, control.clone()), async {
        read_head(&mut server).await;
        // The body comes in two pieces.
        server.write_all(format!("{challenge}Content-Length: 10\r\n\r\n01234").as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
        server.write_all(b"56789").await.unwrap();
        accept(&mut server, "").await
    });
    socket.unwrap();
    assert!(head.contains("Authorization: Digest "), "{head}");
    assert!(head.contains("uri=\"/path?query\""), "{head}");

    // A body that does not end, one that is too long, and bytes that nobody has asked for.
    for rest in ["\r\n", "Content-Length: 65537\r\n\r\n", "Content-Length: 0\r\n\r\nHTTP/1.1 101 Switching"] {
        let (client, mut server) = duplex(10_000);
        let (socket, ()) = tokio::join!(MessageWebSocket::handshake(client, URL, control.clone()), async {
            read_head(&mut server).await;
            server.write_all(format!("{challenge}{rest}").as_bytes()).await.unwrap();
            assert_eq!(server.read(&mut [0; 1]).await.unwrap(), 0, "{rest:?}: nothing more was sent");
        });
        assert_unauthorized(&socket.unwrap_err());
    }
}

#[tokio::test]
async fn credentials_do_not_follow_redirects() {
    let id = unique_id();
    let control = Control::new().server_credential(USER, PASSWORD).preemptive_credential(true);
    let location = peer::Peer::shared().url(&format!("/echo?id={id}"));
    let path = format!("/reject/307?id={id}&header=Location:{}", location.replace("?", "%3f"));
    let error = message_socket_with(&path, control).await.unwrap_err();
    let status = WebErrorStatus::TemporaryRedirect;
    assert_error(&error, ErrorKind::HttpStatus(307), HResult::new(0x8019_0133), status);
    let record = report(&id, "end").await;
    assert_eq!(lines(&record, "request Authorization").len(), 1, "{record}");
    assert_eq!(lines(&record, "open").len(), 1, "{record}");
}

#[tokio::test]
async fn credentials_are_not_printed() {
    let control = Control::new().server_credential(USER, "secret word").request_header("Cookie", "secret=word");
    assert!(format!("{control:?}").contains(USER));
    assert!(!format!("{control:?}").contains("secret"), "{control:?}");
    let (_, path) = login_path("scheme=SHA-256", USER, PASSWORD);
    let control = Control::new().server_credential(USER, "secret word");
    let error = message_socket_with(&path, control).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("secret word"), "{error:?}");
}

/// Opens and closes a connection to a server that asks as `query` says and lets `user` in; gives its record.
async fn log_in(query: &str, user: &str, password: &str) -> Result<String, Error> {
    let (id, path) = login_path(query, user, password);
    let control = Control::new().server_credential(user, password);
    let mut socket = soon(message_socket_with(&path, control)).await?;
    soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    Ok(report(&id, "login").await)
}

fn login_path(query: &str, user: &str, password: &str) -> (String, String) {
    let id = unique_id();
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let path = format!("/login?id={id}&user={}&password={}&{query}", encode(user), encode(password));
    (id, path)
}

#[track_caller]
fn assert_unauthorized(error: &Error) {
    assert_error(error, ErrorKind::HttpStatus(401), HResult::new(0x8019_0191), WebErrorStatus::Unauthorized);
    assert!(error.to_string().contains("401"), "{error}");
}

#[track_caller]
fn assert_unauthorized_by(error: &Error, setting: &str) {
    assert_unauthorized(error);
    assert!(error.to_string().contains(setting), "{error}");
}
