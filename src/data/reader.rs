//! `DataReader`: bytes from a stream, and values out of the bytes.

mod values;

use std::future::poll_fn;

use bytes::Bytes;

use super::{ByteOrder, DataInput, UnicodeEncoding, buffer::Buffer, stream::Attached};
use crate::{error::Result, message::Message};

/// Loads bytes from a stream, and reads values out of them (UWP: `Windows.Storage.Streams.DataReader`).
///
/// It owns the stream that it is made with, or borrows it: `DataReader::new(stream.input_stream())`. [`load`](Self::load)
/// fetches bytes; the `read_..` methods take them apart, never wait, and consume nothing when they fail. Without a stream,
/// [`from_buffer`](DataReader::from_buffer), everything is loaded already.
///
/// **Detach the stream before the reader goes.** A reader that is dropped closes its stream, as in UWP: nothing can be read
/// any more, and every attempt is a [`Closed`](crate::ErrorKind::Closed) (`RO_E_CLOSED`, 0x80000013). Sending and closing
/// still work; what arrives is discarded. What was loaded and not read is lost with the reader.
///
/// Two operations at once, in UWP the error 0x800710DD, do not compile.
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

/// When a load is complete (UWP: `Windows.Storage.Streams.InputStreamOptions`).
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
    /// When all bytes are there that were asked for, and no more (UWP: `None`, 0).
    #[default]
    None = 0,
    /// As soon as one byte or more are there, at most as many as were asked for (UWP: `Partial`, 1).
    Partial = 1,
    /// When all bytes are there that were asked for; what has arrived with them is loaded, too (UWP: `ReadAhead`, 2).
    ReadAhead = 2,
}

impl DataReader {
    /// A reader of these bytes, which need no [`load`](DataReader::load) (UWP: `FromBuffer`).
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
    /// A reader of the payload, of either type (UWP: `MessageWebSocketMessageReceivedEventArgs.GetDataReader`).
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
    /// A reader that owns this stream (UWP: `DataReader(IInputStream)`).
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

    /// Loads `count` bytes behind those that are loaded and not read, and tells how many it was (UWP: `LoadAsync`).
    ///
    /// [`input_stream_options`](Self::set_input_stream_options) says when it is complete. Less than that means that the
    /// stream has ended; so does 0, unless `count` is 0. With [`ReadAhead`](InputStreamOptions::ReadAhead) it may be more.
    ///
    /// # Errors
    ///
    /// As [`StreamWebSocket::read_chunk`](crate::StreamWebSocket::read_chunk). What was loaded before the error can be read.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: what was loaded stays loaded. The next call loads `count` bytes more: ask for those that are missing, see
    /// [`unconsumed_buffer_length`](Self::unconsumed_buffer_length).
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

    /// The stream, for what a reader does not do: its `information`, how it was `closed`.
    ///
    /// UWP has no such member: there the socket is at hand as well.
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

    /// The stream, for what a reader does not do: to close.
    ///
    /// UWP has no such member: there the socket is at hand as well.
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

    /// Gives the stream back, as usable as before (UWP: `DetachStream`).
    ///
    /// What was loaded and not read is unread again, at the front of the stream, so that nothing is lost;
    /// [`detach_buffer`](Self::detach_buffer) takes it away before.
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

    /// The order of the bytes of numbers. Default: [`BigEndian`](ByteOrder::BigEndian) (UWP: `ByteOrder`).
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

    /// Sets the order of the bytes of numbers that are read from here on (UWP: `ByteOrder`).
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

    /// Sets the encoding of strings that are read from here on (UWP: `UnicodeEncoding`).
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

    /// When a load is complete. Default: [`None`](InputStreamOptions::None) (UWP: `InputStreamOptions`).
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

    /// Sets when a load is complete (UWP: `InputStreamOptions`).
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

    /// How many bytes are loaded and not read (UWP: `UnconsumedBufferLength`).
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

    /// Takes what is loaded and not read; the reader goes on with an empty buffer (UWP: `DetachBuffer`).
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
