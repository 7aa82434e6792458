//! Frames out: RFC 6455 sections 5.2 and 5.3.

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
    out.reserve(Header::MAX_SIZE + payload.len());
    Header { fin: true, opcode, len: payload.len() as u64 }.encode(key, out);
    let start = out.len();
    out.extend_from_slice(payload);
    mask(key, &mut out[start..]);
}

/// Appends a Close frame, without a body if there is no code.
pub fn encode_close(key: [u8; 4], frame: Option<&CloseFrame>, out: &mut BytesMut) {
    let payload = frame.map(CloseFrame::to_payload).unwrap_or_default();
    encode(key, Opcode::Close, &payload, out);
}
