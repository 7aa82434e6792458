//! What a connection does while nobody receives: pings, the peer's Close, the end.

use websocket_anywhere::{CloseCode, ErrorKind};

use crate::support::{
    assert_closed, known, lines, message_socket, message_socket_without_backpressure, receive_to_end, report, soon,
    test, unique_id,
    wire::{frame, script},
};

#[test]
async fn pings_are_answered_though_nobody_receives() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/ping?id={id}&payload=alive&count=3")).await.unwrap();
    soon(socket.send("a program that only sends")).await.unwrap();
    let record = report(&id, "frame opcode=10").await;
    assert!(record.contains(&hex_of("alive")), "{record}");
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("after"), "nothing is lost");
}

#[test]
async fn pings_behind_messages_that_nobody_receives_are_answered() {
    let id = unique_id();
    let frames = [frame(true, 1, b"first"), frame(false, 1, b"sec"), frame(true, 9, b"inside"), frame(true, 0, b"ond")];
    let mut socket = message_socket(&script(&frames.concat(), &format!("id={id}"))).await.unwrap();
    let record = report(&id, "frame opcode=10").await;
    assert!(record.contains(&hex_of("inside")), "{record}");
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("first"));
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("second"));
    soon(socket.close(CloseCode::NORMAL, "")).await.unwrap();
    let record = report(&id, "end").await;
    let pongs = record.lines().filter(|line| line.contains(&hex_of("inside"))).count();
    assert_eq!(pongs, 1, "it is answered once: {record}");
}

#[test]
async fn the_close_of_the_peer_is_answered_and_known_though_nobody_receives() {
    let id = unique_id();
    let path = format!("/close?id={id}&messages=20&code=4001&reason=over");
    let mut socket = message_socket_without_backpressure(&path).await.unwrap();
    let record = report(&id, "close").await;
    assert!(lines(&record, "close")[0].starts_with("close 4001"), "{record}");
    assert_closed(&known(|| socket.closed()).await, 4001, "over");
    assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), ErrorKind::Closed);
    let (texts, error) = receive_to_end(&mut socket).await;
    assert_eq!(texts, (0..20).map(|number| number.to_string()).collect::<Vec<_>>(), "what came is not lost");
    assert!(error.is_none(), "{error:?}");
    assert_closed(&soon(socket.close(3000, "")).await.unwrap(), 4001, "over");
}

#[test]
async fn a_loss_is_known_though_nobody_receives() {
    let mut socket = message_socket_without_backpressure("/drop?messages=20").await.unwrap();
    assert_eq!(known(|| socket.closed()).await.code(), CloseCode::ABNORMAL);
    assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    let (texts, error) = receive_to_end(&mut socket).await;
    assert_eq!(texts.len(), 20, "what came is not lost");
    assert_eq!(error.unwrap().kind(), ErrorKind::ConnectionAborted);
}

fn hex_of(payload: &str) -> String {
    format!("hex={}", crate::support::wire::hex(payload.as_bytes()))
}
