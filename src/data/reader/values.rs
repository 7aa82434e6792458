//! What a `DataReader` reads.

use bytes::Bytes;
use uuid::Uuid;

use super::DataReader;
use crate::{
    data::{DateTime, TimeSpan},
    error::{Error, ErrorKind, Result},
};

/// A method for each type of number.
macro_rules! numbers {
    ($($read:ident $type:ty, $bytes:literal, $uwp:literal;)*) => {$(
        #[doc = concat!("Reads a number of ", $bytes, " in the current byte order (UWP: `", $uwp, "`).")]
        ///
        /// # Errors
        ///
        /// [`ErrorKind::OutOfBounds`], and nothing is consumed, if fewer bytes are loaded.
        ///
        /// # Examples
        ///
        /// ```
        /// use websocket_anywhere::DataReader;
        ///
        #[doc = concat!("let mut reader = DataReader::from_buffer(", stringify!($type), "::MAX.to_be_bytes().to_vec());")]
        #[doc = concat!("assert_eq!(reader.", stringify!($read), "()?, ", stringify!($type), "::MAX);")]
        /// # Ok::<(), websocket_anywhere::Error>(())
        /// ```
        pub fn $read(&mut self) -> Result<$type> {
            self.number().map(<$type>::from_be_bytes)
        }
    )*};
}

impl<R> DataReader<R> {
    /// Reads one byte (UWP: `ReadByte`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfBounds`] if none is loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::DataReader::from_buffer("a").read_byte()?, b'a');
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn read_byte(&mut self) -> Result<u8> {
        self.number().map(u8::from_be_bytes)
    }

    /// Reads one byte: 0 is false, any other is true (UWP: `ReadBoolean`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfBounds`] if none is loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(websocket_anywhere::DataReader::from_buffer(&[1][..]).read_boolean()?);
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn read_boolean(&mut self) -> Result<bool> {
        self.read_byte().map(|byte| byte != 0)
    }

    /// Fills `bytes` (UWP: `ReadBytes`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfBounds`], and nothing is consumed, if fewer bytes are loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut reader = websocket_anywhere::DataReader::from_buffer("abc");
    /// let mut bytes = vec![0; reader.unconsumed_buffer_length()];
    /// reader.read_bytes(&mut bytes)?;
    /// assert_eq!(bytes, b"abc");
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn read_bytes(&mut self, bytes: &mut [u8]) -> Result<()> {
        bytes.copy_from_slice(self.buffer.peek(bytes.len())?);
        self.buffer.skip(bytes.len());
        Ok(())
    }

    /// Takes `length` bytes, without a copy if they are contiguous (UWP: `ReadBuffer`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfBounds`], and nothing is consumed, if fewer bytes are loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::DataReader::from_buffer("abc").read_buffer(2)?, "ab");
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn read_buffer(&mut self, length: usize) -> Result<Bytes> {
        self.buffer.take(length)
    }

    numbers! {
        read_int16 i16, "2 bytes", "ReadInt16";
        read_int32 i32, "4 bytes", "ReadInt32";
        read_int64 i64, "8 bytes", "ReadInt64";
        read_uint16 u16, "2 bytes", "ReadUInt16";
        read_uint32 u32, "4 bytes", "ReadUInt32";
        read_uint64 u64, "8 bytes", "ReadUInt64";
        read_single f32, "4 bytes, IEEE 754,", "ReadSingle";
        read_double f64, "8 bytes, IEEE 754,", "ReadDouble";
    }

    /// Reads a GUID, 16 bytes as [`write_guid`](crate::DataWriter::write_guid) writes them (UWP: `ReadGuid`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfBounds`], and nothing is consumed, if fewer bytes are loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// let guid = websocket_anywhere::DataReader::from_buffer(&[0; 16][..]).read_guid()?;
    /// assert_eq!(guid, uuid::Uuid::nil());
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn read_guid(&mut self) -> Result<Uuid> {
        let mut bytes = [0; 16];
        self.read_bytes(&mut bytes)?;
        Ok(self.byte_order.guid_from_bytes(bytes))
    }

    /// Reads a point in time: a number of 8 bytes, 100 ns since 1601 (UWP: `ReadDateTime`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfBounds`], and nothing is consumed, if fewer bytes are loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut reader = websocket_anywhere::DataReader::from_buffer(&[0; 8][..]);
    /// assert_eq!(reader.read_date_time()?.universal_time, 0);
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn read_date_time(&mut self) -> Result<DateTime> {
        self.read_int64().map(|universal_time| DateTime { universal_time })
    }

    /// Reads a span of time: a number of 8 bytes, in 100 ns (UWP: `ReadTimeSpan`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfBounds`], and nothing is consumed, if fewer bytes are loaded.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut reader = websocket_anywhere::DataReader::from_buffer(&[0xff; 8][..]);
    /// assert_eq!(reader.read_time_span()?.duration, -1);
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn read_time_span(&mut self) -> Result<TimeSpan> {
        self.read_int64().map(|duration| TimeSpan { duration })
    }

    /// Reads a string of the given number of code units in the current encoding (UWP: `ReadString`).
    ///
    /// A code unit is a byte in UTF-8 and two bytes in UTF-16.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfBounds`] if fewer bytes are loaded, [`ErrorKind::InvalidText`] if the bytes are not valid in the
    /// encoding, for example because a character is incomplete. Nothing is consumed.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut reader = websocket_anywhere::DataReader::from_buffer("grün");
    /// assert_eq!(reader.read_string(5)?, "grün");
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn read_string(&mut self, code_unit_count: usize) -> Result<String> {
        let too_long = || Error::new(ErrorKind::OutOfBounds, "a string of this length does not fit into memory");
        let len = code_unit_count.checked_mul(self.unicode_encoding.unit_len()).ok_or_else(too_long)?;
        let text = self.unicode_encoding.decode(self.buffer.peek(len)?)?;
        self.buffer.skip(len);
        Ok(text)
    }

    /// The next number, in big-endian.
    fn number<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read_bytes(&mut bytes)?;
        Ok(self.byte_order.arrange(bytes))
    }
}
