//! Frames by hand (RFC 6455 section 5.2), for the server and for the raw client: no code of any library that is measured.

/// The first byte of a frame.
pub(crate) const FIN: u8 = 0x80;
pub(crate) const TEXT: u8 = 0x1;
pub(crate) const BINARY: u8 = 0x2;
pub(crate) const CLOSE: u8 = 0x8;

/// Appends the header of a frame, with a mask key if a client sends it.
pub(crate) fn put_header(first: u8, len: u64, key: Option<[u8; 4]>, out: &mut Vec<u8>) {
    let mask = if key.is_some() { 0x80 } else { 0 };
    out.push(first);
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(short), _) if short < 126 => out.push(mask | short),
        (_, Ok(medium)) => {
            out.push(mask | 126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            out.push(mask | 127);
            out.extend_from_slice(&len.to_be_bytes());
        }
    }
    out.extend_from_slice(key.as_ref().map_or(&[][..], |key| &key[..]));
}

/// Appends a message of a client.
pub(crate) fn put_masked(payload: &[u8], out: &mut Vec<u8>) {
    put_header(FIN | BINARY, payload.len() as u64, Some(KEY), out);
    let start = out.len();
    out.extend_from_slice(payload);
    mask(KEY, 0, &mut out[start..]);
}

/// Of the frame of a server that begins here: whether a message ends with it, how long its payload is, and how long its header;
/// `None` if the header is not all there.
pub(crate) fn server_header(input: &[u8]) -> Option<(bool, u64, usize)> {
    let &first = input.first()?;
    let (len, size) = length(input)?;
    Some((first & FIN != 0 && first & 0xf < CLOSE, len, size))
}

/// The length of the payload, and where it is said up to.
#[inline]
fn length(input: &[u8]) -> Option<(u64, usize)> {
    Some(match input.get(1)? & 0x7f {
        126 => (u64::from(u16::from_be_bytes(*input.get(2..)?.first_chunk()?)), 4),
        127 => (u64::from_be_bytes(*input.get(2..)?.first_chunk()?), 10),
        short => (u64::from(short), 2),
    })
}

/// The key of all clients that are made by hand.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// The head of a frame that a client sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) first: u8,
    pub(crate) len: u64,
    pub(crate) key: [u8; 4],
}

impl Header {
    /// The header at the beginning of `input` and its length, or `None` if it is not all there.
    #[inline]
    pub(crate) fn parse(input: &[u8]) -> Option<(Self, usize)> {
        let &first = input.first()?;
        let (len, at) = length(input)?;
        let key = *input.get(at..)?.first_chunk()?;
        Some((Self { first, len, key }, at + 4))
    }
}

/// Masks or unmasks the part of a payload that begins `offset` bytes after its start.
pub(crate) fn mask(key: [u8; 4], offset: u64, payload: &mut [u8]) {
    let mut key = key;
    key.rotate_left((offset % 4) as usize);
    let narrow = u64::from(u32::from_ne_bytes(key));
    let wide = narrow << 32 | narrow;
    let mut words = payload.chunks_exact_mut(8);
    for word in &mut words {
        let masked = u64::from_ne_bytes(word.try_into().expect("the chunk has eight bytes")) ^ wide;
        word.copy_from_slice(&masked.to_ne_bytes());
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

/// How long the frames of a message are on the wire, from a server.
pub(crate) fn message_len(size: u64, fragments: u64) -> u64 {
    let mut header = Vec::new();
    put_header(FIN | BINARY, size / fragments, None, &mut header);
    size + header.len() as u64 * fragments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back() {
        for len in [0, 125, 126, 65_535, 65_536, 1 << 30] {
            let mut bytes = Vec::new();
            put_header(FIN | TEXT, len, Some([1, 2, 3, 4]), &mut bytes);
            assert!(Header::parse(&bytes[..bytes.len() - 1]).is_none());
            let (header, size) = Header::parse(&bytes).expect("the header is complete");
            assert_eq!((header.first, header.len, header.key, size), (0x81, len, [1, 2, 3, 4], bytes.len()));
        }
    }

    #[test]
    fn masking_in_pieces_is_masking() {
        let key = [1, 2, 3, 4];
        let whole: Vec<u8> = (0..100_u8).enumerate().map(|(at, byte)| byte ^ key[at % 4]).collect();
        let mut pieces: Vec<u8> = (0..100).collect();
        let (left, right) = pieces.split_at_mut(37);
        mask(key, 0, left);
        mask(key, 37, right);
        assert_eq!(pieces, whole);
    }

    #[test]
    fn length_counts_every_header() {
        assert_eq!(message_len(64, 1), 66);
        assert_eq!(message_len(1 << 20, 16), (1 << 20) + 160);
    }
}
