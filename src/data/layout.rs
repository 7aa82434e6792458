//! How numbers and GUIDs look as bytes.

use uuid::Uuid;

/// Which byte of a number comes first (UWP: `Windows.Storage.Streams.ByteOrder`).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{ByteOrder, DataWriter};
///
/// let mut writer = DataWriter::in_memory();
/// assert_eq!(writer.byte_order(), ByteOrder::BigEndian);
/// writer.write_uint16(0x0102);
/// writer.set_byte_order(ByteOrder::LittleEndian);
/// writer.write_uint16(0x0102);
/// assert_eq!(writer.detach_buffer(), &[1, 2, 2, 1][..]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ByteOrder {
    /// The lowest byte first (UWP: `LittleEndian`, 0).
    LittleEndian = 0,
    /// The highest byte first, the order of networks and the default (UWP: `BigEndian`, 1).
    #[default]
    BigEndian = 1,
}

impl ByteOrder {
    /// Turns the bytes of a number from big-endian into this order, or back.
    pub(super) fn arrange<const N: usize>(self, mut bytes: [u8; N]) -> [u8; N] {
        if self == Self::LittleEndian {
            bytes.reverse();
        }
        bytes
    }

    /// The bytes of a GUID. It is four numbers, the last of which a program on Windows has in little-endian: its bytes
    /// are in order in little-endian, and reversed in big-endian.
    pub(super) fn guid_to_bytes(self, guid: Uuid) -> [u8; 16] {
        match self {
            Self::LittleEndian => guid.to_bytes_le(),
            Self::BigEndian => reverse_last_half(guid.into_bytes()),
        }
    }

    /// The GUID that these bytes are.
    pub(super) fn guid_from_bytes(self, bytes: [u8; 16]) -> Uuid {
        match self {
            Self::LittleEndian => Uuid::from_bytes_le(bytes),
            Self::BigEndian => Uuid::from_bytes(reverse_last_half(bytes)),
        }
    }
}

fn reverse_last_half(mut bytes: [u8; 16]) -> [u8; 16] {
    bytes[8..].reverse();
    bytes
}
