//! Messages compressed beforehand, and requests that arrive compressed (RFC 7692).

use anyhow::{Result, ensure};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::{
    json,
    wire::{FIN, TEXT, put_header},
};

/// Frames of different messages one behind the other, and where each ends. The first one refers to nothing before it, so that
/// it may follow any of them.
pub(super) fn frames(size: usize, takes_over: bool) -> Result<(Vec<u8>, Vec<u64>)> {
    let mut deflater = Compress::new(Compression::new(LEVEL), false);
    let (mut frames, mut ends) = (Vec::new(), Vec::new());
    for number in 0..json::variety(size) {
        if !takes_over {
            deflater.reset();
        }
        let payload = deflate(&mut deflater, &json::message(number, size))?;
        put_header(FIN | COMPRESSED | TEXT, payload.len() as u64, None, &mut frames);
        frames.extend_from_slice(&payload);
        ends.push(frames.len() as u64);
    }
    Ok((frames, ends))
}

/// RFC 7692 section 7.2.1.
fn deflate(deflater: &mut Compress, message: &[u8]) -> Result<Vec<u8>> {
    let mut payload = Vec::with_capacity(message.len() + 64);
    let before = deflater.total_in();
    let status = deflater.compress_vec(message, &mut payload, FlushCompress::Sync)?;
    ensure!(status == Status::Ok && deflater.total_in() - before == message.len() as u64, "there was not room enough");
    ensure!(payload.ends_with(&TAIL), "the message was not flushed");
    payload.truncate(payload.len() - TAIL.len());
    Ok(payload)
}

/// Inflates short messages.
#[derive(Debug)]
pub(super) struct Inflater(Decompress);

impl Inflater {
    pub(super) fn new() -> Self {
        Self(Decompress::new(false))
    }

    /// RFC 7692 section 7.2.2.
    pub(super) fn inflate(&mut self, payload: &[u8]) -> Result<Vec<u8>> {
        let mut message = Vec::with_capacity(MOST_INFLATED);
        self.0.decompress_vec(&[payload, &TAIL].concat(), &mut message, FlushDecompress::Sync)?;
        Ok(message)
    }
}

/// The first reserved bit.
pub(super) const COMPRESSED: u8 = 0x40;
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];
/// The default of every library that is measured.
const LEVEL: u32 = 6;
/// More than any request has.
const MOST_INFLATED: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_also_when_the_first_follows_the_last() {
        let mut deflater = Compress::new(Compression::new(LEVEL), false);
        let mut payloads: Vec<_> =
            (0..3).map(|number| deflate(&mut deflater, &json::message(number, 1000)).expect("there is room")).collect();
        payloads.push(payloads[0].clone());
        let mut inflater = Inflater::new();
        for (payload, number) in payloads.iter().zip([0, 1, 2, 0]) {
            let message = inflater.inflate(payload).expect("it is sound");
            assert!(message == json::message(number, 1000), "message {number}");
        }
        let (frames, ends) = frames(64, false).expect("there is room");
        assert_eq!((ends.len(), ends.last()), (1024, Some(&(frames.len() as u64))));
    }
}
