//! The samples of UWP's page about WebSockets, as `docs::migration` shows them and the example runs them.

use std::time::Duration;

use futures::{StreamExt, channel::mpsc, future::join};
use websocket_anywhere::{CloseCode, HResult, WebErrorStatus};

use crate::support::{BROWSER, LIMIT, lines, peer, pressure, report, soon, test, unique_id};

#[path = "../../examples/seed_samples/control.rs"]
mod control;
#[path = "../../examples/seed_samples/error_status.rs"]
mod error_status;
#[path = "../../examples/seed_samples/message.rs"]
mod message;
#[cfg(all(feature = "tls", not(all(target_family = "wasm", target_os = "unknown"))))]
#[path = "../../examples/seed_samples/secure.rs"]
pub(crate) mod secure;
#[path = "../../examples/seed_samples/stream.rs"]
mod stream;
#[path = "../../examples/seed_samples/timeout.rs"]
mod timeout;

/// What a sample writes with `Debug.WriteLine`, and what it wrote once it has ended.
fn debug() -> (impl Fn(String) + Clone + Send + Sync + 'static, impl Future<Output = Vec<String>>) {
    let (sender, receiver) = mpsc::unbounded();
    (move |line| sender.unbounded_send(line).unwrap(), receiver.collect())
}

#[test]
async fn the_sample_of_messages_sends_receives_and_closes() {
    let id = unique_id();
    let (debug, written) = debug();
    soon(message::message_web_socket(&peer(&format!("/echo?id={id}")), debug)).await.unwrap();
    let expected = [
        "Sending message using MessageWebSocket: Hello, World!",
        "Message received from MessageWebSocket: Hello, World!",
        "WebSocket_Closed; Code: 1005, Reason: \"\"",
    ];
    assert_eq!(soon(written).await, expected);
    // Disposing sends a Close without a code.
    assert_eq!(lines(&report(&id, "close").await, "close"), ["close empty"]);
}

#[test]
async fn the_sample_of_messages_tells_of_a_failure() {
    let id = unique_id();
    // It is lost once the sample has sent.
    let url = peer(&format!("/drop?id={id}&held=1"));
    let (sender, mut written) = mpsc::unbounded();
    let sample = message::message_web_socket(&url, move |line| sender.unbounded_send(line).unwrap());
    let rest = async {
        assert!(written.next().await.unwrap().starts_with("Sending "));
        pressure::release(&id).await;
        written.collect::<Vec<_>>().await
    };
    let (ended, rest) = soon(join(sample, rest)).await;
    ended.unwrap();
    assert_eq!(rest, ["ConnectionAborted"]);
}

#[test]
async fn the_sample_of_streams_sends_receives_and_closes() {
    let id = unique_id();
    let (debug, written) = debug();
    soon(stream::stream_web_socket(&peer(&format!("/echo?id={id}")), debug)).await.unwrap();
    let mut written = soon(written).await;
    assert_eq!(written.pop().as_deref(), Some("WebSocket_Closed; Code: 1000, Reason: \"\""));
    // They go on at the same time.
    written.sort();
    assert_eq!(
        written,
        ["Data received from StreamWebSocket: 10 bytes", "Sending data using StreamWebSocket: 10 bytes"]
    );
    assert_eq!(lines(&report(&id, "close").await, "close"), ["close 1000"]);
}

#[test]
async fn the_sample_of_options_connects() {
    let mut stream = soon(control::no_delay(&peer("/echo"))).await.unwrap();
    assert!(soon(stream.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn the_sample_of_errors_tells_why() {
    assert_eq!(soon(error_status::error_status(&peer("/echo"))).await, None);
    let expected = if BROWSER {
        (HResult::WININET_E_CANNOT_CONNECT, WebErrorStatus::CannotConnect)
    } else {
        (HResult::new(0x8019_0194), WebErrorStatus::NotFound)
    };
    assert_eq!(soon(error_status::error_status(&peer("/reject/404"))).await, Some(expected));
}

#[test]
async fn the_sample_of_timeouts_gives_up_in_time_and_only_then() {
    let limit = Duration::from_millis(100);
    assert!(soon(timeout::connect_within(&peer("/stall-upgrade"), limit)).await.unwrap().is_none());
    assert!(soon(timeout::connect_within(&peer("/echo"), LIMIT)).await.unwrap().is_some());
    soon(timeout::connect_within(&peer("/reject/500"), LIMIT)).await.unwrap_err();
}
