//! What a `DataWriter` writes.

use uuid::Uuid;

use super::DataWriter;
use crate::{
    data::{DateTime, TimeSpan},
    error::{Error, ErrorKind, Result},
};

/// A method for each type of number.
macro_rules! numbers {
    ($($write:ident $type:ty, $bytes:literal, $uwp:literal;)*) => {$(
        #[doc = concat!("Appends a number of ", $bytes, " in the current byte order (UWP: `", $uwp, "`).")]
        ///
        /// # Examples
        ///
        /// ```
        /// let mut writer = websocket_anywhere::DataWriter::in_memory();
        #[doc = concat!("writer.", stringify!($write), "(", stringify!($type), "::MAX);")]
        #[doc = concat!("assert_eq!(writer.detach_buffer(), ", stringify!($type), "::MAX.to_be_bytes()[..]);")]
        /// ```
        pub fn $write(&mut self, value: $type) {
            self.number(value.to_be_bytes());
        }
    )*};
}

impl<W> DataWriter<W> {
    /// Appends one byte (UWP: `WriteByte`).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_byte(7);
    /// assert_eq!(writer.detach_buffer(), [7][..]);
    /// ```
    pub fn write_byte(&mut self, value: u8) {
        self.number([value]);
    }

    /// Appends one byte: 1 for true, 0 for false (UWP: `WriteBoolean`).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_boolean(true);
    /// assert_eq!(writer.detach_buffer(), [1][..]);
    /// ```
    pub fn write_boolean(&mut self, value: bool) {
        self.write_byte(value.into());
    }

    /// Appends bytes unchanged (UWP: `WriteBytes`).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_bytes(&[1, 2, 3]);
    /// assert_eq!(writer.unstored_buffer_length(), 3);
    /// ```
    pub fn write_bytes(&mut self, value: &[u8]) {
        self.buffer.extend_from_slice(value);
    }

    /// Appends a buffer unchanged: `Bytes`, `Vec<u8>` or any other `AsRef<[u8]>` (UWP: `WriteBuffer(IBuffer)`).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_buffer(bytes::Bytes::from("abc"));
    /// assert_eq!(writer.detach_buffer(), "abc");
    /// ```
    pub fn write_buffer(&mut self, buffer: impl AsRef<[u8]>) {
        self.write_bytes(buffer.as_ref());
    }

    /// Appends `count` bytes of a buffer, beginning with byte `start` (UWP: `WriteBuffer(IBuffer, UInt32, UInt32)`).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfBounds`], and nothing is written, if the buffer is shorter.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_buffer_range("abcde", 1, 3)?;
    /// assert_eq!(writer.detach_buffer(), "bcd");
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn write_buffer_range(&mut self, buffer: impl AsRef<[u8]>, start: usize, count: usize) -> Result<()> {
        let buffer = buffer.as_ref();
        let range = start.checked_add(count).and_then(|end| buffer.get(start..end)).ok_or_else(|| {
            let message = format!("{count} bytes from {start} on were to be written, the buffer has {}", buffer.len());
            Error::new(ErrorKind::OutOfBounds, message)
        })?;
        self.write_bytes(range);
        Ok(())
    }

    numbers! {
        write_int16 i16, "2 bytes", "WriteInt16";
        write_int32 i32, "4 bytes", "WriteInt32";
        write_int64 i64, "8 bytes", "WriteInt64";
        write_uint16 u16, "2 bytes", "WriteUInt16";
        write_uint32 u32, "4 bytes", "WriteUInt32";
        write_uint64 u64, "8 bytes", "WriteUInt64";
        write_single f32, "4 bytes, IEEE 754,", "WriteSingle";
        write_double f64, "8 bytes, IEEE 754,", "WriteDouble";
    }

    /// Appends a GUID, 16 bytes (UWP: `WriteGuid`).
    ///
    /// The first three fields are numbers in the current byte order. The eight bytes of the last field keep their order in
    /// little-endian, and are reversed in big-endian.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_guid(uuid::uuid!("00112233-4455-6677-8899-aabbccddeeff"));
    /// assert_eq!(writer.detach_buffer()[6..10], [0x66, 0x77, 0xff, 0xee]);
    /// ```
    pub fn write_guid(&mut self, value: Uuid) {
        self.write_bytes(&self.byte_order.guid_to_bytes(value));
    }

    /// Appends a point in time: a number of 8 bytes, 100 ns since 1601 (UWP: `WriteDateTime`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{DataWriter, DateTime};
    ///
    /// let mut writer = DataWriter::in_memory();
    /// writer.write_date_time(DateTime { universal_time: 1 });
    /// assert_eq!(writer.detach_buffer(), 1_i64.to_be_bytes()[..]);
    /// ```
    pub fn write_date_time(&mut self, value: DateTime) {
        self.write_int64(value.universal_time);
    }

    /// Appends a span of time: a number of 8 bytes, in 100 ns (UWP: `WriteTimeSpan`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{DataWriter, TimeSpan};
    ///
    /// let mut writer = DataWriter::in_memory();
    /// writer.write_time_span(TimeSpan { duration: -1 });
    /// assert_eq!(writer.detach_buffer(), [0xff; 8][..]);
    /// ```
    pub fn write_time_span(&mut self, value: TimeSpan) {
        self.write_int64(value.duration);
    }

    /// Appends a string in the current encoding, without length or terminator, and returns the number of bytes (UWP:
    /// `WriteString`).
    ///
    /// [`read_string`](crate::DataReader::read_string) counts code units: in UTF-16, half as many.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// assert_eq!(writer.write_string("grün"), 5);
    /// ```
    pub fn write_string(&mut self, value: &str) -> usize {
        let before = self.buffer.len();
        self.unicode_encoding.encode(value, &mut self.buffer);
        self.buffer.len() - before
    }

    /// The number of bytes that [`write_string`](Self::write_string) would write (UWP: `MeasureString`).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_uint32(writer.measure_string("grün") as u32);
    /// writer.write_string("grün");
    /// assert_eq!(writer.detach_buffer(), "\0\0\0\u{5}grün");
    /// ```
    #[must_use]
    pub fn measure_string(&self, value: &str) -> usize {
        self.unicode_encoding.measure(value)
    }

    fn number<const N: usize>(&mut self, big_endian: [u8; N]) {
        let bytes = self.byte_order.arrange(big_endian);
        self.write_bytes(&bytes);
    }
}
