//! `DataWriter`: values into bytes, and the bytes onto a stream.

mod values;

use std::future::poll_fn;

use bytes::{Bytes, BytesMut};

use super::{ByteOrder, DataOutput, UnicodeEncoding, stream::Attached};
use crate::error::Result;

/// Writes values into a buffer, and the buffer to a stream (UWP: `Windows.Storage.Streams.DataWriter`).
///
/// It owns its stream or borrows it: `DataWriter::new(socket.output_stream())`. On a
/// [`MessageWebSocket`](crate::MessageWebSocket) each [`store`](Self::store) sends one message of the current
/// [`message_type`](crate::MessageWebSocket::message_type); on a [`StreamWebSocket`](crate::StreamWebSocket) it sends bytes.
/// A writer made by [`in_memory`](DataWriter::in_memory) has no stream and fills a buffer. The `write_..` methods never wait
/// and never fail.
///
/// **Detach the stream before you drop the writer.** As in UWP, dropping a writer closes its stream: every later send fails
/// with [`Closed`](crate::ErrorKind::Closed) (`RO_E_CLOSED`, 0x80000013). Receiving and closing still work. Data that were
/// not stored are lost.
///
/// Two concurrent operations, which UWP reports as error 0x800710DD, do not compile.
///
/// # Examples
///
/// ```no_run
/// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
/// use websocket_anywhere::DataWriter;
///
/// let mut writer = DataWriter::new(socket.output_stream());
/// writer.write_uint16(7);
/// writer.write_string("seven");
/// writer.store().await?; // one binary message of 7 bytes
/// writer.detach_stream();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DataWriter<W = ()> {
    stream: Attached<W>,
    /// What was written and not stored. Only the program fills it, so that it has no limit of its own.
    buffer: BytesMut,
    byte_order: ByteOrder,
    unicode_encoding: UnicodeEncoding,
}

impl DataWriter {
    /// Creates a writer without a stream; [`detach_buffer`](Self::detach_buffer) returns what was written (UWP:
    /// `DataWriter()`).
    ///
    /// It has no `store`, which UWP reports as an error at run time.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_string("hi");
    /// assert_eq!(writer.detach_buffer(), "hi");
    /// ```
    #[must_use]
    pub fn in_memory() -> Self {
        Self::with(Attached::new((), |()| ()))
    }
}

impl Default for DataWriter {
    fn default() -> Self {
        Self::in_memory()
    }
}

impl<W: DataOutput> DataWriter<W> {
    /// Creates a writer that owns this stream (UWP: `DataWriter(IOutputStream)`).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(socket: websocket_anywhere::MessageWebSocket) {
    /// let (sender, receiver) = socket.split();
    /// let writer = websocket_anywhere::DataWriter::new(sender);
    /// # }
    /// ```
    #[must_use]
    pub fn new(stream: W) -> Self {
        Self::with(Attached::new(stream, W::give_up))
    }

    /// Sends what was written since the last store, and returns the number of bytes (UWP: `StoreAsync`).
    ///
    /// On a [`MessageWebSocket`](crate::MessageWebSocket) it sends one message of the current `message_type`, an empty one
    /// if nothing was written. On a [`StreamWebSocket`](crate::StreamWebSocket) it sends bytes, or nothing if nothing was
    /// written.
    ///
    /// # Errors
    ///
    /// [`InvalidText`](crate::ErrorKind::InvalidText), and nothing is sent, if the `message_type` is
    /// [`Utf8`](crate::SocketMessageType::Utf8) and the bytes are not UTF-8. Otherwise as
    /// [`MessageWebSocket::send`](crate::MessageWebSocket::send). Data that were not sent stay in the buffer.
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe: the buffer keeps exactly what was not sent. A message is sent whole or not at all.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// let mut writer = websocket_anywhere::DataWriter::new(stream.output_stream());
    /// writer.write_bytes(&[0, 1, 2]);
    /// assert_eq!(writer.store().await?, 3);
    /// writer.detach_stream();
    /// # Ok(())
    /// # }
    /// ```
    pub async fn store(&mut self) -> Result<usize> {
        let len = self.buffer.len();
        poll_fn(|cx| self.stream.get_mut().poll_store(cx, &mut self.buffer)).await?;
        Ok(len)
    }

    /// Stores what was written, if anything, and waits until the platform has accepted it (UWP: `FlushAsync`).
    ///
    /// Rarely needed: stored data are sent without it. Where UWP returns `false`, this returns an error.
    ///
    /// # Errors
    ///
    /// As [`store`](Self::store).
    ///
    /// # Cancel safety
    ///
    /// Cancel-safe, as [`store`](Self::store).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// let mut writer = websocket_anywhere::DataWriter::new(socket.output_stream());
    /// writer.write_byte(1);
    /// writer.flush().await?; // one binary message of one byte
    /// writer.detach_stream();
    /// # Ok(())
    /// # }
    /// ```
    pub async fn flush(&mut self) -> Result<()> {
        if !self.buffer.is_empty() {
            self.store().await?;
        }
        poll_fn(|cx| self.stream.get_mut().poll_flush(cx)).await
    }

