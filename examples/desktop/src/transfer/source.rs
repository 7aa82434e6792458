//! What is sent: a file, or bytes that are made up.

use std::{fmt, io, path::PathBuf};

use tokio::{fs::File, io::AsyncReadExt};

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// So many bytes that do not repeat.
    Made(u64),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Made(_) => f.write_str("made-up bytes"),
        }
    }
}

/// Can be read.
#[derive(Debug)]
pub(super) struct Opened {
    left: u64,
    size: u64,
    bytes: Bytes,
}

#[derive(Debug)]
enum Bytes {
    File(File),
    /// The state of xorshift.
    Made(u64),
}

impl Source {
    pub(super) async fn open(self) -> io::Result<Opened> {
        let (size, bytes) = match self {
            Self::Made(size) => (size, Bytes::Made(0x2545_f491_4f6c_dd1d)),
            Self::File(path) => {
                let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
                let file = File::open(&path).await.map_err(named)?;
                let metadata = file.metadata().await.map_err(named)?;
                if !metadata.is_file() {
                    return Err(named(io::Error::other("this is no file")));
                }
                (metadata.len(), Bytes::File(file))
            }
        };
        Ok(Opened { left: size, size, bytes })
    }
}

impl Opened {
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Fills the beginning of the buffer, and never gives more than the size; 0 at the end.
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = &mut buffer[..most];
        let amount = match &mut self.bytes {
            Bytes::File(file) => file.read(buffer).await?,
            Bytes::Made(state) => {
                for bytes in buffer.chunks_mut(8) {
                    *state ^= *state << 13;
                    *state ^= *state >> 7;
                    *state ^= *state << 17;
                    bytes.copy_from_slice(&state.to_le_bytes()[..bytes.len()]);
                }
                most
            }
        };
        self.left -= amount as u64;
        Ok(amount)
    }
}
