//! Writes that fail while the end of a stream lies unread; a browser whose write fails may not read on.

use std::time::Duration;

use futures::AsyncWriteExt;

use crate::support::{
    sleep, soon, stream_socket, test,
    wire::{frame, script},
};

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
