//! Frames, written and read byte by byte as RFC 6455 section 5.2 draws them: not with the code under test.

pub const FIN: u8 = 0x80;
/// Set in the first frame of a compressed message (RFC 7692 section 6).
pub const RSV1: u8 = 0x40;

pub const CONTINUATION: u8 = 0x0;
pub const TEXT: u8 = 0x1;
pub const BINARY: u8 = 0x2;
pub const CLOSE: u8 = 0x8;
pub const PING: u8 = 0x9;
pub const PONG: u8 = 0xa;

/// A frame whose first byte is given: the final bit, the reserved bits and the opcode.
pub fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    [&header(first, payload.len() as u64), payload].concat()
}

/// A header whose first byte is given, with the shortest form of the length.
pub fn header(first: u8, len: u64) -> Vec<u8> {
    match len {
        0..=125 => vec![first, len as u8],
        126..=0xffff => [&[first, 126][..], &(len as u16).to_be_bytes()].concat(),
        _ => [&[first, 127][..], &len.to_be_bytes()].concat(),
    }
}

/// A Close frame with a code.
pub fn close_frame(code: u16, reason: impl AsRef<[u8]>) -> Vec<u8> {
    frame(FIN | CLOSE, [&code.to_be_bytes(), reason.as_ref()].concat())
}

/// Bytes among which a wrong order or a gap shows.
pub fn payload(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

/// The frames of a client, unmasked: the first byte of each and its payload. A frame that is cut off at the end is left out.
///
/// # Errors
///
/// What is wrong with a frame.
pub fn client_frames(mut bytes: &[u8]) -> Result<Vec<(u8, Vec<u8>)>, String> {
    let mut frames = Vec::new();
    while let Some((frame, rest)) = client_frame(bytes)? {
        frames.push(frame);
        bytes = rest;
    }
    Ok(frames)
}

type Frame = (u8, Vec<u8>);

fn client_frame(bytes: &[u8]) -> Result<Option<(Frame, &[u8])>, String> {
    let Some((&[first, second], rest)) = bytes.split_first_chunk() else { return Ok(None) };
    if second & 0x80 == 0 {
        return Err(format!("a frame without a mask: {bytes:x?}"));
    }
    let (len, rest) = match second & 0x7f {
        126 => match rest.split_first_chunk() {
            Some((len, rest)) => (u64::from(u16::from_be_bytes(*len)), rest),
            None => return Ok(None),
        },
        127 => match rest.split_first_chunk() {
            Some((len, rest)) => (u64::from_be_bytes(*len), rest),
            None => return Ok(None),
        },
        len => (len.into(), rest),
    };
    if header(first, len)[1] != second & 0x7f {
        return Err(format!("a length of {len} in a form that is too long"));
    }
    let Some((key, rest)) = rest.split_first_chunk::<4>() else { return Ok(None) };
    let Some((masked, rest)) = rest.split_at_checked(len as usize) else { return Ok(None) };
    let payload = masked.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect();
    Ok(Some(((first, payload), rest)))
}
