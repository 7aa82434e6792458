//! Bytes for `/raw`, written by hand, and the hash of what `/sink` and `/slow-reader` read.

/// A frame of a server: FIN, opcode and payload (RFC 6455 section 5.2).
pub(crate) fn frame(fin: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![u8::from(fin) << 7 | opcode];
    match payload.len() {
        len @ 0..126 => bytes.push(len as u8),
        len @ 126..0x1_0000 => {
            bytes.push(126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(payload);
    bytes
}

/// The path that makes the peer send exactly these bytes; `rest` is more of the query.
pub(crate) fn script(bytes: &[u8], rest: &str) -> String {
    format!("/raw?hex={}&{rest}", hex(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// FNV-1a with 64 bits.
pub(crate) fn fnv<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let bytes = pieces.into_iter().flatten();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// `len` bytes of the payload of the peer, whose byte `i` is `i % 251`, from its byte `start` on.
pub(crate) fn pattern(start: usize, len: usize) -> Vec<u8> {
    (start..start + len).map(|i| (i % 251) as u8).collect()
}

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
