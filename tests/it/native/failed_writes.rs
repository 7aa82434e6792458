//! Writes that fail while what the peer sent before it left lies unread; a browser whose write fails may not read on.

use std::time::Duration;

use futures::AsyncWriteExt;

use crate::support::{
    assert_closed, message_socket, receive_to_end, sleep, soon, stream_socket, test,
    wire::{frame, script},
};

#[test]
async fn sends_that_fail_do_not_hide_what_the_peer_sent_before_it_left() {
    let frames = [frame(true, 1, b"one"), frame(true, 1, b"two"), frame(true, 8, b"\x0f\xa1bye")];
    for then in ["drop", "reset"] {
        for sends in [1, 2, 50] {
            let path = script(&frames.concat(), &format!("then={then}"));
            let mut socket = message_socket(&path).await.unwrap();
            for _ in 0..sends {
                // Whether or not this one fails.
                let _ = soon(socket.send("into the void")).await;
                sleep(Duration::from_millis(1)).await;
            }
            let (texts, error) = receive_to_end(&mut socket).await;
            assert_eq!(texts, ["one", "two"], "{then}, {sends} sends");
            assert!(error.is_none(), "{then}, {sends} sends: {error:?}");
            assert_closed(&socket.closed().unwrap(), 4001, "bye");
            assert_closed(&soon(socket.close(3000, "")).await.unwrap(), 4001, "bye");
        }
    }
}

#[test]
async fn writes_that_fail_do_not_hide_the_end_of_a_stream() {
    for (code, reason) in [(1000, None), (4000, Some(4000))] {
        let close = [&u16::to_be_bytes(code)[..], b"done"].concat();
        let frames = [frame(true, 2, b"all"), frame(true, 2, b" bytes"), frame(true, 8, &close)].concat();
        let mut stream = stream_socket(&script(&frames, "then=drop")).await.unwrap();
        for _ in 0..3 {
            let _ = soon(stream.write(b"into the void")).await;
            sleep(Duration::from_millis(1)).await;
        }
        let mut bytes = Vec::new();
        let error = loop {
            match soon(stream.read_chunk()).await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        assert_eq!(bytes, b"all bytes");
        let told = error.map(|error| u16::from(error.close().expect("the code is told").code()));
        assert_eq!(told, reason);
    }
}
