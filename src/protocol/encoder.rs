//! Frames out: RFC 6455 sections 5.2 and 5.3, RFC 7692 section 6.1.

use super::{
    close::CloseFrame,
    frame::{Header, Opcode},
    mask::append_masked,
};

/// Appends one frame that is a whole message, or a control frame.
///
/// `key` must be fresh for each frame (section 5.3) and unpredictable (section 10.3). A server has none: it "MUST NOT mask any
/// frames that it sends" (section 5.1).
#[inline]
pub fn encode(key: impl Into<Option<[u8; 4]>>, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    let len = payload.len() as u64;
    append(key, Header { fin: true, opcode, compressed: false, len }, payload, out);
}

/// Appends one frame that is a whole compressed message, its payload by a [`Deflater`](super::deflate::Deflater).
pub fn encode_compressed(key: impl Into<Option<[u8; 4]>>, opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    let len = payload.len() as u64;
    append(key, Header { fin: true, opcode, compressed: true, len }, payload, out);
}

/// Appends one frame that is a part of a message, its first one with the opcode of the message, the others with
/// [`Opcode::Continuation`] (section 5.4).
#[inline]
pub fn encode_part(key: impl Into<Option<[u8; 4]>>, opcode: Opcode, fin: bool, payload: &[u8], out: &mut Vec<u8>) {
    let len = payload.len() as u64;
    append(key, Header { fin, opcode, compressed: false, len }, payload, out);
}

/// Appends a Close frame, without a body if there is no code.
pub fn encode_close(key: impl Into<Option<[u8; 4]>>, frame: Option<&CloseFrame>, out: &mut Vec<u8>) {
    let payload = frame.map(CloseFrame::to_payload).unwrap_or_default();
    encode(key, Opcode::Close, &payload, out);
}

#[inline]
fn append(key: impl Into<Option<[u8; 4]>>, header: Header, payload: &[u8], out: &mut Vec<u8>) {
    let key = key.into();
    out.reserve(Header::MAX_SIZE + payload.len());
    header.encode(key, out);
    match key {
        Some(key) => append_masked(key, payload, out),
        None => out.extend_from_slice(payload),
    }
}
