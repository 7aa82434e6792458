//! `Control::compression`: RFC 7692 over a socket, against a peer that another library compresses for.

use futures::{AsyncReadExt, AsyncWriteExt};
use websocket_anywhere::{Compression, Control, ErrorKind, Message, MessageWebSocket, Result, StreamWebSocket};

use crate::support::{
    lines, message_socket, message_socket_with, peer, receive_to_end, report, soon, test, unique_id,
    wire::{hex, pattern},
};

const ACCEPTED: &str = "extensions=permessage-deflate";

/// Compresses whatever is not empty.
fn eager() -> Control {
    Control::new().compression(Compression::new().threshold(0))
}

async fn compressed_socket(path: &str) -> Result<MessageWebSocket> {
    message_socket_with(path, eager()).await
}

#[test]
async fn it_is_offered_only_if_it_is_asked_for() {
    let mut socket = message_socket("/request").await.unwrap();
    let request = soon(socket.receive()).await.unwrap().unwrap();
    assert!(!request.as_text().unwrap().to_lowercase().contains("extensions"), "{request:?}");
    let compression = Compression::new().server_max_window_bits(10).client_no_context_takeover(true);
    let mut socket = message_socket_with("/request", Control::new().compression(compression)).await.unwrap();
    let request = soon(socket.receive()).await.unwrap().unwrap().as_text().unwrap().to_lowercase();
    let offer = "sec-websocket-extensions: permessage-deflate; client_no_context_takeover; server_max_window_bits=10; \
                 client_max_window_bits";
    assert_eq!(lines(&request, "sec-websocket-extensions"), [offer]);
}

#[test]
async fn a_server_may_decline() {
    let mut socket = compressed_socket("/echo").await.unwrap();
    assert_eq!(socket.information().extensions(), None);
    let text = "plain ".repeat(1000);
    soon(socket.send(&*text)).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from(text)));
}

#[test]
async fn a_server_must_not_use_what_was_not_offered() {
    let error = message_socket(&format!("/raw?{ACCEPTED}")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
}

#[test]
async fn what_was_negotiated_is_told() {
    for extensions in
        ["permessage-deflate", "permessage-deflate; server_max_window_bits=12; client_no_context_takeover"]
    {
        let socket = compressed_socket(&format!("/deflate?extensions={}", encoded(extensions))).await.unwrap();
        assert_eq!(socket.information().extensions(), Some(extensions));
    }
}

#[test]
async fn answers_that_do_not_fit_are_refused() {
    for extensions in [
        "",
        "permessage-bzip2",
        "permessage-deflate; foo",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate, permessage-deflate",
        "permessage-deflate&extensions=permessage-deflate",
    ] {
        let error = compressed_socket(&format!("/raw?extensions={}", encoded(extensions))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{extensions}");
    }
}

#[test]
async fn impossible_settings_are_refused() {
    for compression in [
        Compression::new().client_max_window_bits(7),
        Compression::new().client_max_window_bits(16),
        Compression::new().server_max_window_bits(0),
        Compression::new().server_max_window_bits(255),
        Compression::new().level(10),
    ] {
        let error = message_socket_with("/echo", Control::new().compression(compression)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}

#[test]
async fn the_examples_of_the_rfc_are_read() {
    // Sections 7.2.3.1 and 7.2.3.2: one frame, a message that refers to it, and one in two frames that is not compressed.
    let script = "c107f248cdc9c90700c105f2001100000103486f6c800161";
    for mode in ["whole", "bytes", "glued"] {
        let path = format!("/raw?{ACCEPTED}&hex={script}&mode={mode}&then=close");
        let (texts, error) = receive_to_end(&mut compressed_socket(&path).await.unwrap()).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(texts, ["Hello", "Hello", "Hola"]);
    }
}

#[test]
async fn the_examples_of_the_rfc_are_written() {
    let id = unique_id();
    let mut socket = compressed_socket(&format!("/deflate?{ACCEPTED}&id={id}")).await.unwrap();
    for _ in 0..2 {
        soon(socket.send("Hello")).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("Hello")));
    }
    soon(socket.close(1000, "")).await.unwrap();
    let record = report(&id, "end").await;
    let frames = lines(&record, "frame opcode=1 ");
    assert_eq!(frames.len(), 2, "{record}");
    assert!(frames[0].contains("fin=1 masked=1 len=7 hex=f248cdc9c90700 ") && frames[0].ends_with("rsv=4"), "{record}");
    assert!(frames[1].contains("fin=1 masked=1 len=5 hex=f200110000 ") && frames[1].ends_with("rsv=4"), "{record}");
}

#[test]
async fn messages_come_back_whatever_was_negotiated() {
    for extensions in [
        "permessage-deflate",
        "permessage-deflate; client_no_context_takeover",
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_max_window_bits=9",
        "permessage-deflate; client_max_window_bits=8",
    ] {
        let mut socket = compressed_socket(&format!("/deflate?extensions={}", encoded(extensions))).await.unwrap();
        for len in [0, 1, 125, 126, 70_000, 3_000_000, 5] {
            soon(socket.send(pattern(0, len))).await.unwrap();
            let echoed = soon(socket.receive()).await.unwrap();
            assert!(echoed == Some(Message::from(pattern(0, len))), "{extensions}: {len} bytes");
        }
        let text = "gr\u{fc}\u{df}e \u{1f600} ".repeat(20_000);
        soon(socket.send(&*text)).await.unwrap();
        assert!(soon(socket.receive()).await.unwrap() == Some(Message::from(text)), "{extensions}: text");
        soon(socket.close(1000, "")).await.unwrap();
    }
}

#[test]
async fn traffic_counts_what_the_program_sees() {
    let id = unique_id();
    let mut socket = compressed_socket(&format!("/deflate?{ACCEPTED}&id={id}")).await.unwrap();
    soon(socket.send(vec![0; 100_000])).await.unwrap();
    soon(socket.receive()).await.unwrap().unwrap();
    let information = socket.information();
    assert_eq!((information.sent().bytes, information.received().bytes), (100_000, 100_000));
    soon(socket.close(1000, "")).await.unwrap();
    let record = report(&id, "end").await;
    assert_eq!(lines(&record, "message"), ["message 2 100000"]);
    assert!(lines(&record, "frame opcode=2")[0].contains("fin=1 masked=1 len=1"), "{record}");
}

#[test]
async fn a_short_message_is_sent_as_it_is() {
    let id = unique_id();
    let control = Control::new().compression(Compression::new().threshold(6));
    let mut socket = message_socket_with(&format!("/deflate?{ACCEPTED}&id={id}"), control).await.unwrap();
    for text in ["Hello", "Hello!", "Hello"] {
        soon(socket.send(text)).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from(text)));
    }
    soon(socket.close(1000, "")).await.unwrap();
    let record = report(&id, "end").await;
    let compressed: Vec<_> = lines(&record, "frame opcode=1").iter().map(|line| line.contains("rsv=4")).collect();
    assert_eq!(compressed, [false, true, false], "{record}");
}

