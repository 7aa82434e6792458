//! permessage-deflate on the server's side: RFC 7692 section 7.1.

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use websocket_anywhere::{
    Compression, Control, ErrorKind, Message, MessageWebSocket, ServerControl, ServerMessageWebSocket,
};

use super::{
    memory_pipe::{CAPACITY, URL},
    server_requests::{REQUEST, read_answer},
};
use crate::support::{
    soon,
    wire::{TEXT, frame},
};

#[tokio::test]
async fn a_server_compresses_as_client_and_server_like() {
    let long = "to compress ".repeat(1000);
    for (theirs, ours, extensions) in [
        (Compression::new(), Compression::new(), "permessage-deflate"),
        (
            Compression::new().server_no_context_takeover(true).client_no_context_takeover(true),
            Compression::new(),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            Compression::new().client_max_window_bits(10),
            Compression::new().server_max_window_bits(9),
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10",
        ),
        (
            Compression::new(),
            Compression::new().client_max_window_bits(11).client_no_context_takeover(true),
            "permessage-deflate; client_no_context_takeover; client_max_window_bits=11",
        ),
        (
            Compression::new().server_max_window_bits(8),
            Compression::new(),
            "permessage-deflate; server_max_window_bits=8",
        ),
    ] {
        let (near, far) = duplex(CAPACITY);
        let control = ServerControl::new().settings(Control::new().compression(ours));
        let (client, server) = soon(async {
            tokio::join!(
                MessageWebSocket::handshake(near, URL, Control::new().compression(theirs)),
                ServerMessageWebSocket::accept(far, control)
            )
        })
        .await;
        let (mut client, mut server) = (client.unwrap(), server.unwrap());
        assert_eq!(client.information().extensions().unwrap_or_default(), extensions);
        assert_eq!(server.information().extensions().unwrap_or_default(), extensions);
        for _ in 0..3 {
            soon(client.send(&*long)).await.unwrap();
            let received = soon(server.receive()).await.unwrap().unwrap();
            assert!(received == Message::from(&*long), "{extensions}");
            soon(server.send(received)).await.unwrap();
            assert!(soon(client.receive()).await.unwrap().unwrap() == Message::from(&*long), "{extensions}");
        }
    }
}

#[tokio::test]
async fn compression_that_nobody_offers_or_wants_is_not_used() {
    let ours = ServerControl::new().settings(Control::new().compression(Compression::new()));
    for (control, lines, is_used) in [
        (ours.clone(), "", false),
        (ServerControl::new(), "Sec-WebSocket-Extensions: permessage-deflate\r\n", false),
        (ours.clone(), "Sec-WebSocket-Extensions: permessage-deflate\r\n", true),
        (ours.clone(), "Sec-WebSocket-Extensions: x-other, permessage-deflate; client_max_window_bits\r\n", true),
        (
            ours,
            "Sec-WebSocket-Extensions: permessage-deflate; x=y\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
            true,
        ),
    ] {
        let (mut client, far) = duplex(CAPACITY);
        client.write_all(REQUEST.replace("Origin: http://example.com\r\n", lines).as_bytes()).await.unwrap();
        let mut server = soon(ServerMessageWebSocket::accept(far, control)).await.unwrap();
        let answer = read_answer(&mut client).await;
        assert_eq!(answer.contains("sec-websocket-extensions: permessage-deflate\r\n"), is_used, "{lines}: {answer}");
        let text = "to compress ".repeat(10);
        soon(server.send(&*text)).await.unwrap();
        let first = soon(client.read_u8()).await.unwrap();
        assert_eq!(first & 0x40 != 0, is_used, "the bit RSV1 of {lines}");
        assert!(is_used || first == frame(true, TEXT, b"")[0]);
    }
}

#[tokio::test]
async fn the_limit_of_a_server_holds_for_what_it_inflates() {
    let (near, far) = duplex(CAPACITY);
    let settings = Control::new().compression(Compression::new()).max_message_size(Some(1000));
    let (client, server) = soon(async {
        tokio::join!(
            MessageWebSocket::handshake(near, URL, Control::new().compression(Compression::new())),
            ServerMessageWebSocket::accept(far, ServerControl::new().settings(settings))
        )
    })
    .await;
    let (mut client, mut server) = (client.unwrap(), server.unwrap());
    soon(client.send("x".repeat(1001))).await.unwrap();
    assert_eq!(soon(server.receive()).await.unwrap_err().kind(), ErrorKind::MessageTooBig);
}
