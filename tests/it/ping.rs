//! Pings are answered and never show up; pongs that nobody asked for do no harm.

use websocket_anywhere::{CloseCode, ErrorKind, Message};

use crate::support::{
    BROWSER, message_socket, report, soon, stream_socket, test, unique_id,
    wire::{BINARY, CLOSE, CONTINUATION, PING, TEXT, frame, hex, script},
};

#[test]
async fn a_ping_is_answered_with_its_payload() {
    let long = "p".repeat(125);
    for payload in ["", "are you there?", &long] {
        let id = unique_id();
        let mut socket = message_socket(&format!("/ping?payload={}&id={id}", payload.replace(' ', "+"))).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("after")));
        let shown = hex(&payload.as_bytes()[..payload.len().min(64)]);
        report(&id, &format!("frame opcode=10 fin=1 masked=1 len={} hex={shown} key=", payload.len())).await;
        assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    }
}

#[test]
async fn a_ping_of_the_program_measures_the_way_or_is_refused_by_name() {
    let socket = message_socket("/echo").await.unwrap();
    let stream = stream_socket("/echo").await.unwrap();
    let outcomes = [soon(socket.ping()).await, soon(stream.ping()).await];
    let (sender, _receiver) = socket.split();
    let (_input, output) = stream.split();
    for outcome in outcomes.into_iter().chain([soon(sender.ping()).await, soon(output.ping()).await]) {
        let refused = outcome.err().map(|error| error.kind());
        assert_eq!(refused, BROWSER.then_some(ErrorKind::NotSupported));
    }
}

#[test]
async fn an_unsolicited_pong_is_ignored() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/pong?payload=unasked&id={id}")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("after")));
    socket.close(CloseCode::NORMAL, "").await.unwrap();
    let record = report(&id, "close 1000").await;
    assert!(!record.contains("frame opcode=10") && !record.contains("frame opcode=9"), "{record}");
}

#[test]
async fn pings_between_fragments_are_answered_and_leave_the_message_whole() {
    let id = unique_id();
    let frames = [
        frame(true, PING, b"one"),
        frame(false, TEXT, "gr\u{fc}".as_bytes().split_at(3).0),
        frame(true, PING, b"two"),
        frame(false, CONTINUATION, b"\xbc"),
        frame(true, PING, b"three"),
        frame(true, CONTINUATION, b"n"),
    ];
    let mut socket = message_socket(&script(&frames.concat(), &format!("id={id}"))).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("grün")));
    report(&id, "frame opcode=10 fin=1 masked=1 len=5 hex=7468726565").await;
    socket.close(CloseCode::NORMAL, "").await.unwrap();
    let record = report(&id, "close 1000").await;
    let pongs: Vec<_> = record.lines().filter(|line| line.starts_with("frame opcode=10 ")).collect();
    assert_eq!(pongs.len(), 3, "{record}");
}

#[test]
async fn pings_between_fragments_leave_the_bytes_of_a_stream_whole() {
    let frames = [
        frame(false, BINARY, b"ab"),
        frame(true, PING, b"in between"),
        frame(true, CONTINUATION, b"cd"),
        frame(true, CLOSE, b"\x03\xe8"),
    ];
    let mut stream = stream_socket(&script(&frames.concat(), "then=closed")).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = soon(stream.read_chunk()).await.unwrap() {
        bytes.extend(chunk);
    }
    assert_eq!(bytes, b"abcd");
}

/// Only the last ping must be answered (RFC 6455 section 5.5.3), the others may be; none out of turn or with other content.
#[test]
async fn of_many_pings_at_once_at_least_the_last_is_answered() {
    let id = unique_id();
    let pings: Vec<u8> = (0..4000_u32).flat_map(|number| frame(true, PING, &number.to_be_bytes())).collect();
    let mut socket =
        message_socket(&script(&[pings, frame(true, TEXT, b"after")].concat(), &format!("id={id}"))).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("after")));
    let record = report(&id, "frame opcode=10 fin=1 masked=1 len=4 hex=00000f9f ").await;
    let pongs: Vec<u32> = record
        .lines()
        .filter_map(|line| line.strip_prefix("frame opcode=10 fin=1 masked=1 len=4 hex="))
        .map(|rest| u32::from_str_radix(&rest[..8], 16).unwrap())
        .collect();
    assert!(pongs.is_sorted_by(|one, next| one < next), "{pongs:?}");
    assert_eq!(socket.try_receive().unwrap(), None);
}

#[test]
async fn a_flood_of_pings_is_survived_and_never_shows() {
    let id = unique_id();
    let path = format!("/ping?payload=flood&count=100000&id={id}");
    let mut socket = message_socket(&path).await.unwrap();
    report(&id, "open").await;
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("after")));
    assert!(socket.buffered_amount() < 1 << 20, "{} bytes of pongs wait", socket.buffered_amount());
    assert_eq!(socket.information().received().messages, 1);
    report(&id, "frame opcode=10 fin=1 masked=1 len=5 hex=666c6f6f64").await;
    socket.send("still here").await.unwrap();
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
    report(&id, "close 1000").await;
}

#[test]
async fn a_ping_that_arrives_while_much_is_unsent_is_answered_later() {
    let id = unique_id();
    let frames = [frame(true, PING, b"one"), frame(true, PING, b"three"), frame(true, TEXT, b"after")];
    let path = script(&frames.concat(), &format!("mode=glued&id={id}"));
    let mut socket = message_socket(&path).await.unwrap();
    // Nothing here waits, so that natively the second message is still unsent when the pings are read.
    socket.send(&[7; 300_000]).await.unwrap();
    socket.send(&[7; 300_000]).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("after")));
    report(&id, "frame opcode=10 fin=1 masked=1 len=5 hex=7468726565").await;
}
