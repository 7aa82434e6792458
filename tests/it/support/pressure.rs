//! A peer that does not read, until it is told to.

use std::task::Poll;

use websocket_anywhere::{MessageSender, MessageWebSocket, Result};

use super::{message_socket, poll_once, report, soon, wire::fnv, yield_now};

/// What sends messages: a whole socket or its half.
pub(crate) trait Send {
    fn try_send(&mut self, message: &[u8]) -> Poll<Result<()>>;
    fn buffered_amount(&self) -> usize;
}

/// Sends `message` until the peer takes no more, and gives how many were accepted.
///
/// Every send that waits is dropped, and nothing of its message may be sent.
pub(crate) async fn fill(socket: &mut impl Send, message: &[u8], outbound_buffer_size: usize) -> usize {
    let (mut accepted, mut pending) = (0, 0);
    while pending < PATIENCE {
        match socket.try_send(message) {
            Poll::Ready(result) => {
                result.unwrap();
                accepted += 1;
                pending = 0;
                let limit = outbound_buffer_size + message.len() + MAX_HEADER;
                assert!(socket.buffered_amount() <= limit, "{} bytes wait", socket.buffered_amount());
                assert!(accepted * message.len() < MAX_TAKEN, "sends do not wait");
            }
            Poll::Pending => {
                pending += 1;
                // After the last, nothing happens before the test goes on.
                if pending < PATIENCE {
                    yield_now().await;
                }
            }
        }
    }
    accepted
}

/// Lets the slow readers of `id` read.
pub(crate) async fn release(id: &str) {
    let mut socket = message_socket(&format!("/release?id={id}")).await.unwrap();
    let message = soon(socket.receive()).await.unwrap().unwrap();
    assert_eq!(message.as_text(), Some("released"));
}

/// Checks that the peer read exactly these binary messages, once the connection has ended.
pub(crate) async fn assert_sunk<'a>(id: &str, messages: impl IntoIterator<Item = &'a [u8]>) {
    let messages: Vec<&[u8]> = messages.into_iter().collect();
    let (count, bytes) = (messages.len(), messages.iter().map(|message| message.len()).sum::<usize>());
    let expected =
        format!("sink messages={count} text=0 binary={count} bytes={bytes} fnv={:016x}", fnv(messages.iter().copied()));
    let record = report(id, "sink").await;
    assert_eq!(record.lines().find(|line| line.starts_with("sink")), Some(&*expected));
}

impl Send for MessageWebSocket {
    fn try_send(&mut self, message: &[u8]) -> Poll<Result<()>> {
        poll_once(self.send(message))
    }

    fn buffered_amount(&self) -> usize {
        self.buffered_amount()
    }
}

impl Send for MessageSender {
    fn try_send(&mut self, message: &[u8]) -> Poll<Result<()>> {
        poll_once(self.send(message))
    }

    fn buffered_amount(&self) -> usize {
        self.buffered_amount()
    }
}

/// How many turns of the event loop a send waits before the peer counts as full. If it was only slow, a test still holds.
const PATIENCE: usize = if super::BROWSER { 25 } else { 500 };

/// The longest header of a client's frame.
const MAX_HEADER: usize = 14;

/// More than the kernel buffers of both sides hold.
const MAX_TAKEN: usize = 64 << 20;
