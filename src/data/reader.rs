//! `DataReader`: bytes from a stream, and values out of the bytes.

mod values;

use std::future::poll_fn;

use bytes::Bytes;

use super::{ByteOrder, DataInput, UnicodeEncoding, buffer::Buffer, stream::Attached};
use crate::{error::Result, message::Message};

/// Loads bytes from a stream, and reads values out of them (UWP: `Windows.Storage.Streams.DataReader`).
///
/// It owns its stream or borrows it: `DataReader::new(stream.input_stream())`. [`load`](Self::load) waits for bytes; the
/// `read_..` methods decode loaded bytes without waiting, and consume nothing when they fail. A reader made by
/// [`from_buffer`](DataReader::from_buffer) has no stream, and everything is loaded.
///
/// **Detach the stream before you drop the reader.** As in UWP, dropping a reader closes its stream: every later read fails
/// with [`Closed`](crate::ErrorKind::Closed) (`RO_E_CLOSED`, 0x80000013), and data that arrive are discarded. Sending and
/// closing still work. Bytes that were loaded and not read are lost.
///
/// Two concurrent operations, which UWP reports as error 0x800710DD, do not compile.
///
/// # Examples
///
/// ```no_run
/// # async fn run(mut stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::DataReader;
///
/// let mut reader = DataReader::new(stream.input_stream());
/// reader.load(4).await?;
/// let length = reader.read_uint32()? as usize;
/// reader.load(length).await?;
/// println!("{}", reader.read_string(length)?);
/// reader.detach_stream();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DataReader<R = ()> {
    stream: Attached<R>,
    /// What was loaded and not read: as much as the program loads.
    buffer: Buffer,
    byte_order: ByteOrder,
    unicode_encoding: UnicodeEncoding,
    input_stream_options: InputStreamOptions,
}

/// The condition that completes a load (UWP: `Windows.Storage.Streams.InputStreamOptions`).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::InputStreamOptions;
///
/// assert_eq!(InputStreamOptions::default(), InputStreamOptions::None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum InputStreamOptions {
    /// The load completes with exactly the requested number of bytes (UWP: `None`, 0).
    #[default]
    None = 0,
    /// The load completes with one byte or more, at most the requested number (UWP: `Partial`, 1).
    Partial = 1,
    /// The load completes with the requested number of bytes; bytes that arrived with them are loaded as well (UWP:
    /// `ReadAhead`, 2).
    ReadAhead = 2,
}

impl DataReader {
    /// Creates a reader of these bytes, which need no [`load`](DataReader::load) (UWP: `FromBuffer`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::DataReader;
    ///
    /// let mut reader = DataReader::from_buffer(&[0, 7][..]);
    /// assert_eq!(reader.read_uint16()?, 7);
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    #[must_use]
    pub fn from_buffer(buffer: impl Into<Bytes>) -> Self {
        Self::with(Attached::new((), |()| ()), Buffer::from(buffer.into()))
    }
}

impl Message {
    /// Creates a reader of the payload, of either type (UWP: `MessageWebSocketMessageReceivedEventArgs.GetDataReader`).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut reader = websocket_anywhere::Message::from("Hello, World!").get_data_reader();
    /// let text = reader.read_string(reader.unconsumed_buffer_length())?;
    /// assert_eq!(text, "Hello, World!");
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    #[must_use]
    pub fn get_data_reader(&self) -> DataReader {
        DataReader::from_buffer(self.clone().into_bytes())
    }
}

impl<R: DataInput> DataReader<R> {
    /// Creates a reader that owns this stream (UWP: `DataReader(IInputStream)`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(stream: websocket_anywhere::StreamWebSocket) {
    /// let (input, output) = stream.split();
    /// let reader = websocket_anywhere::DataReader::new(input);
    /// # }
    /// ```
    #[must_use]
    pub fn new(stream: R) -> Self {
        Self::with(Attached::new(stream, R::give_up), Buffer::default())
    }

