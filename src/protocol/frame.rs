//! The frame header: RFC 6455 section 5.2.

use bytes::BufMut;

use super::violation::Violation;

/// What a frame is (RFC 6455 section 11.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Opcode {
    /// The next part of a fragmented message.
    Continuation = 0x0,
    /// A text message, or its first part.
    Text = 0x1,
    /// A binary message, or its first part.
    Binary = 0x2,
    /// The closing handshake.
    Close = 0x8,
    /// A request for a sign of life.
    Ping = 0x9,
    /// A sign of life.
    Pong = 0xa,
}

impl Opcode {
    const fn parse(bits: u8) -> Result<Self, Violation> {
        match bits {
            0x0 => Ok(Self::Continuation),
            0x1 => Ok(Self::Text),
            0x2 => Ok(Self::Binary),
            0x8 => Ok(Self::Close),
            0x9 => Ok(Self::Ping),
            0xa => Ok(Self::Pong),
            // "If an unknown opcode is received, the receiving endpoint MUST fail the connection" (section 5.2).
            reserved => Err(Violation::ReservedOpcode(reserved)),
        }
    }

    /// Whether the frame may stand between the parts of a message (RFC 6455 section 5.5).
    #[must_use]
    pub const fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// Whether the first reserved bit means something (RFC 6455 section 5.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rsv1 {
    /// Nothing: no extension was negotiated.
    #[default]
    Reserved,
    /// That the message is compressed (RFC 7692 section 6).
    Compressed,
}

/// The head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whether this is the last frame of its message.
    pub fin: bool,
    /// What the frame is.
    pub opcode: Opcode,
    /// Whether this is the first frame of a compressed message (RFC 7692 section 6).
    pub compressed: bool,
    /// The length of the payload in bytes.
    pub len: u64,
}

/// The outcome of [`Header::parse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// The header, and how many bytes of the input it took.
    Done {
        /// The header.
        header: Header,
        /// Its length in bytes.
        size: usize,
    },
    /// The input ends inside the header.
    Short,
}

impl Header {
    /// Reads the head of a server's frame; a broken rule is reported as soon as its byte is there.
    ///
    /// # Errors
    ///
    /// The rule of RFC 6455 sections 5.1, 5.2 or 5.5 that the frame breaks.
    pub fn parse(input: &[u8], rsv1: Rsv1) -> Result<Parsed, Violation> {
        let Some(&first) = input.first() else { return Ok(Parsed::Short) };
        if first & RSV != 0 {
            check_reserved(first, rsv1)?;
        }
        let fin = first & FIN != 0;
        let opcode = Opcode::parse(first & OPCODE)?;
        // "All control frames [...] MUST NOT be fragmented" (section 5.5).
        if opcode.is_control() && !fin {
            return Err(Violation::FragmentedControl);
        }
        let Some(&second) = input.get(1) else { return Ok(Parsed::Short) };
        // "A client MUST close a connection if it detects a masked frame" (section 5.1).
        if second & MASK != 0 {
            return Err(Violation::MaskedByServer);
        }
        let short = second & LEN;
        // "All control frames MUST have a payload length of 125 bytes or less" (section 5.5).
        if opcode.is_control() && short > MAX_CONTROL_LEN {
            return Err(Violation::ControlTooLong);
        }
        let Some((len, size)) = parse_len(short, &input[2..])? else { return Ok(Parsed::Short) };
        let compressed = first & RSV1 != 0;
        Ok(Parsed::Done { header: Self { fin, opcode, compressed, len }, size: 2 + size })
    }

    /// Whether the frame alone is a message, as it is on the wire.
    pub(super) const fn is_whole_message(self) -> bool {
        self.fin && !self.compressed && matches!(self.opcode, Opcode::Text | Opcode::Binary)
    }

    /// Writes the head of a frame: a client's is always masked, a server's never (RFC 6455 section 5.1).
    #[inline]
    pub fn encode(self, key: impl Into<Option<[u8; 4]>>, out: &mut Vec<u8>) {
        let key = key.into();
        match (u8::try_from(self.len), key) {
            // Most heads are like this, and one write of a known length is several times as fast as two.
            (Ok(len @ ..=MAX_CONTROL_LEN), Some([a, b, c, d])) => {
                out.extend_from_slice(&[self.first(), MASK | len, a, b, c, d]);
            }
            _ => self.encode_any(key, out),
        }
    }

    fn encode_any(self, key: Option<[u8; 4]>, out: &mut Vec<u8>) {
        let mask = if key.is_some() { MASK } else { 0 };
        // "The minimal number of bytes MUST be used to encode the length" (section 5.2).
        match (u8::try_from(self.len), u16::try_from(self.len)) {
            (Ok(len), _) if len <= MAX_CONTROL_LEN => out.extend_from_slice(&[self.first(), mask | len]),
            (_, Ok(len)) => {
                out.extend_from_slice(&[self.first(), mask | LEN_16]);
                out.put_u16(len);
            }
            _ => {
                out.extend_from_slice(&[self.first(), mask | LEN_64]);
                out.put_u64(self.len);
            }
        }
        if let Some(key) = key {
            out.put_slice(&key);
        }
    }

    /// The first byte.
    const fn first(self) -> u8 {
        let fin = if self.fin { FIN } else { 0 };
        let rsv1 = if self.compressed { RSV1 } else { 0 };
        fin | rsv1 | self.opcode as u8
    }

    /// The longest head of a frame: two bytes, eight of length, four of mask key.
    pub const MAX_SIZE: usize = 14;
}

/// Whether the reserved bits that are set in the first byte may be.
fn check_reserved(first: u8, rsv1: Rsv1) -> Result<(), Violation> {
    // "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values" (section 5.2). An endpoint
    // "MUST NOT set the "Per-Message Compressed" bit of control frames and non-first fragments" (RFC 7692 section 6.1).
    let is_first = matches!(Opcode::parse(first & OPCODE), Ok(Opcode::Text | Opcode::Binary));
    if first & RSV == RSV1 && is_first && rsv1 == Rsv1::Compressed { Ok(()) } else { Err(Violation::ReservedBits) }
}

/// The extended length after the first two bytes and its size in bytes, or `None` if the input ends inside it.
fn parse_len(short: u8, rest: &[u8]) -> Result<Option<(u64, usize)>, Violation> {
    let (len, size, smallest) = match short {
        LEN_16 => match rest.first_chunk() {
            Some(bytes) => (u64::from(u16::from_be_bytes(*bytes)), 2, 126),
            None => return Ok(None),
        },
        LEN_64 => match rest.first_chunk() {
            Some(bytes) => (u64::from_be_bytes(*bytes), 8, 1 << 16),
            None => return Ok(None),
        },
        len => return Ok(Some((u64::from(len), 0))),
    };
    // "The most significant bit MUST be 0" (section 5.2).
    if len > MAX_LEN {
        return Err(Violation::LengthOverflow);
    }
    // "The minimal number of bytes MUST be used to encode the length" (section 5.2).
    if len < smallest {
        return Err(Violation::LengthNotMinimal);
    }
    Ok(Some((len, size)))
}

const FIN: u8 = 0b1000_0000;
const RSV: u8 = 0b0111_0000;
const RSV1: u8 = 0b0100_0000;
const OPCODE: u8 = 0b0000_1111;
const MASK: u8 = 0b1000_0000;
const LEN: u8 = 0b0111_1111;
const LEN_16: u8 = 126;
const LEN_64: u8 = 127;
const MAX_CONTROL_LEN: u8 = 125;
const MAX_LEN: u64 = u64::MAX >> 1;
