//! Much data from little memory: messages without end, and one message of any length.

use std::io;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::connection::Connection;
use crate::frames::{BINARY, CHUNK, CONTINUATION, header, pattern, pattern_message};

/// The longest message of a flood: one is kept in memory.
pub(crate) const MAX_SIZE: u64 = 64 << 20;

/// Writes `total` payload bytes in messages of `size`, and records each time that the client takes nothing.
pub(crate) async fn flood(connection: &mut Connection, total: u64, size: u64) -> io::Result<()> {
    let message = Message::new(size);
    // Small messages leave by the batch, or the system calls would be the limit and not the client.
    let copies = (CHUNK / message.bytes.len()).max(1) as u64;
    let batch = message.bytes.repeat(copies as usize);
    let mut sent = 0;
    while total - sent >= size {
        let count = copies.min((total - sent) / size);
        let bytes = &batch[..count as usize * message.bytes.len()];
        push(connection, bytes, |written| sent + message.payload(written)).await?;
        sent += count * size;
    }
    if sent < total {
        let last = Message::new(total - sent);
        push(connection, &last.bytes, |written| sent + last.payload(written)).await?;
    }
    connection.socket.flush().await?;
    connection.record.note(format_args!("sent {total}"));
    Ok(())
}

/// Writes one binary message of `bytes` bytes in `fragments` frames.
pub(crate) async fn big_message(connection: &mut Connection, bytes: u64, fragments: u64) -> io::Result<()> {
    let mut position = 0;
    for fragment in 0..fragments {
        let opcode = if fragment == 0 { BINARY } else { CONTINUATION };
        let len = bytes / fragments + u64::from(fragment < bytes % fragments);
        let header = header(opcode, fragment + 1 == fragments, len);
        connection.socket.write_all(&header).await?;
        let end = position + len;
        while position < end {
            let piece = pattern(position, end - position);
            connection.socket.write_all(piece).await?;
            position += piece.len() as u64;
        }
    }
    connection.socket.flush().await
}

/// A binary message as it goes over the wire.
struct Message {
    bytes: Vec<u8>,
    size: u64,
}

impl Message {
    fn new(size: u64) -> Self {
        let mut bytes = header(BINARY, true, size);
        bytes.extend(pattern_message(size as usize));
        Self { bytes, size }
    }

    /// How much of `written` bytes of such messages is payload.
    fn payload(&self, written: usize) -> u64 {
        let (whole, rest) = (written / self.bytes.len(), written % self.bytes.len());
        let header = self.bytes.len() - self.size as usize;
        whole as u64 * self.size + rest.saturating_sub(header) as u64
    }
}

async fn push(connection: &mut Connection, bytes: &[u8], total: impl Fn(usize) -> u64) -> io::Result<()> {
    let mut written = 0;
    while written < bytes.len() {
        let mut write = std::pin::pin!(connection.socket.write(&bytes[written..]));
        let count = match timeout(STALL, &mut write).await {
            Ok(count) => count?,
            Err(_) => {
                let line = format!("blocked {}", total(written));
                connection.record.note(line);
                write.await?
            }
        };
        if count == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        written += count;
    }
    Ok(())
}

/// A write that has not moved for so long is blocked.
const STALL: Duration = Duration::from_millis(300);