#[test]
async fn a_bomb_is_refused_with_1009() {
    let id = unique_id();
    let control = eager().max_message_size(Some(100_000));
    let path = format!("/raw?{ACCEPTED}&hex={}&id={id}", bomb());
    let mut socket = message_socket_with(&path, control).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::MessageTooBig);
    let record = report(&id, "close").await;
    assert!(lines(&record, "close")[0].starts_with("close 1009"), "{record}");
}

#[test]
async fn within_the_limit_it_is_a_message() {
    let mut socket = compressed_socket(&format!("/raw?{ACCEPTED}&hex={}", bomb())).await.unwrap();
    let message = soon(socket.receive()).await.unwrap().unwrap();
    assert_eq!(message.as_bytes().len(), 8 << 20);
}

#[test]
async fn what_cannot_be_inflated_is_refused_with_1002() {
    let id = unique_id();
    let mut socket = compressed_socket(&format!("/raw?{ACCEPTED}&hex=c102ffff&id={id}")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::Protocol);
    let record = report(&id, "close").await;
    assert!(lines(&record, "close")[0].starts_with("close 1002"), "{record}");
}

#[test]
async fn text_that_is_not_utf8_is_refused_with_1007() {
    let id = unique_id();
    // A block without compression.
    let mut socket = compressed_socket(&format!("/raw?{ACCEPTED}&hex=c107000100feffff00&id={id}")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::InvalidUtf8);
    assert!(lines(&report(&id, "close").await, "close")[0].starts_with("close 1007"));
}

#[test]
async fn a_stream_is_compressed_as_well() {
    let path = peer(&format!("/deflate?{ACCEPTED}"));
    let mut stream = soon(StreamWebSocket::connect_with(&path, eager())).await.unwrap();
    assert_eq!(stream.information().extensions(), Some("permessage-deflate"));
    let sent = pattern(0, 1_000_000);
    let mut received = vec![0; sent.len()];
    soon(async {
        stream.write_all(&sent).await.unwrap();
        stream.flush().await.unwrap();
        stream.read_exact(&mut received).await.unwrap();
    })
    .await;
    assert!(sent == received);
}

#[test]
async fn the_halves_keep_the_context() {
    let socket = compressed_socket(&format!("/deflate?{ACCEPTED}")).await.unwrap();
    let (mut sender, mut receiver) = socket.split();
    for _ in 0..3 {
        soon(sender.send("one and the same text")).await.unwrap();
        assert_eq!(soon(receiver.receive()).await.unwrap().unwrap().as_text(), Some("one and the same text"));
    }
    let mut socket = sender.reunite(receiver).unwrap();
    soon(socket.send("one and the same text")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("one and the same text"));
}

/// 8 MiB of zeros in a frame of 8 KiB, in hexadecimal.
fn bomb() -> String {
    let mut stream = flate2::Compress::new(flate2::Compression::best(), false);
    let mut payload = Vec::with_capacity(64 * 1024);
    stream.compress_vec(&vec![0; 8 << 20], &mut payload, flate2::FlushCompress::Sync).unwrap();
    payload.truncate(payload.len() - 4);
    hex(&[&[0xc2, 126][..], &(payload.len() as u16).to_be_bytes(), &payload].concat())
}

/// Ready for a URL.
fn encoded(text: &str) -> String {
    text.replace(' ', "%20").replace(';', "%3B")
}
