//! The servers of these tests: one by a library that the engine does not use, one with windows of any size.

use flate2::{Compress, Compression as Level, Decompress, FlushCompress, FlushDecompress};
use miniz_oxide::{
    DataFormat, MZError, MZFlush, MZStatus,
    deflate::{core::CompressorOxide, stream::deflate},
    inflate::stream::{InflateState, inflate},
};

pub const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// Both directions by miniz_oxide, whose window has always 32 KiB.
#[allow(missing_debug_implementations, reason = "miniz_oxide has none")]
pub struct Server {
    deflater: Box<CompressorOxide>,
    inflater: Box<InflateState>,
}

impl Default for Server {
    fn default() -> Self {
        Self { deflater: Box::default(), inflater: InflateState::new_boxed(DataFormat::Raw) }
    }
}

impl Server {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Compresses with what came before in the window.
    pub fn deflate(&mut self, message: &[u8]) -> Vec<u8> {
        // The library's own format has a header, ours has none.
        self.deflater.set_format_and_level(DataFormat::Raw, 6);
        let mut output = vec![0; message.len() + message.len() / 8 + 1024];
        let result = deflate(&mut self.deflater, message, &mut output, MZFlush::Sync);
        assert_eq!((result.status, result.bytes_consumed), (Ok(MZStatus::Ok), message.len()));
        output.truncate(result.bytes_written);
        assert!(output.ends_with(&TAIL));
        output.truncate(output.len() - TAIL.len());
        output
    }

    /// Decompresses with what came before in the window.
    pub fn inflate(&mut self, payload: &[u8]) -> Vec<u8> {
        self.read(payload, true).expect("the payload can be inflated")
    }

    /// Decompresses what may be damaged: `None` if it is.
    pub fn read(&mut self, payload: &[u8], context_takeover: bool) -> Option<Vec<u8>> {
        let mut output = Vec::new();
        let mut has_final_block = self.run(payload, &mut output)?;
        // Some peers send nothing at all for an empty message; and a stream that was ended has its end (RFC 7692 section
        // 7.2.3.4).
        if !payload.is_empty() && !has_final_block {
            has_final_block = self.run(&TAIL, &mut output)?;
        }
        if has_final_block || !context_takeover {
            self.inflater = InflateState::new_boxed(DataFormat::Raw);
        }
        Some(output)
    }

    /// Decompresses a piece; gives whether a stream ended in it, behind which another may start.
    fn run(&mut self, input: &[u8], output: &mut Vec<u8>) -> Option<bool> {
        let (mut rest, mut has_final_block, mut piece) = (0, false, vec![0; 64 * 1024]);
        loop {
            let result = inflate(&mut self.inflater, &input[rest..], &mut piece, MZFlush::Sync);
            rest += result.bytes_consumed;
            output.extend_from_slice(&piece[..result.bytes_written]);
            match result.status {
                Ok(MZStatus::StreamEnd) => {
                    has_final_block = true;
                    self.inflater = InflateState::new_boxed(DataFormat::Raw);
                    if rest == input.len() {
                        return Some(has_final_block);
                    }
                }
                // There may be more without more input.
                Ok(_) => {}
                Err(MZError::Buf) => return Some(has_final_block),
                _ => return None,
            }
        }
    }
}

/// Compresses and decompresses with a window of 2 to the power of `bits` and not a byte more.
#[derive(Debug)]
pub struct Windowed {
    deflater: Compress,
    inflater: Decompress,
}

impl Windowed {
    pub fn new(bits: u8) -> Self {
        Self {
            deflater: Compress::new_with_window_bits(Level::new(9), false, bits),
            inflater: Decompress::new_with_window_bits(false, bits),
        }
    }

    pub fn deflate(&mut self, message: &[u8]) -> Vec<u8> {
        let mut output = Vec::with_capacity(message.len() * 2 + 1024);
        self.deflater.compress_vec(message, &mut output, FlushCompress::Sync).unwrap();
        assert!(output.len() < output.capacity());
        // The library flushes no second time, so an empty message becomes nothing at all, as with many a server.
        assert!(output.ends_with(&TAIL) || message.is_empty());
        output.truncate(output.len().saturating_sub(TAIL.len()));
        output
    }

    /// How many bytes the beginning of a message is known to become.
    pub fn inflate_begin(&mut self, begin: &[u8]) -> usize {
        let (mut rest, mut piece) = (0, vec![0; 64 * 1024]);
        loop {
            let before = (self.inflater.total_in(), self.inflater.total_out());
            let _ = self.inflater.decompress(&begin[rest..], &mut piece, FlushDecompress::Sync).unwrap();
            rest += (self.inflater.total_in() - before.0) as usize;
            if self.inflater.total_out() == before.1 {
                return self.inflater.total_out() as usize;
            }
        }
    }

    /// Byte by byte, for only then the library looks back no further than its window.
    pub fn inflate(&mut self, payload: &[u8]) -> Vec<u8> {
        let input = [payload, &TAIL].concat();
        let (mut output, mut byte, mut rest) = (Vec::new(), [0], 0);
        loop {
            let before = (self.inflater.total_in(), self.inflater.total_out());
            self.inflater.decompress(&input[rest..], &mut byte, FlushDecompress::Sync).unwrap();
            rest += (self.inflater.total_in() - before.0) as usize;
            if self.inflater.total_out() == before.1 {
                assert_eq!(rest, input.len());
                return output;
            }
            output.push(byte[0]);
        }
    }
}
