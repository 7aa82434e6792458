//! `/sink`: reads all that a client sends, keeps none of it, and records how much there was and its hash.

use std::hash::Hasher;
use std::io;
use std::num::NonZeroU64;
use std::time::Duration;

use fnv::FnvHasher;
use tokio::time::{Instant, sleep_until};

use crate::connection::Connection;
use crate::frames::{BINARY, CLOSE, CONTINUATION, Frame, TEXT};
use crate::raw_half::answer_close;

/// Reads and counts to the client's Close or end; no frame but the Close is recorded, since there may be millions. A rate is
/// in bytes a second, and is kept between two frames.
pub(crate) async fn sink(connection: &mut Connection, rate: Option<NonZeroU64>) -> io::Result<()> {
    let mut tally = Tally::default();
    let outcome = tally.read(connection, rate).await;
    connection.record.note(format_args!(
        "sink messages={} text={} binary={} bytes={} fnv={:016x}",
        tally.text + tally.binary,
        tally.text,
        tally.binary,
        tally.bytes,
        tally.hash.finish()
    ));
    let Some(close) = outcome? else {
        return Ok(());
    };
    connection.record_frame(&close);
    answer_close(connection, &[], &close.start).await
}

#[derive(Default)]
struct Tally {
    text: u64,
    binary: u64,
    bytes: u64,
    hash: FnvHasher,
    /// The kind of the message that is being read, for the frames that only continue it.
    kind: u8,
}

impl Tally {
    async fn read(&mut self, connection: &mut Connection, rate: Option<NonZeroU64>) -> io::Result<Option<Frame>> {
        let start = Instant::now();
        loop {
            // A control frame inside a message must leave no trace in the hash of the message.
            let (bytes, hash) = (self.bytes, self.hash.finish());
            let see = |piece: &[u8]| {
                self.bytes += piece.len() as u64;
                self.hash.write(piece);
            };
            let Some(frame) = Frame::read(&mut connection.socket, see).await? else {
                return Ok(None);
            };
            if frame.opcode > BINARY {
                (self.bytes, self.hash) = (bytes, FnvHasher::with_key(hash));
                if frame.opcode == CLOSE {
                    return Ok(Some(frame));
                }
                continue;
            }
            self.count(&frame);
            if let Some(rate) = rate {
                sleep_until(start + Duration::from_secs_f64(self.bytes as f64 / rate.get() as f64)).await;
            }
        }
    }

    fn count(&mut self, frame: &Frame) {
        if frame.opcode != CONTINUATION {
            self.kind = frame.opcode;
        }
        if frame.ends_message() {
            match self.kind {
                TEXT => self.text += 1,
                _ => self.binary += 1,
            }
        }
    }
}