    /// Loads `count` more bytes, and returns the number of bytes that were loaded (UWP: `LoadAsync`).
    ///
    /// [`input_stream_options`](Self::set_input_stream_options) decides when the load is complete. A smaller number means
    /// that the stream has ended, and so does 0 unless `count` is 0. With [`ReadAhead`](InputStreamOptions::ReadAhead) the
    /// number may be larger.
    ///
    /// # Errors
    ///
    /// As [`StreamWebSocket::read_chunk`](crate::StreamWebSocket::read_chunk). Bytes that were loaded before the error can
    /// still be read.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: loaded bytes stay loaded. The next call loads `count` bytes in addition to them;
    /// [`unconsumed_buffer_length`](Self::unconsumed_buffer_length) tells how many are missing.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{DataReader, InputStreamOptions};
    ///
    /// let mut reader = DataReader::new(stream.input_stream());
    /// reader.set_input_stream_options(InputStreamOptions::Partial);
    /// let count = reader.load(256).await?;
    /// println!("{count} bytes, 1 to 256");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn load(&mut self, count: usize) -> Result<usize> {
        let mut loaded = 0;
        while loaded < count {
            let limit = match self.input_stream_options {
                InputStreamOptions::None | InputStreamOptions::Partial => count - loaded,
                InputStreamOptions::ReadAhead => usize::MAX,
            };
            let bytes = poll_fn(|cx| self.stream.get_mut().poll_load(cx, limit)).await?;
            loaded += bytes.len();
            let is_complete = bytes.is_empty() || self.input_stream_options == InputStreamOptions::Partial;
            self.buffer.push(bytes);
            if is_complete {
                break;
            }
        }
        Ok(loaded)
    }

    /// The underlying stream, for its `information` and `closed`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(reader: websocket_anywhere::DataReader<websocket_anywhere::InputStream>) {
    /// println!("{:?}", reader.get_ref().closed());
    /// # }
    /// ```
    #[must_use]
    pub const fn get_ref(&self) -> &R {
        self.stream.get()
    }

    /// The underlying stream, to close it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(
    /// #     mut reader: websocket_anywhere::DataReader<websocket_anywhere::InputStream>,
    /// # ) -> Result<(), websocket_anywhere::Error> {
    /// reader.get_mut().close(1000, "enough").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub const fn get_mut(&mut self) -> &mut R {
        self.stream.get_mut()
    }

    /// Returns the stream, which can be used as before (UWP: `DetachStream`).
    ///
    /// Bytes that were loaded and not read return to the front of the stream, so nothing is lost. To keep them instead, call
    /// [`detach_buffer`](Self::detach_buffer) first.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(input: websocket_anywhere::InputStream) -> Result<(), websocket_anywhere::Error> {
    /// let mut reader = websocket_anywhere::DataReader::new(input);
    /// reader.load(1).await?;
    /// let mut input = reader.detach_stream();
    /// println!("{:?}", input.read_chunk().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn detach_stream(mut self) -> R {
        let unread = self.detach_buffer();
        let mut stream = self.stream.detach();
        if !unread.is_empty() {
            stream.put_back(unread);
        }
        stream
    }
}

impl<R> DataReader<R> {
    fn with(stream: Attached<R>, buffer: Buffer) -> Self {
        Self {
            stream,
            buffer,
            byte_order: ByteOrder::default(),
            unicode_encoding: UnicodeEncoding::default(),
            input_stream_options: InputStreamOptions::default(),
        }
    }

    /// The byte order of numbers. Default: [`BigEndian`](ByteOrder::BigEndian) (UWP: `ByteOrder`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ByteOrder, DataReader};
    ///
    /// assert_eq!(DataReader::from_buffer("").byte_order(), ByteOrder::BigEndian);
    /// ```
    #[must_use]
    pub const fn byte_order(&self) -> ByteOrder {
        self.byte_order
    }

    /// Sets the byte order of numbers that are read afterwards (UWP: `ByteOrder`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ByteOrder, DataReader};
    ///
    /// let mut reader = DataReader::from_buffer(&[1, 0][..]);
    /// reader.set_byte_order(ByteOrder::LittleEndian);
    /// assert_eq!(reader.read_uint16()?, 1);
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub const fn set_byte_order(&mut self, byte_order: ByteOrder) {
        self.byte_order = byte_order;
    }

    /// The encoding of strings. Default: [`Utf8`](UnicodeEncoding::Utf8) (UWP: `UnicodeEncoding`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{DataReader, UnicodeEncoding};
    ///
    /// assert_eq!(DataReader::from_buffer("").unicode_encoding(), UnicodeEncoding::Utf8);
    /// ```
    #[must_use]
    pub const fn unicode_encoding(&self) -> UnicodeEncoding {
        self.unicode_encoding
    }

    /// Sets the encoding of strings that are read afterwards (UWP: `UnicodeEncoding`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{DataReader, UnicodeEncoding};
    ///
    /// let mut reader = DataReader::from_buffer("h\0i\0");
    /// reader.set_unicode_encoding(UnicodeEncoding::Utf16Le);
    /// assert_eq!(reader.read_string(2)?, "hi");
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub const fn set_unicode_encoding(&mut self, unicode_encoding: UnicodeEncoding) {
        self.unicode_encoding = unicode_encoding;
    }

    /// The condition that completes a load. Default: [`None`](InputStreamOptions::None) (UWP: `InputStreamOptions`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{DataReader, InputStreamOptions};
    ///
    /// assert_eq!(DataReader::from_buffer("").input_stream_options(), InputStreamOptions::None);
    /// ```
    #[must_use]
    pub const fn input_stream_options(&self) -> InputStreamOptions {
        self.input_stream_options
    }

    /// Sets the condition that completes a load (UWP: `InputStreamOptions`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(mut reader: websocket_anywhere::DataReader<websocket_anywhere::InputStream>) {
    /// reader.set_input_stream_options(websocket_anywhere::InputStreamOptions::Partial);
    /// # }
    /// ```
    pub const fn set_input_stream_options(&mut self, input_stream_options: InputStreamOptions) {
        self.input_stream_options = input_stream_options;
    }

    /// The number of bytes that are loaded and not read (UWP: `UnconsumedBufferLength`).
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(websocket_anywhere::DataReader::from_buffer("abc").unconsumed_buffer_length(), 3);
    /// ```
    #[must_use]
    pub fn unconsumed_buffer_length(&self) -> usize {
        self.buffer.len()
    }

    /// Takes the bytes that are loaded and not read; the buffer is empty afterwards (UWP: `DetachBuffer`).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut reader = websocket_anywhere::DataReader::from_buffer("abc");
    /// reader.read_byte()?;
    /// assert_eq!(reader.detach_buffer(), "bc");
    /// assert_eq!(reader.unconsumed_buffer_length(), 0);
    /// # Ok::<(), websocket_anywhere::Error>(())
    /// ```
    pub fn detach_buffer(&mut self) -> Bytes {
        self.buffer.take_all()
    }
}
