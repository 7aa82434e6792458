//! When a broken rule is acted on: when the program gets to it, so that what came before can still be answered.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use websocket_anywhere::{CloseCode, Control, ErrorKind, MessageReceiver};

use super::memory_pipe::{message_socket, read_frame, stream_socket};
use crate::support::{poll_once, soon};

/// Broken frames, and the code that answers them.
const BROKEN: [(&[u8], u16); 6] = [
    (b"\x8f\x00", 1002),
    (b"\xc1\x00", 1002),
    (b"\x80\x00", 1002),
    (b"\x81\x01\xff", 1007),
    (b"\x82\x81\x00\x00\x00\x00x", 1002),
    (b"\x88\x01x", 1002),
];

#[tokio::test]
async fn a_message_before_a_broken_frame_can_be_answered() {
    for (broken, code) in BROKEN {
        let (mut socket, mut server) = message_socket(Control::new()).await;
        server.write_all(&[&b"\x81\x05first\x81\x06second"[..], broken].concat()).await.unwrap();
        for text in ["first", "second"] {
            let message = soon(socket.receive()).await.unwrap().unwrap();
            assert_eq!(message.as_text(), Some(text));
            soon(socket.send(message)).await.unwrap();
            assert_eq!(soon(read_frame(&mut server)).await, (0x81, text.into()), "{broken:?}");
        }
        assert_eq!(socket.closed(), None, "nothing has happened yet");
        let error = soon(socket.receive()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Protocol | ErrorKind::InvalidUtf8), "{error}");
        let (first, payload) = soon(read_frame(&mut server)).await;
        assert_eq!((first, &payload[..2]), (0x88, &code.to_be_bytes()[..]), "{broken:?}");
        assert_eq!(soon(socket.receive()).await.unwrap(), None, "one error, once");
        assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), error.kind());
        assert_eq!(socket.closed().unwrap().code(), CloseCode::ABNORMAL);
    }
}

#[tokio::test]
async fn a_broken_frame_that_the_program_will_not_get_to_is_acted_on_at_once() {
    let drop_receiver = |receiver: MessageReceiver| drop(receiver);
    for has_received in [false, true] {
        let (socket, mut server) = message_socket(Control::new()).await;
        let (sender, mut receiver) = socket.split();
        server.write_all(b"\x81\x02ok\x81\x02ok\x8f\x00").await.unwrap();
        if has_received {
            soon(receiver.receive()).await.unwrap();
        }
        drop_receiver(receiver);
        let (first, payload) = soon(read_frame(&mut server)).await;
        assert_eq!((first, &payload[..2]), (0x88, &b"\x03\xea"[..]));
        drop(sender);
    }
}

#[tokio::test]
async fn a_broken_frame_behind_bytes_of_a_stream_is_acted_on_when_they_are_read() {
    let (mut stream, mut server) = stream_socket(Control::new()).await;
    server.write_all(b"\x82\x05bytes\x81\x04text").await.unwrap();
    let mut bytes = [0; 5];
    soon(stream.read_exact(&mut bytes)).await.unwrap();
    soon(AsyncWriteExt::write_all(&mut stream, &bytes)).await.unwrap();
    assert_eq!(soon(read_frame(&mut server)).await, (0x82, b"bytes".to_vec()));
    let error = soon(stream.read_chunk()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedText);
    let (first, payload) = soon(read_frame(&mut server)).await;
    assert_eq!((first, &payload[..2]), (0x88, &b"\x03\xeb"[..]));
}

#[tokio::test]
async fn text_that_has_half_arrived_does_no_harm_to_a_close_or_a_drop() {
    for is_closed in [true, false] {
        let (mut socket, mut server) = message_socket(Control::new()).await;
        // 5,000 bytes of characters that have two.
        server.write_all(&[&b"\x81\x7e\x13\x88"[..], &"\u{e9}".repeat(1500).into_bytes()].concat()).await.unwrap();
        assert!(poll_once(socket.receive()).is_pending(), "it is not whole");
        let closing = tokio::spawn(async move {
            // Otherwise it is dropped here.
            if is_closed { Some(socket.close(CloseCode::NORMAL, "").await.unwrap()) } else { None }
        });
        let (first, payload) = soon(read_frame(&mut server)).await;
        assert_eq!((first, payload.is_empty()), (0x88, !is_closed));
        for piece in "\u{e9}".repeat(1000).into_bytes().chunks(333) {
            server.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        server.write_all(b"\x88\x02\x03\xe8").await.unwrap();
        let closed = soon(closing).await.unwrap();
        assert!(closed.is_none_or(|closed| closed.was_clean()), "the peer's Close is found behind it");
    }
}

#[tokio::test]
async fn text_is_checked_as_it_arrives() {
    // A long frame, and the first frame of a fragmented message, cut where it cannot become UTF-8 any more.
    for text in ["\u{3ba}\u{1f79}\u{3c3}\u{3bc}\u{3b5}".as_bytes(), &b"a".repeat(100)[..]] {
        for head in [&b"\x81\x7e\x10\x00"[..], b"\x01\x7e\x10\x00"] {
            for bad in [&b"\xf4\x90"[..], b"\xed\xa0", b"\xff", b"\xc0"] {
                let (mut socket, mut server) = message_socket(Control::new()).await;
                let receiving = tokio::spawn(async move { socket.receive().await });
                server.write_all(&[head, text].concat()).await.unwrap();
                tokio::task::yield_now().await;
                server.write_all(bad).await.unwrap();
                let (first, payload) = soon(read_frame(&mut server)).await;
                assert_eq!((first, &payload[..2]), (0x88, &b"\x03\xef"[..]), "{bad:?}");
                assert_eq!(soon(receiving).await.unwrap().unwrap_err().kind(), ErrorKind::InvalidUtf8);
            }
        }
    }
}
