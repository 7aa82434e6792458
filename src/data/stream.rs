//! What a `DataReader` and a `DataWriter` need of the stream in them, and the ways to it.

use std::{
    fmt,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes, BytesMut};

use self::sealed::{Input, Output};
use crate::{
    backend::Sink,
    control::SocketMessageType,
    error::{Error, ErrorKind, Result},
    message::{MessageSender, MessageWebSocket, Payload},
    stream::{InputStream, OutputStream, StreamWebSocket},
};

/// A target of a [`DataWriter`](crate::DataWriter): [`MessageSender`] or [`OutputStream`], owned or borrowed (UWP:
/// `IOutputStream`).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{DataOutput, DataWriter, Error};
///
/// async fn greet(stream: impl DataOutput) -> Result<(), Error> {
///     let mut writer = DataWriter::new(stream);
///     writer.write_string("hello");
///     writer.store().await?;
///     writer.detach_stream();
///     Ok(())
/// }
/// ```
pub trait DataOutput: Output {}

/// A source of a [`DataReader`](crate::DataReader): [`InputStream`], owned or borrowed (UWP: `IInputStream`).
///
/// # Examples
///
/// ```
/// use websocket_anywhere::{DataInput, DataReader, Error};
///
/// async fn length(stream: impl DataInput) -> Result<u32, Error> {
///     let mut reader = DataReader::new(stream);
///     reader.load(4).await?;
///     let length = reader.read_uint32();
///     reader.detach_stream();
///     length
/// }
/// ```
pub trait DataInput: Input {}

impl DataOutput for MessageSender {}
impl DataOutput for OutputStream {}
impl<W: DataOutput> DataOutput for &mut W {}
impl DataInput for InputStream {}
impl<R: DataInput> DataInput for &mut R {}

impl MessageWebSocket {
    /// Borrows the sending half for a [`DataWriter`](crate::DataWriter), where one store sends one message (UWP:
    /// `MessageWebSocket.OutputStream`).
    ///
    /// To own it, use [`split`](Self::split).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut socket: websocket_anywhere::MessageWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// use websocket_anywhere::{DataWriter, SocketMessageType};
    ///
    /// socket.set_message_type(SocketMessageType::Utf8);
    /// let mut writer = DataWriter::new(socket.output_stream());
    /// writer.write_string("Hello, World!");
    /// writer.store().await?;
    /// writer.detach_stream();
    /// # Ok(())
    /// # }
    /// ```
    pub const fn output_stream(&mut self) -> &mut MessageSender {
        &mut self.sender
    }
}

impl StreamWebSocket {
    /// Borrows the receiving half for a [`DataReader`](crate::DataReader) (UWP: `StreamWebSocket.InputStream`).
    ///
    /// To own it, use [`split`](Self::split).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// let mut reader = websocket_anywhere::DataReader::new(stream.input_stream());
    /// reader.load(4).await?;
    /// println!("{}", reader.read_uint32()?);
    /// reader.detach_stream();
    /// # Ok(())
    /// # }
    /// ```
    pub const fn input_stream(&mut self) -> &mut InputStream {
        &mut self.input
    }

    /// Borrows the sending half for a [`DataWriter`](crate::DataWriter) (UWP: `StreamWebSocket.OutputStream`).
    ///
    /// To own it, use [`split`](Self::split).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(mut stream: websocket_anywhere::StreamWebSocket) -> Result<(), websocket_anywhere::Error> {
    /// let mut writer = websocket_anywhere::DataWriter::new(stream.output_stream());
    /// writer.write_uint32(4);
    /// writer.store().await?;
    /// writer.detach_stream();
    /// # Ok(())
    /// # }
    /// ```
    pub const fn output_stream(&mut self) -> &mut OutputStream {
        &mut self.output
    }
}

/// A stream until it is detached. If it never is, it is given up: a borrowed one is of no more use, an owned one goes.
pub(super) struct Attached<S> {
    /// Empty only after [`detach`](Self::detach).
    stream: Option<S>,
    give_up: fn(&mut S),
}

