//! Two sockets that are connected to each other in memory, where it takes tokio's clock, or its absence.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use websocket_anywhere::{Control, ErrorKind, HResult, MessageWebSocket, WebErrorStatus};

use super::memory_pipe::assert_error;

#[tokio::test(start_paused = true)]
async fn a_pair_lives_whether_or_not_anybody_receives() {
    let hour = Duration::from_secs(3600);
    let (mut one, mut other) = MessageWebSocket::pair(Control::new()).unwrap();
    let (first, second) = tokio::join!(timeout(hour, one.receive()), timeout(hour, other.receive()));
    assert!(first.is_err() && second.is_err());
    assert!(one.information().last_round_trip_time().is_some());
    assert!(timeout(hour, one.receive()).await.is_err(), "the other answers pings");
    sleep(hour).await;
    one.send("still here").await.unwrap();
    assert_eq!(other.receive().await.unwrap().unwrap().as_text(), Some("still here"));
}

#[test]
fn a_pair_outside_a_runtime_is_an_error() {
    let error = MessageWebSocket::pair(Control::new()).unwrap_err();
    assert_error(&error, ErrorKind::NoRuntime, HResult::E_ILLEGAL_METHOD_CALL, WebErrorStatus::Unknown);
}