    /// The underlying stream, for its `information` and `message_type`.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(writer: websocket_anywhere::DataWriter<websocket_anywhere::MessageSender>) {
    /// println!("{:?}", writer.get_ref().information());
    /// # }
    /// ```
    #[must_use]
    pub const fn get_ref(&self) -> &W {
        self.stream.get()
    }

    /// The underlying stream, to set its `message_type` or close it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn run(mut writer: websocket_anywhere::DataWriter<websocket_anywhere::MessageSender>) {
    /// writer.get_mut().set_message_type(websocket_anywhere::SocketMessageType::Utf8);
    /// # }
    /// ```
    pub const fn get_mut(&mut self) -> &mut W {
        self.stream.get_mut()
    }

    /// Returns the stream, which can be used as before (UWP: `DetachStream`).
    ///
    /// Data that were not stored are lost. To keep them, call [`detach_buffer`](Self::detach_buffer) first.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(sender: websocket_anywhere::MessageSender) -> Result<(), websocket_anywhere::Error> {
    /// let mut writer = websocket_anywhere::DataWriter::new(sender);
    /// writer.write_string("hello");
    /// writer.store().await?;
    /// let mut sender = writer.detach_stream();
    /// sender.send("again").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn detach_stream(self) -> W {
        self.stream.detach()
    }
}

impl<W> DataWriter<W> {
    fn with(stream: Attached<W>) -> Self {
        Self {
            stream,
            buffer: BytesMut::new(),
            byte_order: ByteOrder::default(),
            unicode_encoding: UnicodeEncoding::default(),
        }
    }

    /// The byte order of numbers. Default: [`BigEndian`](ByteOrder::BigEndian) (UWP: `ByteOrder`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ByteOrder, DataWriter};
    ///
    /// assert_eq!(DataWriter::in_memory().byte_order(), ByteOrder::BigEndian);
    /// ```
    #[must_use]
    pub const fn byte_order(&self) -> ByteOrder {
        self.byte_order
    }

    /// Sets the byte order of numbers that are written afterwards (UWP: `ByteOrder`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{ByteOrder, DataWriter};
    ///
    /// let mut writer = DataWriter::in_memory();
    /// writer.set_byte_order(ByteOrder::LittleEndian);
    /// writer.write_uint16(1);
    /// assert_eq!(writer.detach_buffer(), &[1, 0][..]);
    /// ```
    pub const fn set_byte_order(&mut self, byte_order: ByteOrder) {
        self.byte_order = byte_order;
    }

    /// The encoding of strings. Default: [`Utf8`](UnicodeEncoding::Utf8) (UWP: `UnicodeEncoding`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{DataWriter, UnicodeEncoding};
    ///
    /// assert_eq!(DataWriter::in_memory().unicode_encoding(), UnicodeEncoding::Utf8);
    /// ```
    #[must_use]
    pub const fn unicode_encoding(&self) -> UnicodeEncoding {
        self.unicode_encoding
    }

    /// Sets the encoding of strings that are written afterwards (UWP: `UnicodeEncoding`).
    ///
    /// # Examples
    ///
    /// ```
    /// use websocket_anywhere::{DataWriter, UnicodeEncoding};
    ///
    /// let mut writer = DataWriter::in_memory();
    /// writer.set_unicode_encoding(UnicodeEncoding::Utf16Be);
    /// writer.write_string("hi");
    /// assert_eq!(writer.detach_buffer(), "\0h\0i");
    /// ```
    pub const fn set_unicode_encoding(&mut self, unicode_encoding: UnicodeEncoding) {
        self.unicode_encoding = unicode_encoding;
    }

    /// The number of bytes that were written and not stored (UWP: `UnstoredBufferLength`).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_int64(-1);
    /// assert_eq!(writer.unstored_buffer_length(), 8);
    /// ```
    #[must_use]
    pub fn unstored_buffer_length(&self) -> usize {
        self.buffer.len()
    }

    /// Takes the bytes that were written and not stored; the buffer is empty afterwards (UWP: `DetachBuffer`).
    ///
    /// # Examples
    ///
    /// ```
    /// let mut writer = websocket_anywhere::DataWriter::in_memory();
    /// writer.write_boolean(true);
    /// assert_eq!(writer.detach_buffer(), &[1][..]);
    /// assert_eq!(writer.detach_buffer(), "");
    /// ```
    pub fn detach_buffer(&mut self) -> Bytes {
        self.buffer.split().freeze()
    }
}