impl<S> Attached<S> {
    pub(super) const fn new(stream: S, give_up: fn(&mut S)) -> Self {
        Self { stream: Some(stream), give_up }
    }

    pub(super) const fn get(&self) -> &S {
        self.stream.as_ref().expect(ATTACHED)
    }

    pub(super) const fn get_mut(&mut self) -> &mut S {
        self.stream.as_mut().expect(ATTACHED)
    }

    /// The stream, to which nothing happens.
    pub(super) fn detach(mut self) -> S {
        self.stream.take().expect(ATTACHED)
    }
}

impl<S> Drop for Attached<S> {
    fn drop(&mut self) {
        if let Some(mut stream) = self.stream.take() {
            (self.give_up)(&mut stream);
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for Attached<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

mod sealed {
    //! What the traits do; nobody but this crate implements them.

    use std::task::{Context, Poll};

    use bytes::{Bytes, BytesMut};

    use crate::error::Result;

    pub trait Output {
        /// Sends `bytes`, and takes away what has been sent.
        fn poll_store(&mut self, cx: &mut Context<'_>, bytes: &mut BytesMut) -> Poll<Result<()>>;

        /// Waits until everything sent has been handed to the platform.
        fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>>;

        /// Makes every later use an error.
        fn give_up(&mut self);
    }

    pub trait Input {
        /// Waits for bytes and takes at most `limit`; no byte is the end of the stream.
        fn poll_load(&mut self, cx: &mut Context<'_>, limit: usize) -> Poll<Result<Bytes>>;

        /// Gives back what was loaded and not read.
        fn put_back(&mut self, bytes: Bytes);

        /// Makes every later use an error.
        fn give_up(&mut self);
    }
}

impl Output for MessageSender {
    /// One message of the current type, whole or not at all.
    fn poll_store(&mut self, cx: &mut Context<'_>, bytes: &mut BytesMut) -> Poll<Result<()>> {
        let payload = match self.message_type {
            SocketMessageType::Binary => Payload::Slice(bytes),
            SocketMessageType::Utf8 => Payload::Str(simdutf8::basic::from_utf8(bytes).map_err(|error| {
                let message = "the message type is Utf8, and the bytes are not UTF-8";
                Error::with_source(ErrorKind::InvalidText, message, error)
            })?),
        };
        let sink = self.whole_sink()?;
        ready!(sink.poll_ready(cx))?;
        sink.start(&payload)?;
        bytes.clear();
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.open_sink()?.poll_flush(cx)
    }

    fn give_up(&mut self) {
        self.shut();
    }
}

impl Output for OutputStream {
    fn poll_store(&mut self, cx: &mut Context<'_>, bytes: &mut BytesMut) -> Poll<Result<()>> {
        loop {
            let sent = ready!(self.poll_send(cx, bytes))?;
            bytes.advance(sent);
            if bytes.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.poll_handed_over(cx)
    }

    fn give_up(&mut self) {
        self.shut();
    }
}

impl Input for InputStream {
    fn poll_load(&mut self, cx: &mut Context<'_>, limit: usize) -> Poll<Result<Bytes>> {
        ready!(self.poll_fill(cx))?;
        Poll::Ready(Ok(self.take_unread(limit)))
    }

    fn put_back(&mut self, bytes: Bytes) {
        self.put_back(bytes);
    }

    fn give_up(&mut self) {
        self.shut();
    }
}

impl<W: Output> Output for &mut W {
    fn poll_store(&mut self, cx: &mut Context<'_>, bytes: &mut BytesMut) -> Poll<Result<()>> {
        (**self).poll_store(cx, bytes)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        (**self).poll_flush(cx)
    }

    fn give_up(&mut self) {
        (**self).give_up();
    }
}

impl<R: Input> Input for &mut R {
    fn poll_load(&mut self, cx: &mut Context<'_>, limit: usize) -> Poll<Result<Bytes>> {
        (**self).poll_load(cx, limit)
    }

    fn put_back(&mut self, bytes: Bytes) {
        (**self).put_back(bytes);
    }

    fn give_up(&mut self) {
        (**self).give_up();
    }
}

const ATTACHED: &str = "only detaching takes the stream, and then nobody has this any more";
