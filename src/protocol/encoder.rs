//! Frames out: RFC 6455 sections 5.2 and 5.3, RFC 7692 section 6.1.

use bytes::BytesMut;

use super::{
    close::CloseFrame,
    frame::{Header, Opcode},
    mask::mask,
};

/// Appends one frame that is a whole message, or a control frame.
///
/// `key` must be fresh for each frame (section 5.3) and unpredictable (section 10.3).
pub fn encode(key: [u8; 4], opcode: Opcode, payload: &[u8], out: &mut BytesMut) {
    let len = payload.len() as u64;
    append(key, Header { fin: true, opcode, compressed: false, len }, payload, out);
}

/// Appends one frame that is a whole compressed message, its payload by a [`Deflater`](super::deflate::Deflater).
pub fn encode_compressed(key: [u8; 4], opcode: Opcode, payload: &[u8], out: &mut BytesMut) {
    let len = payload.len() as u64;
    append(key, Header { fin: true, opcode, compressed: true, len }, payload, out);
}

/// Appends one frame that is a part of a message, its first one with the opcode of the message, the others with
/// [`Opcode::Continuation`] (section 5.4).
pub fn encode_part(key: [u8; 4], opcode: Opcode, fin: bool, payload: &[u8], out: &mut BytesMut) {
    let len = payload.len() as u64;
    append(key, Header { fin, opcode, compressed: false, len }, payload, out);
}

/// Appends a Close frame, without a body if there is no code.
pub fn encode_close(key: [u8; 4], frame: Option<&CloseFrame>, out: &mut BytesMut) {
    let payload = frame.map(CloseFrame::to_payload).unwrap_or_default();
    encode(key, Opcode::Close, &payload, out);
}

fn append(key: [u8; 4], header: Header, payload: &[u8], out: &mut BytesMut) {
    out.reserve(Header::MAX_SIZE + payload.len());
    header.encode(key, out);
    let start = out.len();
    out.extend_from_slice(payload);
    mask(key, &mut out[start..]);
}
