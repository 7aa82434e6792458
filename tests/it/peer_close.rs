//! The close contract, as far as the peer closes.

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use websocket_anywhere::{CloseCode, ErrorKind, HResult};

use crate::support::{
    assert_closed, lines, message_socket, receive_to_end, report, soon, stream_socket, test, unique_id,
};

#[test]
async fn what_the_peer_sent_before_its_close_is_delivered_first() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/close?id={id}&messages=300&code=4001&reason=over")).await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(texts, (0..300).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_closed(&socket.closed().unwrap(), 4001, "over");
    // Answered, without a word of the program, by the same code.
    let record = report(&id, "close").await;
    assert!(lines(&record, "close")[0].starts_with("close 4001"), "{record}");
    let record = report(&id, "end").await;
    assert_eq!((lines(&record, "close").len(), lines(&record, "end")), (1, vec!["end eof"]), "{record}");
}

#[test]
async fn a_close_without_a_code_is_1005() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/close?id={id}")).await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(texts.is_empty() && error.is_none());
    assert_closed(&socket.closed().unwrap(), 1005, "");
    assert_eq!(socket.closed().unwrap().code(), CloseCode::NO_STATUS);
    assert_eq!(lines(&report(&id, "end").await, "close"), ["close empty"]);
}

#[test]
async fn the_codes_of_a_server_come_through() {
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 3000, 4999] {
        let mut socket = message_socket(&format!("/close?code={code}&reason=because")).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap(), None, "{code}");
        assert_closed(&socket.closed().unwrap(), code, "because");
    }
}

#[test]
async fn the_longest_reason_of_a_peer_comes_through() {
    let reason = "\u{e9}".repeat(61) + "!";
    let encoded = "%C3%A9".repeat(61) + "!";
    let mut socket = message_socket(&format!("/close?code=3000&reason={encoded}")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    assert_closed(&socket.closed().unwrap(), 3000, &reason);
}

#[test]
async fn sending_after_the_peer_closed_fails() {
    let mut socket = message_socket("/close?code=1000").await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    let error = soon(socket.send("late")).await.unwrap_err();
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::Closed, HResult::RO_E_CLOSED));
}

#[test]
async fn closing_after_the_peer_closed_gives_the_peers_close() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/close?id={id}&code=4001&reason=first")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), None);
    assert_closed(&soon(socket.close(3000, "second")).await.unwrap(), 4001, "first");
    let record = report(&id, "end").await;
    assert_eq!(lines(&record, "close").len(), 1, "{record}");
}

#[test]
async fn both_halves_see_the_peers_close() {
    let (mut sender, mut receiver) = message_socket("/close?messages=1&code=4001&reason=both").await.unwrap().split();
    assert_eq!(soon(receiver.receive()).await.unwrap().unwrap().as_text(), Some("0"));
    assert_eq!(soon(receiver.receive()).await.unwrap(), None);
    assert_closed(&sender.closed().unwrap(), 4001, "both");
    assert_closed(&receiver.closed().unwrap(), 4001, "both");
    assert_eq!(soon(sender.send("late")).await.unwrap_err().kind(), ErrorKind::Closed);
    assert_closed(&soon(sender.close(3000, "")).await.unwrap(), 4001, "both");
}

#[test]
async fn a_socket_as_a_stream_of_messages_ends_with_the_close() {
    let mut socket = message_socket("/close?messages=2&code=4001").await.unwrap();
    let messages: Vec<_> = soon(socket.by_ref().collect()).await;
    let texts: Vec<_> = messages.iter().map(|message| message.as_ref().unwrap().as_text().unwrap()).collect();
    assert_eq!(texts, ["0", "1"]);
    assert!(soon(socket.next()).await.is_none());
}

#[test]
async fn a_stream_ends_at_a_close_that_means_no_harm() {
    for code in ["code=1000", "code=1001", ""] {
        let mut stream = stream_socket(&format!("/close?{code}")).await.unwrap();
        let mut bytes = Vec::new();
        assert_eq!(soon(stream.read_to_end(&mut bytes)).await.unwrap(), 0, "{code}");
        assert_eq!(soon(stream.read_chunk()).await.unwrap(), None);
        assert!(stream.closed().unwrap().was_clean());
        let error = soon(stream.write_all(b"late")).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    }
}

#[test]
async fn any_other_close_is_an_error_of_a_stream_that_carries_it() {
    // Two binary messages, then a Close 4001 `bad`.
    let script = format!("8202{}8201{}8805{}{}", "0102", "03", "0fa1", "626164");
    let mut stream = stream_socket(&format!("/raw?hex={script}&then=closed")).await.unwrap();
    let mut bytes = [0; 3];
    soon(stream.read_exact(&mut bytes)).await.unwrap();
    assert_eq!(bytes, [1, 2, 3]);
    let error = soon(stream.read_chunk()).await.unwrap_err();
    assert_eq!((error.kind(), error.hresult().code()), (ErrorKind::ClosedByPeer, 0x8007_2F83));
    assert_closed(error.close().unwrap(), 4001, "bad");
    assert_eq!(soon(stream.read_chunk()).await.unwrap(), None, "an error comes once");
    assert_closed(&stream.closed().unwrap(), 4001, "bad");
}
