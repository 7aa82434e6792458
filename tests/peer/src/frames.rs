//! Frames of RFC 6455 section 5.2 as the raw half writes and reads them, independent of any library.

use std::fmt;
use std::io;
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use tokio::io::{AsyncRead, AsyncReadExt};

pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// The longest payload of a control frame.
pub(crate) const MAX_CONTROL: usize = 125;

/// Payloads are read and written in pieces of at most this size, however long the frame.
pub(crate) const CHUNK: usize = 64 * 1024;

/// A frame that was read to its end. Displayed it is a line of the record.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) fin: bool,
    pub(crate) rsv: u8,
    pub(crate) opcode: u8,
    pub(crate) key: Option<[u8; 4]>,
    pub(crate) len: u64,
    /// The payload unmasked, cut after `MAX_CONTROL` bytes: whole for every legal control frame.
    pub(crate) start: Vec<u8>,
}

impl Frame {
    /// Reads a frame and shows its payload piece by piece. `None`: the client's side has ended.
    pub(crate) async fn read<R>(reader: &mut R, mut see: impl FnMut(&[u8]) + Send) -> io::Result<Option<Self>>
    where
        R: AsyncRead + Unpin,
    {
        let Some(mut frame) = Self::read_header(reader).await? else {
            return Ok(None);
        };
        let mut piece = vec![0; CHUNK.min(usize::try_from(frame.len).unwrap_or(CHUNK))];
        let mut position = 0;
        while position < frame.len {
            let wanted = (frame.len - position).min(piece.len() as u64) as usize;
            let read = reader.read(&mut piece[..wanted]).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            unmask(&mut piece[..read], frame.key, position);
            let missing = MAX_CONTROL - frame.start.len();
            frame.start.extend_from_slice(&piece[..read.min(missing)]);
            see(&piece[..read]);
            position += read as u64;
        }
        Ok(Some(frame))
    }

    async fn read_header<R>(reader: &mut R) -> io::Result<Option<Self>>
    where
        R: AsyncRead + Unpin,
    {
        let mut first = [0];
        match reader.read(&mut first).await {
            Ok(0) => return Ok(None),
            // TLS that ends without a word of farewell.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        };
        let second = reader.read_u8().await?;
        let len = match second & 0x7f {
            126 => u64::from(reader.read_u16().await?),
            127 => reader.read_u64().await?,
            len => u64::from(len),
        };
        let mut key = [0; 4];
        let masked = second & 0x80 != 0;
        if masked {
            reader.read_exact(&mut key).await?;
        }
        Ok(Some(Self {
            fin: first[0] & 0x80 != 0,
            rsv: first[0] >> 4 & 7,
            opcode: first[0] & 15,
            key: masked.then_some(key),
            len,
            start: Vec::new(),
        }))
    }

    /// True for the last frame of a text or binary message.
    pub(crate) fn ends_message(&self) -> bool {
        self.fin && self.opcode <= BINARY
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.start[..self.start.len().min(SHOWN)];
        write!(
            f,
            "frame opcode={} fin={} masked={} len={} hex={}",
            self.opcode,
            u8::from(self.fin),
            u8::from(self.key.is_some()),
            self.len,
            HEXLOWER.encode(shown)
        )?;
        if let Some(key) = self.key {
            write!(f, " key={}", HEXLOWER.encode(&key))?;
        }
        if self.rsv != 0 {
            write!(f, " rsv={}", self.rsv)?;
        }
        Ok(())
    }
}

/// The line of the record for the payload of a Close.
pub(crate) fn close_line(payload: &[u8]) -> String {
    match payload {
        [] => "close empty".to_owned(),
        [_] => "close malformed".to_owned(),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            let line = format!("close {code} {}", String::from_utf8_lossy(reason));
            line.trim_end().to_owned()
        }
    }
}

/// A whole unmasked frame.
pub(crate) fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = header(opcode, true, payload.len() as u64);
    bytes.extend_from_slice(payload);
    bytes
}

/// The header of an unmasked frame, with the shortest form of the length.
pub(crate) fn header(opcode: u8, fin: bool, len: u64) -> Vec<u8> {
    let mut bytes = vec![u8::from(fin) << 7 | opcode];
    match len {
        0..126 => bytes.push(len as u8),
        126..0x1_0000 => {
            bytes.push(126);
            bytes.extend_from_slice(&(len as u16).to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend_from_slice(&len.to_be_bytes());
        }
    }
    bytes
}

/// The next piece of a payload whose byte `i` is `i % 251`: as many of the `wanted` bytes as `CHUNK` allows.
pub(crate) fn pattern(position: u64, wanted: u64) -> &'static [u8] {
    static PATTERN: LazyLock<Vec<u8>> =
        LazyLock::new(|| (0..CHUNK as u64 + PERIOD).map(|i| (i % PERIOD) as u8).collect());
    let start = (position % PERIOD) as usize;
    let len = wanted.min(CHUNK as u64) as usize;
    &PATTERN[start..start + len]
}

/// The same payload from its start, in one piece.
pub(crate) fn pattern_message(size: usize) -> Vec<u8> {
    (0..size as u64).map(|i| (i % PERIOD) as u8).collect()
}

fn unmask(bytes: &mut [u8], key: Option<[u8; 4]>, position: u64) {
    if let Some(mut key) = key {
        key.rotate_left((position % 4) as usize);
        for (byte, mask) in bytes.iter_mut().zip(key.iter().cycle()) {
            *byte ^= mask;
        }
    }
}

/// The period of the payload: a prime, so that a lost or doubled block of any usual size shows.
const PERIOD: u64 = 251;

/// How much of a payload a record shows.
const SHOWN: usize = 64;
