//! `DataReader`: a value is read if all of its bytes are there, and nothing is consumed if it is not.

use websocket_anywhere::{ByteOrder, DataReader, ErrorKind, UnicodeEncoding};

use crate::input::Input;

/// What is read, and how.
#[derive(Clone, Debug)]
pub struct Case {
    pub byte_order: ByteOrder,
    pub unicode_encoding: UnicodeEncoding,
    /// Each is a type, by its number, and a length.
    pub reads: Vec<(u8, u8)>,
    pub bytes: Vec<u8>,
}

impl Case {
    /// A byte of settings, the reads, the bytes.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut input = Input::new(bytes);
        let flags = input.byte();
        let byte_order = if flags & 1 == 0 { ByteOrder::BigEndian } else { ByteOrder::LittleEndian };
        let encodings = [UnicodeEncoding::Utf8, UnicodeEncoding::Utf16Le, UnicodeEncoding::Utf16Be];
        Self {
            byte_order,
            unicode_encoding: encodings[usize::from(flags >> 1) % 3],
            reads: input.numbers().into_iter().map(|number| number.to_be_bytes().into()).collect(),
            bytes: input.rest().to_vec(),
        }
    }
}

/// Reads one value after the other, and compares each with the bytes.
pub fn check(case: &Case) {
    let mut reader = DataReader::from_buffer(case.bytes.clone());
    reader.set_byte_order(case.byte_order);
    reader.set_unicode_encoding(case.unicode_encoding);
    let mut rest = &case.bytes[..];
    for &(what, len) in &case.reads {
        let unit = if case.unicode_encoding == UnicodeEncoding::Utf8 { 1 } else { 2 };
        let (read, needed) = read(&mut reader, what, len.into(), unit);
        match read {
            Ok(value) => {
                let (front, behind) = rest.split_at_checked(needed).unwrap_or_else(|| panic!("over-read: {case:?}"));
                let same = value.is_none_or(|value| value == arranged(front, case.byte_order, what));
                assert!(same, "{what} is not {front:x?} in {case:?}");
                rest = behind;
            }
            Err(ErrorKind::OutOfBounds) => assert!(needed > rest.len(), "{needed} of {} bytes: {case:?}", rest.len()),
            Err(ErrorKind::InvalidText) => assert!(what % KINDS == TEXT && needed <= rest.len(), "{case:?}"),
            Err(kind) => panic!("{kind:?} in {case:?}"),
        }
        assert_eq!(reader.unconsumed_buffer_length(), rest.len(), "{case:?}");
    }
    assert_eq!(reader.detach_buffer(), rest, "{case:?}");
}

/// The bytes of a value in big-endian, if they can be told, and how many bytes of the buffer it has.
type Read = (Result<Option<Vec<u8>>, ErrorKind>, usize);

fn read(reader: &mut DataReader, what: u8, len: usize, unit: usize) -> Read {
    let (read, needed) = match what % KINDS {
        0 => (reader.read_byte().map(|value| Some(vec![value])), 1),
        1 => (reader.read_uint16().map(|value| Some(value.to_be_bytes().to_vec())), 2),
        2 => (reader.read_uint32().map(|value| Some(value.to_be_bytes().to_vec())), 4),
        3 => (reader.read_uint64().map(|value| Some(value.to_be_bytes().to_vec())), 8),
        4 => (reader.read_int16().map(|value| Some(value.to_be_bytes().to_vec())), 2),
        5 => (reader.read_int32().map(|value| Some(value.to_be_bytes().to_vec())), 4),
        6 => (reader.read_int64().map(|value| Some(value.to_be_bytes().to_vec())), 8),
        // Not every processor keeps the bits of what is no number.
        7 => (reader.read_single().map(|_| None), 4),
        8 => (reader.read_double().map(|_| None), 8),
        9 => (reader.read_boolean().map(|_| None), 1),
        10 => (reader.read_guid().map(|_| None), 16),
        11 => (reader.read_date_time().map(|_| None), 8),
        12 => (reader.read_time_span().map(|_| None), 8),
        13 => {
            let mut bytes = vec![0; len];
            (reader.read_bytes(&mut bytes).map(|()| Some(bytes)), len)
        }
        14 => (reader.read_buffer(len).map(|bytes| Some(bytes.to_vec())), len),
        _ => (reader.read_string(len).map(|_| None), len * unit),
    };
    (read.map_err(|error| error.kind()), needed)
}

/// Bytes of a number in big-endian; others as they are.
fn arranged(bytes: &[u8], order: ByteOrder, what: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if order == ByteOrder::LittleEndian && what % KINDS <= 6 {
        bytes.reverse();
    }
    bytes
}

const KINDS: u8 = 16;
const TEXT: u8 = 15;
